//! The default store: bounded, in process, values as they are.

mod shard;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use larder_core::clock::Clock;
use larder_core::error::{Error, ErrorKind, Result};

use crate::in_process::InProcess;
use crate::table::{Leftovers, Slot, Table};
use shard::Shard;

/// The default store: bounded by entries or bytes, in this process, values as they are.
///
/// A hit is a look-up and a `Clone`: nothing is encoded. When it is full, it drops what was not
/// used lately (CLOCK with a two-bit count, after Corbató, *A Paging Experiment with the Multics
/// System*, 1968); what was only ever written goes first. Timeouts are an entry's own, by a coarse
/// clock that costs no system call.
pub type Memory = InProcess<Sharded>;

impl Memory {
    /// Makes a store for so many entries; at least one.
    pub fn new(max_entries: u64) -> Self {
        let limits = Limits {
            entries: max_entries.max(1),
            bytes: u64::MAX,
        };
        Self::over(Sharded::new(limits), Clock::coarse())
    }

    /// Configures a store.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The number of entries, those that expired or were invalidated and have not been dropped yet
    /// included.
    pub fn len(&self) -> u64 {
        self.table().entries.load(Ordering::Relaxed)
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Configures a [`Memory`] store.
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    max_entries: Option<u64>,
    max_bytes: Option<u64>,
    clock: Clock,
}

impl Builder {
    /// Keeps at most so many entries. 10 000 if no limit is set.
    pub fn max_entries(mut self, max: u64) -> Self {
        self.max_entries = Some(max);
        self
    }

    /// Keeps at most so many bytes: of the values as a shared store would hold them, or of a
    /// `local` value itself without what it points to; and 128 for each entry. Then every value is encoded once when it is
    /// stored, to be weighed.
    pub fn max_bytes(mut self, max: u64) -> Self {
        self.max_bytes = Some(max);
        self
    }

    /// Reads another clock: a [manual](Clock::manual) one, in tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the limits and makes the store.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if a limit is zero.
    pub fn build(self) -> Result<Memory> {
        if self.max_entries == Some(0) || self.max_bytes == Some(0) {
            let what = "a Memory store with room for nothing: use `Null` to keep nothing";
            return Err(Error::new(ErrorKind::Config, what));
        }
        let unbounded = self.max_bytes.map_or(DEFAULT_ENTRIES, |_| u64::MAX);
        let limits = Limits {
            entries: self.max_entries.unwrap_or(unbounded),
            bytes: self.max_bytes.unwrap_or(u64::MAX),
        };
        Ok(Memory::over(Sharded::new(limits), self.clock))
    }
}

/// How much a store keeps where nobody says it.
pub const DEFAULT_ENTRIES: u64 = 10_000;

#[derive(Clone, Copy, Debug)]
struct Limits {
    entries: u64,
    bytes: u64,
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

/// One shard for so many entries, and no more shards than [`MAX_SHARDS`].
const ENTRIES_A_SHARD: u64 = 128;
const MAX_SHARDS: u64 = 64;

impl Sharded {
    fn new(limits: Limits) -> Self {
        let shards = (limits.entries / ENTRIES_A_SHARD).clamp(1, MAX_SHARDS);
        let shards = 1 << shards.ilog2();
        Self {
            shards: (0..shards).map(|_| RwLock::default()).collect(),
            limits,
            entries: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// The shard of a key, by bits that the shard's own table does not use first.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // high bits of a hash
    fn place(&self, id: u128) -> usize {
        // Their number is a power of two: a mask instead of a division.
        (id >> 96) as usize & (self.shards.len() - 1)
    }

    fn read(&self, at: usize) -> RwLockReadGuard<'_, Shard> {
        let shard = self.shards[at].read();
        shard.unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, at: usize) -> RwLockWriteGuard<'_, Shard> {
        let shard = self.shards[at].write();
        shard.unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.entries.load(Ordering::Relaxed) > self.limits.entries
            || self.bytes.load(Ordering::Relaxed) > self.limits.bytes
    }

    fn count_in(&self, slot: &Slot) {
        self.entries.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(slot.weight, Ordering::Relaxed);
    }

    fn count_out(&self, slot: &Slot) {
        self.entries.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(slot.weight, Ordering::Relaxed);
    }

    /// Drops entries until the bound holds: from the shard that grew, then from the others.
    fn trim(&self, grown: usize, newest: u128, out: &mut Leftovers) {
        for step in 0..self.shards.len() {
            let at = (grown + step) % self.shards.len();
            while self.is_over() {
                let evicted = self.write(at).evict(newest);
                let Some(evicted) = evicted else { break };
                self.count_out(&evicted);
                out.push(evicted);
            }
        }
    }
}

impl Table for Sharded {
    fn weighs(&self) -> bool {
        self.limits.bytes != u64::MAX
    }

    #[inline]
    fn look<R>(&self, id: u128, look: impl FnOnce(&Slot) -> R) -> Option<R> {
        self.read(self.place(id)).get(id).map(look)
    }

    fn insert(&self, id: u128, slot: Slot, out: &mut Leftovers) -> bool {
        if slot.weight > self.limits.bytes {
            let replaced = self.remove(id);
            [Some(slot), replaced]
                .into_iter()
                .flatten()
                .for_each(|slot| out.push(slot));
            return false;
        }
        let at = self.place(id);
        self.count_in(&slot);
        let replaced = self.write(at).insert(id, slot);
        if let Some(replaced) = replaced {
            self.count_out(&replaced);
            out.push(replaced);
        }
        if self.is_over() {
            self.trim(at, id, out);
        }
        true
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.weighs() || self.entries.load(Ordering::Relaxed) >= self.limits.entries
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
