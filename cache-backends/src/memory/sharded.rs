//! The table of a [`Memory`](super::Memory) store: shards, and the bound for all of them together.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::shard::Shard;
use crate::table::{Leftovers, Slot, Table, View};

/// What a store keeps at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) entries: u64,
    pub(super) bytes: u64,
}

/// A bounded table in shards, each under a lock of its own.
///
/// The bound holds for all shards together, so that none is full while others have room.
pub struct Sharded {
    shards: Box<[RwLock<Shard>]>,
    limits: Limits,
    entries: AtomicU64,
    bytes: AtomicU64,
}

/// One shard for so many entries, or for as many bytes as they may have, and no more shards than
/// [`ENOUGH_SHARDS`]: each has a policy of its own, which knows more of many entries than of few.
const ENTRIES_A_SHARD: u64 = 256;
const BYTES_AN_ENTRY: u64 = 256;
const ENOUGH_SHARDS: u64 = 64;

/// More of them only where one would have more entries than its index finds quickly.
const MOST_A_SHARD: u64 = 1 << 14;
const MAX_SHARDS: u64 = 4_096;

impl Limits {
    /// A power of two.
    fn shards(self) -> u64 {
        let entries = self.entries.min(self.bytes / BYTES_AN_ENTRY);
        let shards = (entries / ENTRIES_A_SHARD).clamp(1, ENOUGH_SHARDS);
        let shards = shards.max(entries / MOST_A_SHARD).min(MAX_SHARDS);
        1 << shards.ilog2()
    }
}

impl Sharded {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            shards: (0..limits.shards()).map(|_| RwLock::default()).collect(),
            limits,
            entries: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// The number of entries.
    pub(super) fn len(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// The shard of a key, by bits that the shard itself does not use.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // high bits of a hash
    fn place(&self, id: u128) -> usize {
        // Their number is a power of two: a mask instead of a division.
        (id >> 96) as usize & (self.shards.len() - 1)
    }

    #[inline]
    fn read(&self, at: usize) -> RwLockReadGuard<'_, Shard> {
        let shard = self.shards[at].read();
        shard.unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, at: usize) -> RwLockWriteGuard<'_, Shard> {
        let shard = self.shards[at].write();
        shard.unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.len() > self.limits.entries || self.bytes.load(Ordering::Relaxed) > self.limits.bytes
    }

    /// Counts an entry that came, in place of another or not.
    fn count_in(&self, weight: u64, replaced: Option<&Slot>) {
        if let Some(slot) = replaced {
            self.lighten(slot.weight);
        } else {
            self.entries.fetch_add(1, Ordering::Relaxed);
        }
        if weight > 0 {
            self.bytes.fetch_add(weight, Ordering::Relaxed);
        }
    }

    fn count_out(&self, slot: &Slot) {
        self.entries.fetch_sub(1, Ordering::Relaxed);
        self.lighten(slot.weight);
    }

    fn lighten(&self, weight: u64) {
        if weight > 0 {
            self.bytes.fetch_sub(weight, Ordering::Relaxed);
        }
    }

    /// Evicts from a shard until the bound holds, or until it has nothing to give.
    fn trim(&self, shard: &mut Shard, newest: u128, out: &mut Leftovers) {
        while self.is_over() {
            let Some(evicted) = shard.evict(newest) else {
                return;
            };
            self.count_out(&evicted);
            out.push(evicted);
        }
    }
}

impl Table for Sharded {
    fn weighs(&self) -> bool {
        self.limits.bytes != u64::MAX
    }

    #[inline]
    fn look<R>(&self, id: u128, look: impl FnOnce(View<'_>) -> R) -> Option<R> {
        self.read(self.place(id)).get(id).map(look)
    }

    fn insert(&self, id: u128, slot: Slot, out: &mut Leftovers) -> bool {
        let weight = slot.weight;
        if weight > self.limits.bytes {
            out.push(slot);
            if let Some(slot) = self.remove(id) {
                out.push(slot);
            }
            return false;
        }
        let at = self.place(id);
        let mut shard = self.write(at);
        let replaced = shard.insert(id, slot);
        self.count_in(weight, replaced.as_ref());
        if self.is_over() {
            self.trim(&mut shard, id, out);
        } else {
            shard.settle();
        }
        drop(shard);
        if let Some(slot) = replaced {
            out.push(slot);
        }
        // The shard that grew may have had nothing else to give.
        for step in 1..self.shards.len() {
            if !self.is_over() {
                break;
            }
            let other = (at + step) % self.shards.len();
            self.trim(&mut self.write(other), id, out);
        }
        true
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.weighs() || self.len() >= self.limits.entries
    }

    fn remove(&self, id: u128) -> Option<Slot> {
        let removed = self.write(self.place(id)).remove(id)?;
        self.count_out(&removed);
        Some(removed)
    }
}

impl fmt::Debug for Sharded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Memory");
        if self.limits.entries != u64::MAX {
            debug.field("max_entries", &self.limits.entries);
        }
        if self.weighs() {
            debug.field("max_bytes", &self.limits.bytes);
        }
        debug.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, Sharded};
    use crate::memory::sample::{Random, id, number, slot};
    use crate::table::{Leftovers, Slot, Table};
    use std::collections::HashMap;
    use std::thread;

    fn sharded(entries: u64, bytes: u64) -> Sharded {
        Sharded::new(Limits { entries, bytes })
    }

    fn put(store: &Sharded, key: u64, weight: u64) -> bool {
        let slot = Slot {
            weight,
            ..slot(key)
        };
        store.insert(id(key), slot, &mut Leftovers::default())
    }

    fn held(store: &Sharded, keys: u64) -> Vec<u64> {
        let is_held = |key: &u64| store.look(id(*key), number).is_some();
        (0..keys).filter(is_held).collect()
    }

    #[test]
    fn what_is_not_full_holds_everything_and_what_is_full_is_full() {
        for size in [1, 2, 3, 10, 100, 1_000, 20_000] {
            let store = sharded(size, u64::MAX);
            (0..size).for_each(|key| assert!(put(&store, key, 0)));
            assert_eq!(held(&store, size).len() as u64, size);
            for key in size..size * 3 {
                put(&store, key, 0);
                assert_eq!(store.len(), size);
                assert!(store.look(id(key), |_| ()).is_some(), "the newest");
            }
            assert_eq!(held(&store, size * 3).len() as u64, size);
        }
    }

    #[test]
    fn keys_that_share_a_shard_fill_the_whole_store() {
        let store = sharded(1_000, u64::MAX);
        assert!(store.shards.len() > 1);
        let low = |key: u64| id(key) << 40 >> 40;
        for key in 0..1_000 {
            store.insert(low(key), slot(key), &mut Leftovers::default());
        }
        assert!((0..1_000).all(|key| store.look(low(key), |_| ()).is_some()));
    }

    #[test]
    fn both_bounds_hold_together() {
        for (entries, bytes) in [(50, 5_000), (5_000, 100_000), (u64::MAX, 400_000)] {
            let (store, mut random) = (sharded(entries, bytes), Random(bytes));
            let mut weights = HashMap::new();
            for _ in 0..20_000 {
                let (key, weight) = (random.below(8_000), 1 + random.below(300));
                assert!(put(&store, key, weight));
                weights.insert(key, weight);
            }
            let held = held(&store, 8_000);
            let weight: u64 = held.iter().map(|key| weights[key]).sum();
            assert_eq!(store.bytes.load(super::Ordering::Relaxed), weight);
            assert_eq!(store.len(), held.len() as u64);
            assert!(weight <= bytes && store.len() <= entries);
            let is_full = store.len() == entries || weight + 1_000 > bytes;
            assert!(is_full, "{weight} of {bytes} bytes");
        }
    }

    #[test]
    fn what_is_too_heavy_is_refused_and_leaves_nothing_older() {
        let store = sharded(u64::MAX, 100);
        assert!(put(&store, 1, 60));
        assert!(put(&store, 1, 100), "in place of itself");
        assert!(!put(&store, 1, 101));
        assert_eq!(store.len(), 0);
        assert!(put(&store, 2, 60) && put(&store, 3, 60));
        assert_eq!(held(&store, 4), [3]);
        store.remove(id(3)).unwrap();
        assert_eq!(store.bytes.load(super::Ordering::Relaxed), 0);
    }

    #[test]
    fn threads_side_by_side_leave_it_full_and_no_fuller() {
        let store = sharded(2_000, u64::MAX);
        thread::scope(|scope| {
            for seed in 0..4 {
                let store = &store;
                scope.spawn(move || {
                    let mut random = Random(seed);
                    for _ in 0..20_000 {
                        let key = random.below(5_000);
                        if store.look(id(key), number).is_none() {
                            put(store, key, 0);
                        }
                    }
                });
            }
        });
        let held = held(&store, 5_000).len() as u64;
        assert_eq!(store.len(), held);
        assert!((1_990..=2_000).contains(&held), "{held} are left");
    }
}
