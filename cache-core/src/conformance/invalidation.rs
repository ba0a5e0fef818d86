//! Laws 2, 5 and 6 of `Backend`: what was invalidated stays invalidated.

use std::sync::Arc;

use super::bench::{Bench, together};
use super::desk::Desk;
use super::keyring::EntryKey;
use super::law::{laws, require, same};
use crate::backend::{Acquired, Scope, Stored};
use crate::freshness::Group;
use crate::timeout::Ttl;

laws! { Invalidation:
    Any invalidating_what_was_never_kept_is_no_error,
    Keeping an_invalidated_group_is_not_read_again,
    Keeping an_invalidated_group_leaves_its_neighbours,
    Keeping an_invalidated_group_does_not_store,
    Keeping an_invalidated_group_can_be_kept_again,
    Keeping a_group_may_have_any_name,
    Keeping an_invalidated_tag_is_not_read_again,
    Keeping an_invalidated_tag_does_not_store,
    Keeping everything_invalidated_is_not_read_again,
    Keeping everything_invalidated_does_not_store,
    Keeping a_lease_from_before_an_invalidation_is_free,
    Keeping what_another_process_invalidates_is_gone,
    Keeping a_delete_counts_the_entries_that_were_there,
    Keeping a_store_that_races_with_an_invalidation_loses,
    Keeping a_counter_that_races_with_an_invalidation_starts_again,
}

const VERSIONS: &str = "a store in one process asks `Key::admits` for the entry's stamp; a shared \
                        store keeps the versions of group, tags and everything beside each entry, \
                        compares them when it reads, and replaces them in `invalidate`";

const SEEN_FIRST: &str = "`acquire` puts what is in force into `Lease::seen` before it answers; \
                          `store` compares it with what is in force then, and answers `Moved`";

fn invalidating_what_was_never_kept_is_no_error(bench: &Bench) {
    let desk = bench.desk();
    let advice = "count the entries that were there, for `Scope::Entries`";
    let key = desk.manual("k");
    same(&desk.delete(&key), &0, "a delete of nothing", advice);
    desk.invalidate(&Scope::Entries(&[]));
    desk.invalidate_group("f");
    desk.invalidate_all();
}

/// An entry is gone by every way of looking.
#[track_caller]
fn require_absent(desk: &Desk, key: &EntryKey, why: &str) {
    let gone = |what| format!("`{what}` {why}");
    same(&desk.read(key), &None, gone("read"), VERSIONS);
    same(
        &desk.read_many(&[key, key]),
        &vec![None, None],
        gone("read_many"),
        VERSIONS,
    );
    same(&desk.ttl(key), &Ttl::Absent, gone("ttl"), VERSIONS);
    let answer = desk.claim(key, false);
    require(
        !matches!(answer, Acquired::Fresh(_)),
        format_args!("`acquire` answered {answer:?} {why}"),
        VERSIONS,
    );
}

fn an_invalidated_group_is_not_read_again(bench: &Bench) {
    let desk = bench.desk();
    let keys: Vec<_> = (0..5).map(|n| desk.keys.member("f", n)).collect();
    for key in &keys {
        desk.keep(key, 1);
    }
    desk.invalidate_group("f");
    for key in &keys {
        require_absent(&desk, key, "after its group was invalidated");
    }
    let advice = "an entry that is void is no entry";
    same(
        &desk.add(&keys[0], 2),
        &true,
        "`add` over a void entry",
        advice,
    );
    same(
        &desk.incr(&keys[1], 2),
        &2,
        "`incr` of a void counter",
        advice,
    );
}

fn an_invalidated_group_leaves_its_neighbours(bench: &Bench) {
    let desk = bench.desk();
    let others = [
        desk.keys.member("g", 0),
        desk.keys.member("ff", 0),
        desk.manual("f"),
        desk.manual("k"),
    ];
    for (key, value) in others.iter().zip(0..) {
        desk.keep(key, value);
    }
    desk.invalidate_group("f");
    for (key, value) in others.iter().zip(0..) {
        same(
            &desk.read(key),
            &Some(value),
            format_args!(
                "`read` of {:?} after the group `f` was invalidated",
                key.key()
            ),
            "invalidate the group's own version only; a manual key has no group",
        );
    }
}

fn an_invalidated_group_does_not_store(bench: &Bench) {
    let desk = bench.desk();
    let (key, other) = (desk.keys.member("f", 1), desk.keys.member("g", 1));
    let (lease, free) = (desk.lease(&key), desk.lease(&other));
    desk.invalidate_group("f");
    require_moved(&desk, &key, desk.store(&key, lease, 1));
    let advice = "the invalidation was another group's";
    same(
        &desk.store(&other, free, 1),
        &Stored::Kept,
        "`store`",
        advice,
    );
}

/// What was computed before an invalidation was refused.
#[track_caller]
fn require_moved(desk: &Desk, key: &EntryKey, stored: Stored) {
    require(
        matches!(stored, Stored::Moved | Stored::Lost),
        format_args!("`store` under a lease from before an invalidation answered {stored:?}"),
        SEEN_FIRST,
    );
    same(
        &desk.read(key),
        &None,
        "`read` after a late `store`",
        SEEN_FIRST,
    );
}

fn an_invalidated_group_can_be_kept_again(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.keys.member("f", 1);
    for value in 0..20 {
        desk.keep(&key, value);
        let advice = "what is stored after an invalidation is in force";
        same(&desk.read(&key), &Some(value), "`read`", advice);
        desk.invalidate_group("f");
        require_absent_after(&desk, &key);
    }
}

#[track_caller]
fn require_absent_after(desk: &Desk, key: &EntryKey) {
    same(
        &desk.read(key),
        &None,
        "`read` after an invalidation",
        VERSIONS,
    );
}

/// Names are the user's: none may be taken for a control key of the store.
fn a_group_may_have_any_name(bench: &Bench) {
    let desk = bench.desk();
    let witness = desk.keys.member("witness", 1);
    desk.keep(&witness, 7);
    for name in [
        "all",
        "v",
        "all:v",
        "lease",
        "tag:x",
        "Größe <u8>",
        "a b\nc",
        "",
    ] {
        let key = desk.keys.member(name, 1);
        desk.keep(&key, 1);
        desk.invalidate_group(name);
        require_absent_after(&desk, &key);
        same(
            &desk.read(&witness),
            &Some(7),
            format_args!("`read` of another group after the group {name:?} was invalidated"),
            "keep the keys of versions and leases apart from each other and from entries",
        );
    }
}

fn an_invalidated_tag_is_not_read_again(bench: &Bench) {
    let desk = bench.desk();
    let red = desk.keys.tagged("f", 1, &["red"]);
    let both = desk.keys.tagged("g", 1, &["blue", "red"]);
    let blue = desk.keys.tagged("f", 2, &["blue"]);
    let none = desk.keys.member("red", 3);
    let all = [&red, &both, &blue, &none];
    for round in 0..3 {
        for key in all {
            desk.delete(key);
            desk.keep(key, round);
        }
        desk.invalidate_tag("red");
        require_absent_after(&desk, &red);
        require_absent_after(&desk, &both);
        for key in [&blue, &none] {
            let what = "`read` of what does not have the tag that was invalidated";
            same(&desk.read(key), &Some(round), what, VERSIONS);
        }
        desk.invalidate_tag("a tag that nobody has");
        desk.invalidate_tag("blue");
        require_absent_after(&desk, &blue);
        same(
            &desk.read(&none),
            &Some(round),
            "`read` of what has no tags",
            VERSIONS,
        );
    }
}

fn an_invalidated_tag_does_not_store(bench: &Bench) {
    let desk = bench.desk();
    for tags in [&["red"][..], &["blue", "red"], &["red", "violet"]] {
        let key = desk.keys.tagged("f", 1, tags);
        let lease = desk.lease(&key);
        desk.invalidate_tag("red");
        require_moved(&desk, &key, desk.store(&key, lease, 1));
        desk.keep(&key, 2);
        desk.delete(&key);
    }
}

fn everything_invalidated_is_not_read_again(bench: &Bench) {
    let desk = bench.desk();
    let keys = [
        desk.keys.member("f", 1),
        desk.keys.member("g", 1),
        desk.manual("k"),
    ];
    for key in &keys {
        desk.keep(key, 1);
    }
    desk.invalidate_all();
    for key in &keys {
        require_absent(&desk, key, "after everything was invalidated");
    }
}

fn everything_invalidated_does_not_store(bench: &Bench) {
    let desk = bench.desk();
    for key in [desk.keys.member("f", 1), desk.manual("k")] {
        let lease = desk.lease(&key);
        desk.invalidate_all();
        require_moved(&desk, &key, desk.store(&key, lease, 1));
        desk.keep(&key, 2);
    }
}

fn a_lease_from_before_an_invalidation_is_free(bench: &Bench) {
    let desk = bench.desk();
    let key = desk.keys.member("f", 1);
    desk.lease(&key);
    desk.invalidate_group("f");
    let answer = desk.claim(&key, false);
    require(
        matches!(answer, Acquired::Granted(_)),
        format_args!("`acquire` after an invalidation answered {answer:?}"),
        "a lease that can no longer store keeps nobody waiting: grant a new one over it",
    );
}

fn what_another_process_invalidates_is_gone(bench: &Bench) {
    let desk = bench.desk();
    let Some(elsewhere) = desk.elsewhere() else {
        return;
    };
    let (member, manual) = (desk.keys.tagged("f", 1, &["t"]), desk.manual("k"));
    let invalidations: [&dyn Fn(); 3] = [
        &|| elsewhere.invalidate_group("f"),
        &|| elsewhere.invalidate_tag("t"),
        &|| elsewhere.invalidate_all(),
    ];
    for invalidate in invalidations {
        desk.keep(&member, 1);
        let waiting = desk.keys.tagged("f", 2, &["t"]);
        let lease = desk.lease(&waiting);
        invalidate();
        require_absent(&desk, &member, "after another process invalidated it");
        require_moved(&desk, &waiting, desk.store(&waiting, lease, 1));
        desk.delete(&member);
    }
    desk.keep(&manual, 1);
    elsewhere.invalidate_all();
    require_absent(
        &desk,
        &manual,
        "after another process invalidated everything",
    );
}

fn a_delete_counts_the_entries_that_were_there(bench: &Bench) {
    let desk = bench.desk();
    let keys: Vec<_> = (0..5).map(|n| desk.manual(&format!("k{n}"))).collect();
    let gone = desk.keys.member("f", 1);
    desk.keep(&gone, 1);
    desk.invalidate_group("f");
    for key in &keys[1..4] {
        desk.keep(key, 1);
    }
    let mut scope: Vec<_> = keys.iter().map(EntryKey::key).collect();
    scope.push(gone.key());
    let advice = "count entries that were in force: absent, expired and void ones are none";
    let count = desk.invalidate(&Scope::Entries(&scope));
    same(&count, &3, "a delete of 3 entries among 6 keys", advice);
    let count = desk.invalidate(&Scope::Entries(&scope));
    same(&count, &0, "the same delete again", advice);
}

/// A way to invalidate an entry of the group `f`.
type Invalidate = fn(&Desk, &EntryKey, &Arc<Group>);

const INVALIDATIONS: [(&str, Invalidate); 4] = [
    ("a delete", |desk, key, _| {
        desk.delete(key);
    }),
    ("an invalidation of the group", |desk, _, group| {
        desk.invalidate(&desk.keys.group_scope(group));
    }),
    ("an invalidation of a tag", |desk, _, _| {
        desk.invalidate_tag("t")
    }),
    ("an invalidation of everything", |desk, _, _| {
        desk.invalidate_all()
    }),
];

/// A value that was computed before the invalidation began: whichever comes first, it is gone.
fn a_store_that_races_with_an_invalidation_loses(bench: &Bench) {
    let desk = bench.desk();
    let (key, group) = (desk.keys.tagged("f", 1, &["t"]), desk.keys.group("f"));
    for (what, invalidate) in INVALIDATIONS {
        for round in 0..bench.rounds() {
            let lease = desk.lease(&key);
            together(2, |side| match side {
                0 => {
                    desk.store(&key, lease, 1);
                }
                _ => invalidate(&desk, &key, &group),
            });
            same(
                &desk.read(&key),
                &None,
                format_args!("`read` after {what} raced with a `store`, in round {round},"),
                "\"may I store?\" and the write are one step for every invalidation, or the entry \
                 carries the stamp or versions of its lease, which no longer hold",
            );
        }
    }
}

/// A sum goes on from what was there before an invalidation only if it came before it.
fn a_counter_that_races_with_an_invalidation_starts_again(bench: &Bench) {
    const BEFORE: i64 = 1_000_000;
    const CALLS: i64 = 50;
    let desk = bench.desk();
    let (key, group) = (desk.keys.tagged("f", 1, &["t"]), desk.keys.group("f"));
    for (what, invalidate) in INVALIDATIONS {
        for round in 0..bench.rounds() {
            desk.write(&key, BEFORE, None);
            together(2, |side| match side {
                0 => (0..CALLS).for_each(|_| {
                    desk.incr(&key, 1);
                }),
                _ => invalidate(&desk, &key, &group),
            });
            let sum = desk.read(&key).unwrap_or_default();
            require(
                sum <= CALLS,
                format_args!("a counter read {sum} after {what} of {BEFORE}, in round {round}"),
                "in `incr`, take the stamp or the versions before you read the sum, and write \
                 the new sum under them",
            );
        }
    }
}
