//! Law 6 of `Backend` under fire: an invalidation that races with a write is never lost.

use std::sync::Arc;

use super::bench::{Bench, together};
use super::desk::Desk;
use super::keyring::EntryKey;
use super::law::laws;
use super::verdict::{require, same};
use crate::freshness::Group;

laws! { Invalidation:
    Keeping a_store_that_races_with_an_invalidation_loses,
    Keeping a_counter_that_races_with_an_invalidation_starts_again,
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
        desk.invalidate_tag("t");
    }),
    ("an invalidation of everything", |desk, _, _| {
        desk.invalidate_all();
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
                "the value was computed before: compare and write in one step, which nothing that \
                 invalidates can come between; or write with the entry the stamp or the versions \
                 of its lease, and compare them at every look",
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
                format_args!(
                    "a counter of {BEFORE} met {what} while it was counted up {CALLS} times: \
                     afterwards it reads {sum}, where it can be {CALLS} at most (round {round})"
                ),
                "in `incr`, read, add and write in one step; or take the stamp or the versions \
                 before you read the sum, and write the new one under them",
            );
        }
    }
}
