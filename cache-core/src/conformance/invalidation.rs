//! Laws 2, 5 and 6 of `Backend`: what was invalidated stays invalidated.

use super::bench::Bench;
use super::desk::Desk;
use super::keyring::EntryKey;
use super::law::laws;
use super::verdict::{require, same};
use crate::backend::{Acquired, Scope, Stored};
use crate::timeout::Ttl;

laws! { Invalidation:
    Any invalidating_what_was_never_kept_is_no_error,
    Keeping an_invalidated_group_is_not_read_again,
    Keeping an_invalidated_group_leaves_its_neighbours,
    Keeping an_invalidated_group_does_not_store,
    Keeping an_invalidated_group_can_be_kept_again,
    Keeping a_group_may_have_any_name,
    Keeping everything_invalidated_is_not_read_again,
    Keeping everything_invalidated_does_not_store,
    Keeping a_lease_from_before_an_invalidation_is_free,
    Keeping what_another_process_invalidates_is_gone,
    Keeping a_delete_counts_the_entries_that_were_there,
}

pub(super) const VERSIONS: &str = "a store in one process asks `Key::admits` for the entry's stamp; a shared \
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
pub(super) fn require_moved(desk: &Desk, key: &EntryKey, stored: Stored) {
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
pub(super) fn require_absent_after(desk: &Desk, key: &EntryKey) {
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
    let witness = desk.keys.tagged("witness", 1, &["x"]);
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
