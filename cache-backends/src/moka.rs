//! The moka crate as a store.

use std::fmt;
use std::time::Duration;

use larder_core::clock::Clock;
use moka::sync::Cache;

use crate::in_process::InProcess;
use crate::table::{Leftovers, NEVER, Slot, Table, View};

/// A store in this process on top of [moka]: W-TinyLFU admission, which keeps what is asked for
/// often even when much else passes through.
///
/// The freshness protocol is larder's: moka's own `get_with` and `invalidate` lose invalidations
/// that happen during a computation, and are not used.
pub type Moka = InProcess<MokaTable>;

impl Moka {
    /// Makes a store for so many entries.
    pub fn new(max_entries: u64) -> Self {
        Self::with_clock(max_entries, Clock::coarse())
    }

    /// Makes a store for so many entries that reads another clock: a
    /// [manual](Clock::manual) one, in tests.
    pub fn with_clock(max_entries: u64, clock: Clock) -> Self {
        let table = MokaTable {
            cache: Cache::builder()
                .max_capacity(max_entries)
                .expire_after(Expiry(clock.clone()))
                .build(),
            max_entries,
        };
        Self::over(table, clock)
    }
}

/// A moka cache as a table.
pub struct MokaTable {
    cache: Cache<u128, Slot>,
    max_entries: u64,
}

impl Table for MokaTable {
    fn weighs(&self) -> bool {
        false
    }

    fn look<R>(&self, id: u128, look: impl FnOnce(View<'_>) -> R) -> Option<R> {
        self.cache.get(&id).map(|slot| look(slot.view()))
    }

    /// moka drops what it evicts by itself, on the thread that happens to insert: a value whose
    /// `Drop` calls the same cache belongs into [`Memory`](crate::memory::Memory).
    fn insert(&self, id: u128, slot: Slot, _: &mut Leftovers) -> bool {
        self.cache.insert(id, slot);
        true
    }

    /// moka keeps an account of uses from the beginning.
    fn is_full(&self) -> bool {
        true
    }

    fn remove(&self, id: u128) -> Option<Slot> {
        self.cache.remove(&id)
    }
}

impl fmt::Debug for MokaTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Moka")
            .field("max_entries", &self.max_entries)
            .finish_non_exhaustive()
    }
}

/// Lets moka drop what has expired. Whether an entry is served, its own moment decides.
struct Expiry(Clock);

impl Expiry {
    fn left(&self, slot: &Slot) -> Option<Duration> {
        let left = slot.expires.saturating_sub(self.0.now());
        // moka counts real time, which says nothing about a clock that a test moves.
        (slot.expires != NEVER && !self.0.is_manual())
            .then(|| Duration::from_millis(left).min(LONGEST))
    }
}

/// moka counts nanoseconds; this is far enough.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 100);

impl moka::Expiry<u128, Slot> for Expiry {
    fn expire_after_create(
        &self,
        _: &u128,
        slot: &Slot,
        _: std::time::Instant,
    ) -> Option<Duration> {
        self.left(slot)
    }

    fn expire_after_update(
        &self,
        _: &u128,
        slot: &Slot,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        self.left(slot)
    }
}
