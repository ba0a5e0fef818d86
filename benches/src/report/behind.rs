//! Where larder is not first among those with a bound and a timeout: by how much, and why.

use super::grid::{best_peer, ours};
use crate::table::Table;
use std::fmt::Write;

/// Why, by table.
const WHY: &[(&str, &str)] = &[
    (
        "hit-u64",
        "what a function remembers are copies in a table that the processor must fetch; a peer's entry is smaller",
    ),
    (
        "hit-string",
        "a text is checked to be UTF-8 on its way out, because nothing here is `unsafe`",
    ),
    (
        "hit-bytes",
        "the value stands behind a handle, so that one store serves all types: a line of memory more than in a peer's table",
    ),
    (
        "hit-arc",
        "between its cell and the value's count, a hit compares a term and three counts of what was invalidated, and borrows the \
         handle in a slot of its thread: so much that the processor does not begin with the next call meanwhile, as it does in a \
         short loop over a peer",
    ),
    (
        "evict",
        "a hit of a full store goes to it once in eight times, so that it learns what is in use; and see the misses",
    ),
    (
        "async-hit",
        "the first calls after an idle time fetch what a function remembers",
    ),
    (
        "miss",
        "a miss takes a place in the flight table, asks the store again, takes a lease, computes, compares the lease and the \
         moments of invalidation, and stores under a lock: that is the guarantee. Peers insert into a table",
    ),
    (
        "crowd",
        "each follower has a seat of his own, so that who comes too late for a proof goes on to the next flight",
    ),
    (
        "memory",
        "a value stands behind a handle, 24 bytes, so that one store serves all types",
    ),
    (
        "instructions",
        "a hit compares the key, its term and the three counts that say whether anything was invalidated, and counts itself by \
         function; what a peer spends in locks is not counted here",
    ),
    (
        "redis-down",
        "larder runs the body and counts the call; `cached` answers an error",
    ),
    (
        "build",
        "`memoize` is one file, and moka has no attribute; larder is built beside `syn`, and takes longer",
    ),
    (
        "tree",
        "moka has no attribute, `memoize` no clock and no log of its own",
    ),
    (
        "redis-latency",
        "a hit compares three keys, the entry's, its group's and everything's; `cached` reads one and validates nothing. The \
         answer passes from the store's thread to the caller's",
    ),
    (
        "redis-throughput",
        "a hit compares three keys, and the server sends three; `cached` reads one and validates nothing. Where callers do not lend \
         their sockets, a thread of the store takes turns with them and the server: three on two cores",
    ),
    (
        "redis-miss",
        "a miss reads, takes a lease by a script, computes, and stores by a script (beside its caller); `cached` reads and \
         writes, and keeps what was computed before a deletion",
    ),
    (
        "functions-time",
        "three more functions stand beside each, to delete its entry, to delete all, and for the entry's handle: half of the time is \
         to check their types",
    ),
    (
        "functions-bytes",
        "how a hit is found stands in each function, for a quarter of its time; an async one holds what goes on beside its body",
    ),
];

/// What stands below such a table.
pub(super) fn told(table: &Table) -> Option<String> {
    let mut columns = String::new();
    for (at, column) in table.columns.iter().enumerate() {
        let (ours, peer) = (ours(table, at), best_peer(table, at));
        let (Some(ours), Some(peer)) = (ours, peer) else {
            continue;
        };
        let times = if table.more_is_better {
            peer / ours
        } else {
            ours / peer
        };
        if times > 1.005 {
            let comma = if columns.is_empty() { "" } else { "; " };
            let _ = write!(columns, "{comma}{column}: {times:.2} times");
        }
    }
    let why = WHY.iter().find(|(id, _)| *id == table.id);
    let why = why.map_or_else(String::new, |(_, why)| format!(" Why: {why}."));
    (!columns.is_empty())
        .then(|| format!("Not first (behind the best with a bound and a timeout): {columns}.{why}"))
}
