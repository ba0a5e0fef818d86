//! Law: an entry lives for its own timeout, no longer and no shorter.

mod common;

use std::time::Duration;

use common::{Runs, Timed, timed};
use larder::backends::Memory;
use larder::{Cache, Clock, Timeout, Ttl, memoize, scope};

const SECOND: Duration = Duration::from_secs(1);

/// Checks that an entry lives for exactly so many milliseconds.
#[track_caller]
fn lives(timed: &Timed, millis: u64, runs: &Runs, call: impl Fn() -> u64) {
    scope::with_cache_sync(&timed.cache, || {
        let before = runs.so_far();
        call();
        timed.pass(millis - 1);
        call();
        assert_eq!(runs.so_far(), before + 1, "before its timeout it is there");
        timed.pass(1);
        call();
        assert_eq!(runs.so_far(), before + 2, "after its timeout it is gone");
        timed.cache.clear().wait().unwrap();
    });
}

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn a_timeout_may_be_written_in_many_ways() {
    static RUNS: Runs = Runs::new();
    #[memoize(timeout = 60)]
    fn seconds() -> u64 {
        RUNS.count()
    }
    #[memoize(timeout = "1h 30m")]
    fn words() -> u64 {
        RUNS.count()
    }
    #[memoize(timeout = "250ms")]
    fn millis() -> u64 {
        RUNS.count()
    }
    #[memoize(timeout = HOUR)]
    fn constant() -> u64 {
        RUNS.count()
    }
    #[memoize(timeout = HOUR / 2 + SECOND)]
    fn expression() -> u64 {
        RUNS.count()
    }
    #[memoize(timeout = Duration::from_millis(1))]
    fn shortest() -> u64 {
        RUNS.count()
    }
    #[memoize(timeout = Duration::from_secs(30 * 86_400))]
    fn product() -> u64 {
        RUNS.count()
    }
    #[memoize]
    fn default() -> u64 {
        RUNS.count()
    }
    let timed = timed();
    lives(&timed, 60_000, &RUNS, seconds);
    lives(&timed, 5_400_000, &RUNS, words);
    lives(&timed, 250, &RUNS, millis);
    lives(&timed, 3_600_000, &RUNS, constant);
    lives(&timed, 1_801_000, &RUNS, expression);
    lives(&timed, 1, &RUNS, shortest);
    lives(&timed, 2_592_000_000, &RUNS, product);
    lives(&timed, 300_000, &RUNS, default);
}

#[test]
fn the_default_is_the_caches() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of() -> u64 {
        RUNS.count()
    }
    let clock = Clock::manual();
    let memory = Memory::builder().clock(clock.clone()).build().unwrap();
    let builder = Cache::builder().backend(memory);
    let cache = builder.default_timeout(7).build().unwrap();
    lives(&Timed { cache, clock }, 7_000, &RUNS, of);
}

#[test]
fn never_does_not_expire() {
    static RUNS: Runs = Runs::new();
    #[memoize(timeout = never)]
    fn of() -> u64 {
        RUNS.count()
    }
    #[memoize(timeout = Timeout::Never)]
    fn spelled_out() -> u64 {
        RUNS.count()
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        let _ = (of(), spelled_out());
        timed.clock.advance(HOUR * 24 * 365 * 1_000);
        let _ = (of(), spelled_out());
        assert_eq!(memoized_of().ttl().wait().unwrap(), Ttl::Forever);
    });
    assert_eq!(RUNS.so_far(), 2);
}

#[test]
fn the_longest_duration_is_clamped() {
    static RUNS: Runs = Runs::new();
    #[memoize(timeout = Duration::MAX)]
    fn of() -> u64 {
        RUNS.count()
    }
    #[memoize(timeout = Duration::MAX, jitter = 1)]
    fn jittered() -> u64 {
        RUNS.count()
    }
    let timed = timed();
    let cache = &timed.cache;
    timed.pass(1_000);
    scope::with_cache_sync(cache, || {
        let _ = (of(), of(), jittered());
        cache.set("k", &1, Duration::MAX).wait().unwrap();
        cache.set("u", &1, u64::MAX).wait().unwrap();
        timed.clock.advance(HOUR);
        of();
        assert_eq!(cache.get("k").wait().unwrap(), Some(1));
        assert_eq!(cache.get("u").wait().unwrap(), Some(1));
        assert_ne!(cache.ttl("k").wait().unwrap(), Ttl::Absent);
    });
    let longest = Cache::builder()
        .backend(Memory::new(10))
        .default_timeout(Duration::MAX);
    let longest = longest.build().unwrap();
    longest.incr("n", 1).wait().unwrap();
    assert_eq!(longest.get("n").wait().unwrap(), Some(1_i64));
}

#[test]
fn a_late_entry_has_its_own_full_timeout() {
    static RUNS: Runs = Runs::new();
    #[memoize(timeout = 10)]
    fn of(n: u64) -> u64 {
        RUNS.count();
        n
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        of(1);
        timed.pass(6_000);
        of(2);
        timed.pass(6_000);
        of(2);
        assert_eq!(RUNS.so_far(), 2, "the later one is still there");
        of(1);
        assert_eq!(RUNS.so_far(), 3, "the earlier one is gone");
    });
}

#[test]
fn a_shorter_timeout_ends_nobody_elses_life() {
    let timed = timed();
    let cache = &timed.cache;
    cache.set("long", &1, 100).wait().unwrap();
    cache.set("short", &2, 1).wait().unwrap();
    timed.pass(1_000);
    assert_eq!(cache.get("short").wait().unwrap(), None::<i32>);
    assert_eq!(cache.get("long").wait().unwrap(), Some(1));
    assert_eq!(
        cache.ttl("long").wait().unwrap(),
        Ttl::Remaining(SECOND * 99)
    );
}

#[test]
fn a_later_write_brings_its_own_timeout() {
    let timed = timed();
    let cache = &timed.cache;
    cache.set("k", &1, 100).wait().unwrap();
    cache.set("k", &2, 1).wait().unwrap();
    assert_eq!(cache.ttl("k").wait().unwrap(), Ttl::Remaining(SECOND));
    cache.set("k", &3, Timeout::Never).wait().unwrap();
    timed.pass(1_000_000);
    assert_eq!(cache.get("k").wait().unwrap(), Some(3));
}

#[test]
fn a_hit_does_not_lengthen_a_life() {
    static RUNS: Runs = Runs::new();
    #[memoize(timeout = 10)]
    fn of() -> u64 {
        RUNS.count()
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        for _ in 0..10 {
            of();
            timed.pass(1_000);
        }
        of();
    });
    assert_eq!(RUNS.so_far(), 2);
}

#[test]
fn a_timeout_counts_from_the_end_of_the_computation() {
    static RUNS: Runs = Runs::new();
    #[memoize(timeout = 10, skip(timed))]
    fn slow(timed: &Timed) -> u64 {
        timed.pass(8_000);
        RUNS.count()
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        slow(&timed);
        timed.pass(8_000);
        slow(&timed);
    });
    assert_eq!(RUNS.so_far(), 1);
}

#[test]
fn jitter_only_shortens_and_spreads() {
    #[memoize(timeout = 100, jitter = 0.5)]
    fn spread(n: u64) -> u64 {
        n
    }
    #[memoize(timeout = 100)]
    fn exact(n: u64) -> u64 {
        n
    }
    let left = |ttl| match ttl {
        Ttl::Remaining(left) => left,
        other => panic!("{other:?}"),
    };
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        let ttls: Vec<_> = (0..50)
            .map(|n| {
                let _ = (spread(n), exact(n));
                let exact = left(memoized_exact(n).ttl().wait().unwrap());
                assert_eq!(
                    exact,
                    SECOND * 100,
                    "in process there is no jitter by default"
                );
                left(memoized_spread(n).ttl().wait().unwrap())
            })
            .collect();
        assert!(
            ttls.iter()
                .all(|ttl| (SECOND * 50..=SECOND * 100).contains(ttl))
        );
        assert!(ttls.iter().any(|ttl| *ttl != ttls[0]));
    });
}

#[test]
fn a_shared_store_spreads_timeouts_by_a_tenth() {
    #[memoize(timeout = 100)]
    fn of(n: u64) -> u64 {
        n
    }
    #[memoize(timeout = 100, jitter = 0)]
    fn exact(n: u64) -> u64 {
        n
    }
    let cache = common::shelf::Shelf::default().timed_cache("p:", Clock::manual());
    scope::with_cache_sync(&cache, || {
        let ttls: Vec<_> = (0..50)
            .map(|n| {
                let _ = (of(n), exact(n));
                let full = Ttl::Remaining(SECOND * 100);
                assert_eq!(memoized_exact(n).ttl().wait().unwrap(), full);
                match memoized_of(n).ttl().wait().unwrap() {
                    Ttl::Remaining(left) => left,
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        assert!(
            ttls.iter()
                .all(|ttl| (SECOND * 89..=SECOND * 100).contains(ttl))
        );
        assert!(ttls.iter().any(|ttl| *ttl != ttls[0]));
    });
}

#[test]
fn what_expired_in_a_shared_store_is_not_served() {
    static RUNS: Runs = Runs::new();
    #[memoize(timeout = 10, jitter = 0)]
    fn of() -> u64 {
        RUNS.count()
    }
    let clock = Clock::manual();
    let cache = common::shelf::Shelf::default().timed_cache("p:", clock.clone());
    lives(&Timed { cache, clock }, 10_000, &RUNS, of);
}
