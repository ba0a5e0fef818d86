//! The default store: bounded, in process, values as they are.

mod cells;
mod ghost;
mod head;
mod index;
#[cfg(test)]
mod sample;
mod shard;
mod sharded;
mod slab;

use larder_core::clock::Clock;
use larder_core::error::{Error, ErrorKind, Result};

use crate::in_process::InProcess;
use sharded::Limits;

pub use sharded::Sharded;

/// The default store: bounded by entries or bytes, in this process, values as they are.
///
/// A hit is a look-up and a `Clone`: nothing is encoded. An entry takes some fifty bytes beside its
/// value.
///
/// When it is full, it drops what is not in use, by S3-FIFO (Yang and others, *FIFO Queues are All
/// You Need for Cache Eviction*, 2023): what was not used soon after it was stored goes first,
/// unless it was wanted again soon after it went. So a scan does not wash out what is in use, and a
/// loop that is larger than the store still has hits. While there is room, nothing is dropped.
///
/// Timeouts are an entry's own, by a coarse clock that costs no system call.
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
        self.table().len()
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
    /// `local` value itself without what it points to; and 128 for each entry. Then every value is
    /// encoded once when it is stored, to be weighed, and no function holds a value that is not small
    /// beside the store: its hits take some 40 ns more, and what is evicted is dropped at once. (Without
    /// a limit of bytes, within two seconds.)
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
