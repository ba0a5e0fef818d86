//! When something started, and from when on that still counts.

use crate::sync::atomic::{AtomicU64, Ordering};

/// The moment at which a computation started, in the order of one cache's invalidations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub(crate) u64);

impl Stamp {
    /// The stamp as a number, for a store that packs it.
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// The stamp that [`to_bits`](Stamp::to_bits) came from.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

/// The earliest stamp that is still in force.
pub(crate) struct Floor(AtomicU64);

impl Floor {
    pub(crate) fn new() -> Self {
        Self::at(0)
    }

    pub(crate) fn at(floor: u64) -> Self {
        Self(AtomicU64::new(floor))
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    #[inline]
    pub(crate) fn admits(&self, stamp: Stamp) -> bool {
        stamp.0 >= self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn raise(&self, to: u64) {
        self.0.fetch_max(to, Ordering::SeqCst);
    }
}
