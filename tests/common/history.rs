//! Records what callers saw and when invalidations had returned, and finds what was stale.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// One source that is written, and the version from which on every later call has to be.
///
/// A writer writes the source, invalidates, and then *acknowledges* the version that it wrote. A
/// caller notes the acknowledged version before it calls: what it gets must not be older.
pub(crate) struct History {
    source: AtomicU64,
    acknowledged: AtomicU64,
    invalidations: AtomicU64,
    calls: AtomicU64,
    stale: AtomicU64,
}

impl History {
    pub(crate) const fn new() -> Self {
        Self {
            source: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            invalidations: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            stale: AtomicU64::new(0),
        }
    }

    /// What a body reads.
    pub(crate) fn read(&self) -> u64 {
        self.source.load(SeqCst)
    }

    /// Writes the source; answers the version to acknowledge.
    pub(crate) fn write(&self) -> u64 {
        self.source.fetch_add(1, SeqCst) + 1
    }

    /// The invalidation after a write has returned.
    pub(crate) fn acknowledge(&self, version: u64) {
        self.acknowledged.fetch_max(version, SeqCst);
        self.invalidations.fetch_add(1, SeqCst);
    }

    /// A call starts; answers the least version that it may get.
    pub(crate) fn start(&self) -> u64 {
        self.acknowledged.load(SeqCst)
    }

    /// A call ends.
    pub(crate) fn end(&self, least: u64, seen: u64) {
        self.calls.fetch_add(1, SeqCst);
        if seen < least {
            self.stale.fetch_add(1, SeqCst);
        }
    }

    /// Fails if anything was stale, or if too little happened to tell.
    #[track_caller]
    pub(crate) fn check(&self, invalidations: u64, calls: u64) {
        let stale = self.stale.load(SeqCst);
        let (invalidated, called) = (self.invalidations.load(SeqCst), self.calls.load(SeqCst));
        assert_eq!(
            stale, 0,
            "stale among {called} calls, {invalidated} invalidations"
        );
        assert!(
            invalidated >= invalidations,
            "only {invalidated} invalidations"
        );
        assert!(called >= calls, "only {called} calls");
    }
}
