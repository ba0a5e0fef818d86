//! What is known of a function, or of all of them.

use larder_core::counters::{FunctionStats, Stats};
use serde::Serialize;

/// What is known of a function, or of all of them, with units.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Figures {
    pub(super) hits: u64,
    pub(super) misses: u64,
    pub(super) hit_ratio: Option<f64>,
    pub(super) computations: u64,
    pub(super) compute_seconds: f64,
    pub(super) mean_compute_seconds: Option<f64>,
    pub(super) saved_seconds: Option<f64>,
    pub(super) stores: u64,
    pub(super) waits: u64,
    pub(super) stale_prevented: u64,
    pub(super) refused: u64,
    pub(super) degraded: u64,
    pub(super) errors: u64,
}

impl Figures {
    /// The figures of one function.
    pub(super) fn of(counts: &FunctionStats) -> Self {
        let saved = counts.time_saved().as_secs_f64();
        Self {
            saved_seconds: Some(saved),
            ..Self::without_saved(counts)
        }
    }

    /// The figures of everything.
    pub(super) fn totals(stats: &Stats) -> Self {
        let saved = stats.time_saved().as_secs_f64();
        Self {
            saved_seconds: Some(saved),
            ..Self::without_saved(&everything(stats))
        }
    }

    /// The figures of what belongs to no function: manual keys and fragments.
    ///
    /// What their hits saved is not known: they are hits of many things, and some of them were
    /// never computed but written.
    pub(super) fn by_hand(stats: &Stats) -> Self {
        let rest = stats.functions.iter().fold(everything(stats), less);
        Self::without_saved(&rest)
    }

    #[allow(clippy::cast_precision_loss)] // a mean for people
    fn without_saved(counts: &FunctionStats) -> Self {
        let (computations, seconds) = (counts.computations, counts.compute_time.as_secs_f64());
        let called = counts.hits > 0 || counts.misses > 0;
        Self {
            hits: counts.hits,
            misses: counts.misses,
            hit_ratio: called.then(|| counts.hit_ratio()),
            computations,
            compute_seconds: seconds,
            mean_compute_seconds: (computations > 0).then(|| seconds / computations as f64),
            saved_seconds: None,
            stores: counts.stores,
            waits: counts.waits,
            stale_prevented: counts.stale_prevented,
            refused: counts.refused,
            degraded: counts.degraded,
            errors: counts.errors,
        }
    }
}

/// The totals, as if they were a function's.
fn everything(stats: &Stats) -> FunctionStats {
    let mut all = FunctionStats::default();
    all.hits = stats.hits;
    all.misses = stats.misses;
    all.stores = stats.stores;
    all.errors = stats.errors;
    all.waits = stats.waits;
    all.stale_prevented = stats.stale_prevented;
    all.refused = stats.refused;
    all.degraded = stats.degraded;
    all.computations = stats.computations;
    all.compute_time = stats.compute_time;
    all
}

fn less(mut counts: FunctionStats, function: &FunctionStats) -> FunctionStats {
    let take = |from: &mut u64, part: u64| *from = from.saturating_sub(part);
    take(&mut counts.hits, function.hits);
    take(&mut counts.misses, function.misses);
    take(&mut counts.stores, function.stores);
    take(&mut counts.errors, function.errors);
    take(&mut counts.waits, function.waits);
    take(&mut counts.stale_prevented, function.stale_prevented);
    take(&mut counts.refused, function.refused);
    take(&mut counts.degraded, function.degraded);
    take(&mut counts.computations, function.computations);
    counts.compute_time = counts.compute_time.saturating_sub(function.compute_time);
    counts
}

#[cfg(test)]
mod tests {
    use super::Figures;
    use larder_core::counters::{FunctionStats, Stats};
    use std::time::Duration;

    fn function(hits: u64, misses: u64, computations: u64, millis: u64) -> FunctionStats {
        let mut function = FunctionStats::default();
        (function.hits, function.misses) = (hits, misses);
        function.computations = computations;
        function.compute_time = Duration::from_millis(millis);
        function
    }

    #[test]
    fn a_function_has_means_and_savings() {
        let figures = Figures::of(&function(30, 10, 5, 100));
        assert_eq!(figures.hit_ratio, Some(0.75));
        assert_eq!(figures.mean_compute_seconds, Some(0.02));
        assert_eq!(figures.saved_seconds, Some(0.6));
        assert_eq!(figures.compute_seconds.to_bits(), 0.1_f64.to_bits());
    }

    #[test]
    fn what_was_never_called_has_no_ratio_and_no_mean() {
        let figures = Figures::of(&FunctionStats::default());
        assert_eq!(figures.hit_ratio, None);
        assert_eq!(figures.mean_compute_seconds, None);
        assert_eq!(figures.saved_seconds, Some(0.0));
    }

    #[test]
    fn by_hand_is_what_no_function_did() {
        let mut stats = Stats::default();
        (stats.hits, stats.misses, stats.errors) = (100, 50, 3);
        (stats.computations, stats.compute_time) = (20, Duration::from_secs(5));
        stats.functions = vec![function(60, 10, 5, 1_000), function(30, 10, 5, 3_000)];
        let by_hand = Figures::by_hand(&stats);
        assert_eq!((by_hand.hits, by_hand.misses, by_hand.errors), (10, 30, 3));
        assert_eq!(by_hand.hit_ratio, Some(0.25));
        assert_eq!(by_hand.mean_compute_seconds, Some(0.1));
        assert_eq!(by_hand.saved_seconds, None);
        assert_eq!(Figures::totals(&stats).saved_seconds, Some(30.0));
    }

    #[test]
    fn nothing_is_less_than_nothing() {
        let mut stats = Stats::default();
        stats.functions = vec![function(1, 1, 1, 1)];
        let by_hand = Figures::by_hand(&stats);
        assert_eq!(by_hand, Figures::default());
    }
}
