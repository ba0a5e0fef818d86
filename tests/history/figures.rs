//! How much a history is worth.

use std::fmt;

use super::record::{End, Kind, Record};

/// What happened in a run, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    pub(crate) processes: u64,
    pub(crate) calls: u64,
    pub(crate) computations: u64,
    pub(crate) acknowledged: u64,
    pub(crate) unacknowledged: u64,
    pub(crate) errors: u64,
    pub(crate) dropped: u64,
    /// Calls that joined a computation of their process that ran without the store, and so got what
    /// somebody else had invalidated. Documented.
    pub(crate) degraded: u64,
    /// Calls that got what an invalidation covers which was acknowledged just before its server
    /// was lost. Documented.
    pub(crate) lost: u64,
    /// Computations of a key at a time when there was another one, where that is not forbidden.
    pub(crate) overlaps: u64,
    pub(crate) seconds: f64,
}

impl Figures {
    pub(super) fn see(&mut self, record: &Record) {
        match record.kind {
            Kind::Called(End::Error, _) => self.errors += 1,
            Kind::Called(End::Dropped, _) => self.dropped += 1,
            Kind::Call(_) => self.calls += 1,
            Kind::Compute(..) => self.computations += 1,
            Kind::Invalidated(true) => self.acknowledged += 1,
            Kind::Invalidated(false) => self.unacknowledged += 1,
            Kind::Called(..) | Kind::Computed(_) | Kind::Invalidate(..) => {}
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.1} s, {} processes: {} calls ({} failed, {} given up), {} computations ({} beside \
             another), {} invalidations acknowledged and {} not; {} degraded joins, {} reads of \
             what a lost server had forgotten",
            self.seconds,
            self.processes,
            self.calls,
            self.errors,
            self.dropped,
            self.computations,
            self.overlaps,
            self.acknowledged,
            self.unacknowledged,
            self.degraded,
            self.lost
        )
    }
}
