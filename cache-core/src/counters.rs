//! What is counted, and how it is shown.

use std::array;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::lane;

/// What one cache did since it was built.
///
/// Counts are sums over threads, read without stopping them: a figure may lag behind a call that
/// is under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls answered with a kept value.
    pub hits: u64,
    /// Calls that found nothing to answer with.
    pub misses: u64,
    /// Values kept.
    pub stores: u64,
    /// Operations of the store that failed, keys and values that could not be encoded, and kept
    /// bytes that could not be read. None of them reached a caller of a cached function.
    pub errors: u64,
    /// Calls that waited for another caller's computation.
    pub waits: u64,
    /// Values that were computed before an invalidation and arrived after it, and were refused.
    pub stale_prevented: u64,
    /// Values that the store did not keep, because they are too large for it.
    pub refused: u64,
    /// Calls that computed without the store, because it was out of reach.
    pub degraded: u64,
    /// Bodies that ran to their end on a miss, to be kept. (Not those of calls that computed for
    /// themselves alone.)
    pub computations: u64,
    /// The time that these took together, from start to end: waiting inside counts.
    ///
    /// An estimate for functions that are quick: of bodies that take less than some microseconds on
    /// average, one in 16 is measured, and counts for the others. All others are measured.
    pub compute_time: Duration,
    /// The same by function (and literal `key_prefix`), by name. A name appears with its first
    /// call.
    pub functions: Vec<FunctionStats>,
}

/// What one function did since its cache was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionStats {
    /// The function's path or its `key_prefix`.
    pub name: String,
    /// See [`Stats::hits`].
    pub hits: u64,
    /// See [`Stats::misses`].
    pub misses: u64,
    /// See [`Stats::stores`].
    pub stores: u64,
    /// See [`Stats::errors`].
    pub errors: u64,
    /// See [`Stats::waits`].
    pub waits: u64,
    /// See [`Stats::stale_prevented`].
    pub stale_prevented: u64,
    /// See [`Stats::refused`].
    pub refused: u64,
    /// See [`Stats::degraded`].
    pub degraded: u64,
    /// See [`Stats::computations`].
    pub computations: u64,
    /// See [`Stats::compute_time`].
    pub compute_time: Duration,
}

impl Stats {
    /// The part of the calls that were answered with a kept value, from 0 to 1.
    pub fn hit_ratio(&self) -> f64 {
        ratio(self.hits, self.misses)
    }

    /// The time that hits saved: the sum over [`functions`](Stats::functions).
    ///
    /// An estimate: each hit counts as the mean computation of its function.
    pub fn time_saved(&self) -> Duration {
        let each = self.functions.iter().map(FunctionStats::time_saved);
        each.fold(Duration::ZERO, Duration::saturating_add)
    }

    /// The counts of one function, by its path or `key_prefix`.
    pub fn function(&self, name: &str) -> Option<&FunctionStats> {
        self.functions.iter().find(|function| function.name == name)
    }
}

impl FunctionStats {
    /// The part of the calls that were answered with a kept value, from 0 to 1.
    pub fn hit_ratio(&self) -> f64 {
        ratio(self.hits, self.misses)
    }

    /// The time that hits saved: each counts as the mean computation.
    pub fn time_saved(&self) -> Duration {
        saved(self.hits, self.computations, self.compute_time)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} hits, {} misses, {} stores, {} waits, {} stale stores prevented, {} errors",
            self.hits, self.misses, self.stores, self.waits, self.stale_prevented, self.errors
        )
    }
}

/// What the hits would have taken, had they been computed: the mean of what was, times the hits.
#[allow(clippy::cast_precision_loss)] // a figure for people
fn saved(hits: u64, computations: u64, compute_time: Duration) -> Duration {
    let mean = match computations {
        0 => return Duration::ZERO,
        computations => compute_time.as_secs_f64() / computations as f64,
    };
    Duration::try_from_secs_f64(mean * hits as f64).unwrap_or(Duration::MAX)
}

#[allow(clippy::cast_precision_loss)] // a ratio for people
fn ratio(hits: u64, misses: u64) -> f64 {
    match hits + misses {
        0 => 0.0,
        calls => hits as f64 / calls as f64,
    }
}

/// The counts of a cache or of one of its groups.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) hits: Striped,
    pub(crate) misses: Single,
    pub(crate) stores: Single,
    pub(crate) errors: Single,
    pub(crate) waits: Single,
    pub(crate) stale_prevented: Single,
    pub(crate) refused: Single,
    pub(crate) degraded: Single,
    computations: Single,
    compute_nanos: Single,
}

/// Bodies that take less than this on average are measured now and then.
const QUICK_NANOS: u64 = 5_000;
/// One in so many of them.
const SAMPLE: u64 = 16;

/// The time of a body that runs, if it is measured.
pub(crate) struct Timer(Option<Measure>);

struct Measure {
    started: Instant,
    /// So many bodies it counts for.
    stands_for: u64,
}

impl Counters {
    /// Starts to measure a body. Two looks at the clock take longer than a quick body: those are
    /// sampled.
    #[inline]
    pub(crate) fn start_timer(&self) -> Timer {
        let ran = self.computations.sum();
        let is_quick = ran >= SAMPLE && self.compute_nanos.sum() / QUICK_NANOS < ran;
        if is_quick && !ran.is_multiple_of(SAMPLE) {
            return Timer(None);
        }
        Timer(Some(Measure {
            started: Instant::now(),
            stands_for: if is_quick { SAMPLE } else { 1 },
        }))
    }

    /// Counts a body that ran to its end.
    #[inline]
    pub(crate) fn computed(&self, timer: &Timer) {
        self.computations.add_one();
        if let Timer(Some(measure)) = timer {
            let nanos = u64::try_from(measure.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.compute_nanos
                .add(nanos.saturating_mul(measure.stands_for));
        }
    }

    pub(crate) fn function(&self, name: &str) -> FunctionStats {
        FunctionStats {
            name: name.to_owned(),
            hits: self.hits.sum(),
            misses: self.misses.sum(),
            stores: self.stores.sum(),
            errors: self.errors.sum(),
            waits: self.waits.sum(),
            stale_prevented: self.stale_prevented.sum(),
            refused: self.refused.sum(),
            degraded: self.degraded.sum(),
            computations: self.computations.sum(),
            compute_time: Duration::from_nanos(self.compute_nanos.sum()),
        }
    }
}

impl Stats {
    /// Sums up functions and what was counted without one.
    pub(crate) fn total(alone: &Counters, mut functions: Vec<FunctionStats>) -> Self {
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        let alone = alone.function("");
        let sum =
            |of: fn(&FunctionStats) -> u64| functions.iter().map(of).sum::<u64>() + of(&alone);
        Self {
            hits: sum(|counts| counts.hits),
            misses: sum(|counts| counts.misses),
            stores: sum(|counts| counts.stores),
            errors: sum(|counts| counts.errors),
            waits: sum(|counts| counts.waits),
            stale_prevented: sum(|counts| counts.stale_prevented),
            refused: sum(|counts| counts.refused),
            degraded: sum(|counts| counts.degraded),
            computations: sum(|counts| counts.computations),
            compute_time: functions
                .iter()
                .map(|counts| counts.compute_time)
                .sum::<Duration>()
                + alone.compute_time,
            functions,
        }
    }
}

/// A counter of what is rare.
#[derive(Default)]
pub(crate) struct Single(AtomicU64);

impl Single {
    pub(crate) fn add_one(&self) {
        self.add(1);
    }

    fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    fn sum(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A counter that threads do not fight over: each adds to a lane of its own.
pub(crate) struct Striped([Own; lane::COUNT]);

#[derive(Default)]
#[repr(align(64))]
struct Own(AtomicU64);

impl Default for Striped {
    fn default() -> Self {
        Self(array::from_fn(|_| Own::default()))
    }
}

impl Striped {
    #[inline]
    pub(crate) fn add_one(&self) {
        let lane = lane::mine();
        let count = &self.0[lane].0;
        if lane == lane::SHARED {
            count.fetch_add(1, Ordering::Relaxed);
        } else {
            // Nobody else writes it.
            count.store(count.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
    }

    /// Whether what this thread has counted is a multiple of eight.
    pub(crate) fn is_eighth(&self) -> bool {
        self.0[lane::mine()]
            .0
            .load(Ordering::Relaxed)
            .is_multiple_of(8)
    }

    fn sum(&self) -> u64 {
        let count = |own: &Own| own.0.load(Ordering::Relaxed);
        self.0.iter().map(count).sum()
    }
}
