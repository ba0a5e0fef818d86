//! What processes that share a store do for each other. Two caches with one prefix are two processes.

use std::thread;
use std::time::{Duration, Instant};

use larder::{Cache, memoize, scope};

use crate::common::{Runs, ends, until};
use crate::{cache, store};

#[test]
fn two_processes_compute_once() {
    static RUNS: Runs = Runs::new();
    #[memoize(name = "once")]
    fn slow(n: u64) -> u64 {
        RUNS.count();
        thread::sleep(Duration::from_millis(300));
        n
    }
    ends(|| {
        let caches: Vec<_> = (0..4).map(|_| cache("once:")).collect();
        thread::scope(|scope| {
            for cache in caches.iter().cycle().take(64) {
                scope.spawn(|| scope::with_cache_sync(cache, || assert_eq!(slow(1), 1)));
            }
        });
    });
    assert_eq!(RUNS.so_far(), 1);
}

#[test]
fn a_lease_lives_as_long_as_its_computation() {
    static RUNS: Runs = Runs::new();
    #[memoize(name = "long")]
    fn slow(n: u64) -> u64 {
        RUNS.count();
        thread::sleep(Duration::from_secs(7)); // a lease is 5 s
        n
    }
    let (one, other) = (cache("long:"), cache("long:"));
    thread::scope(|scope| {
        scope.spawn(|| scope::with_cache_sync(&one, || slow(1)));
        RUNS.wait_for(1);
        thread::sleep(Duration::from_millis(5_500));
        scope::with_cache_sync(&other, || assert_eq!(slow(1), 1));
    });
    assert_eq!(RUNS.so_far(), 1);
}

#[test]
fn a_call_that_waits_for_another_process_has_a_limit() {
    static RUNS: Runs = Runs::new();
    #[memoize(name = "limited")]
    fn slow(n: u64) -> u64 {
        if RUNS.count() == 1 {
            thread::sleep(Duration::from_secs(2));
        }
        n
    }
    let one = cache("limited:");
    let builder = Cache::builder().backend(store()).key_prefix("limited:");
    let hasty = builder
        .wait_limit(Duration::from_millis(200))
        .build()
        .unwrap();
    thread::scope(|scope| {
        scope.spawn(|| scope::with_cache_sync(&one, || slow(1)));
        RUNS.wait_for(1);
        scope::with_cache_sync(&hasty, || assert_eq!(slow(1), 1));
        assert_eq!(RUNS.so_far(), 2, "it computes for itself");
    });
    until(|| one.stats().stores == 1);
    assert_eq!(hasty.stats().stores, 0, "and keeps nothing");
}

#[test]
fn flight_process_waits_for_nobody_elsewhere() {
    static RUNS: Runs = Runs::new();
    #[memoize(name = "alone", flight = process)]
    fn slow(n: u64) -> u64 {
        RUNS.count();
        thread::sleep(Duration::from_millis(500));
        n
    }
    let (one, other) = (cache("alone:"), cache("alone:"));
    thread::scope(|scope| {
        scope.spawn(|| scope::with_cache_sync(&one, || slow(1)));
        RUNS.wait_for(1);
        let start = Instant::now();
        scope::with_cache_sync(&other, || slow(1));
        assert!(start.elapsed() >= Duration::from_millis(500), "it computed");
    });
    assert_eq!(RUNS.so_far(), 2);
}

#[test]
fn a_deletion_wins_over_a_computation_in_another_process() {
    static RUNS: Runs = Runs::new();
    #[memoize(name = "deleted")]
    fn slow(n: u64) -> u64 {
        let run = RUNS.count();
        thread::sleep(Duration::from_millis(300));
        n + run
    }
    let (one, other) = (cache("deleted:"), cache("deleted:"));
    thread::scope(|scope| {
        let old = scope.spawn(|| scope::with_cache_sync(&one, || slow(0)));
        RUNS.wait_for(1);
        scope::with_cache_sync(&other, || delete_memoized_slow(0).unwrap());
        assert_eq!(scope::with_cache_sync(&other, || slow(0)), 2);
        assert_eq!(old.join().unwrap(), 1);
    });
    until(|| one.stats().stale_prevented == 1);
    assert_eq!(scope::with_cache_sync(&one, || slow(0)), 2);
}

#[test]
fn who_joins_after_an_invalidation_elsewhere_does_not_get_the_old_value() {
    static RUNS: Runs = Runs::new();
    #[memoize(name = "joined")]
    fn slow(n: u64) -> u64 {
        let run = RUNS.count();
        thread::sleep(Duration::from_millis(300));
        n + run
    }
    let (one, other) = (cache("joined:"), cache("joined:"));
    thread::scope(|scope| {
        scope.spawn(|| scope::with_cache_sync(&one, || slow(0)));
        RUNS.wait_for(1);
        scope::with_cache_sync(&other, || delete_all_memoized_slow().unwrap());
        // In `one` nobody has heard of it: the computation that began before can be joined.
        let late = || scope::with_cache_sync(&one, || slow(0));
        let late: Vec<_> = (0..8).map(|_| scope.spawn(late)).collect();
        assert!(late.into_iter().all(|late| late.join().unwrap() == 2));
    });
    assert_eq!(RUNS.so_far(), 2, "they share one computation");
}

#[test]
fn an_entry_that_will_not_do_is_computed_by_one_process() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    static RUNS: Runs = Runs::new();
    #[memoize(name = "rejected", is_stale = |old| *old == 0)]
    fn slow(_n: u64) -> u64 {
        RUNS.count();
        thread::sleep(Duration::from_millis(200));
        SOURCE.load(Ordering::SeqCst)
    }
    let caches: Vec<_> = (0..4).map(|_| cache("rejected:")).collect();
    assert_eq!(scope::with_cache_sync(&caches[0], || slow(1)), 0);
    until(|| caches[0].stats().stores == 1);
    SOURCE.store(1, Ordering::SeqCst);
    thread::scope(|scope| {
        for cache in caches.iter().cycle().take(16) {
            scope.spawn(|| scope::with_cache_sync(cache, || assert_eq!(slow(1), 1)));
        }
    });
    assert_eq!(RUNS.so_far(), 2, "nobody takes the lease of who computes");
}
