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
/// [`MAX_SHARDS`]: each has a policy of its own, which knows more of many entries than of few.
const ENTRIES_A_SHARD: u64 = 256;
const BYTES_AN_ENTRY: u64 = 256;
const MAX_SHARDS: u64 = 64;

impl Limits {
    /// A power of two.
    fn shards(self) -> u64 {
        let entries = self.entries.min(self.bytes / BYTES_AN_ENTRY);
        let shards = (entries / ENTRIES_A_SHARD).clamp(1, MAX_SHARDS);
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
            self.remove(id).into_iter().for_each(|slot| out.push(slot));
            return false;
        }
        let at = self.place(id);
        let mut shard = self.write(at);
        let replaced = shard.insert(id, slot);
        self.count_in(weight, replaced.as_ref());
        self.trim(&mut shard, id, out);
        shard.settle();
        drop(shard);
        replaced.into_iter().for_each(|slot| out.push(slot));
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

    /// Longer while there is room: then nothing is evicted.
    #[inline]
    fn patience(&self) -> u64 {
        let has_room = self.len() < self.limits.entries && !self.weighs();
        if has_room { 64 } else { 2 }
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
