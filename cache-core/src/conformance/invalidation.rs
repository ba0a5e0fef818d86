//! Laws 2, 5 and 6 of `Backend`: what was invalidated stays invalidated.

use super::bench::Bench;
use super::desk::{Desk, named};
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

/// What keeps a store of this kind from handing out what was invalidated.
pub(super) fn versions(desk: &Desk) -> &'static str {
    if desk.backend.profile().shared {
        "keep with each entry the versions that its lease has seen: of its group, of its tags, of \
         everything. Whoever looks (`read`, `read_many`, `ttl`, `acquire`, `add`, `incr`) compares \
         them with those that are there now; one that is absent is equal to none. `invalidate` \
         deletes the version, or makes another at random"
    } else {
        "keep with each entry the stamp that its lease has seen, and ask `Key::admits` for it \
         whenever you look: in `read`, `read_many`, `ttl`, `acquire`, `add` and `incr`"
    }
}

const SEEN_FIRST: &str = "the value was computed before the invalidation: `acquire` puts what is in \
                          force into `Lease::seen`, before the body runs; `store` compares it with \
                          what is in force now, writes nothing if it is another, and answers \
                          `Moved`";

fn invalidating_what_was_never_kept_is_no_error(bench: &Bench) {
    let desk = bench.desk();
    let advice = "for `Scope::Entries`, answer how many entries there were: here none";
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
    let advice = versions(desk);
    same(&desk.read(key), &None, gone("read"), advice);
    same(
        &desk.read_many(&[key, key]),
        &vec![None, None],
        gone("read_many"),
        advice,
    );
    same(&desk.ttl(key), &Ttl::Absent, gone("ttl"), advice);
    let answer = desk.claim(key, false);
    require(
        !matches!(answer, Acquired::Fresh(_)),
        format_args!("`acquire` answered {} {why}", named(&answer)),
        advice,
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
    let advice = "an entry that was invalidated is no entry";
    same(
        &desk.add(&keys[0], 2),
        &true,
        "`add` over an invalidated entry",
        advice,
    );
    same(
        &desk.incr(&keys[1], 2),
        &2,
        "`incr` of an invalidated counter",
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
        format_args!(
            "`store` under a lease from before an invalidation answered {stored:?}, not Moved"
        ),
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
        versions(desk),
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
        "%",
        "*",
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
            "keep the keys of versions and leases apart from each other and from entries, and \
             take a name for a text, not for a pattern",
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
        format_args!(
            "`acquire` after an invalidation answered {}",
            named(&answer)
        ),
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
    let advice = "count the entries that `read` would have answered: absent, expired and \
                  invalidated ones are none";
    let count = desk.invalidate(&Scope::Entries(&scope));
    same(&count, &3, "a delete of 3 entries among 6 keys", advice);
    let count = desk.invalidate(&Scope::Entries(&scope));
    same(&count, &0, "the same delete again", advice);
}
