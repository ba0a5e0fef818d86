//! Law: every hook is asked when it matters, once a call, and a panic in it breaks nothing.

mod common;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use common::{Runs, panics, timed};
use larder::{Cache, Timeout, Ttl, memoize, scope};

#[test]
fn cache_if_refuses() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    static ASKED: Runs = Runs::new();
    #[memoize(cache = CACHE, cache_if = |v| { ASKED.count(); *v > 10 })]
    fn of(n: u64) -> u64 {
        RUNS.count();
        n
    }
    assert_eq!((of(1), of(1)), (1, 1));
    assert_eq!(RUNS.so_far(), 2);
    assert_eq!(ASKED.so_far(), 2, "asked once a computation");
    assert_eq!((of(11), of(11)), (11, 11));
    assert_eq!(RUNS.so_far(), 3);
    assert_eq!(ASKED.so_far(), 3, "not asked on a hit");
    assert_eq!(CACHE.stats().stores, 1);
}

#[test]
fn a_hook_sees_the_value_inside_of_results_and_options() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static ASKED: Runs = Runs::new();
    #[memoize(cache = CACHE, cache_if = |v: &u64| { ASKED.count(); *v > 10 })]
    fn of(n: u64) -> Result<Option<u64>, std::fmt::Error> {
        match n {
            0 => Err(std::fmt::Error),
            1 => Ok(None),
            n => Ok(Some(n)),
        }
    }
    for n in [0, 1] {
        let _ = of(n);
        assert_eq!(ASKED.so_far(), 0, "there is no value to ask about");
    }
    assert_eq!(of(11), Ok(Some(11)));
    assert_eq!(ASKED.so_far(), 1);
    assert_eq!(memoized_of(11).get().wait().unwrap(), Some(Ok(Some(11))));
}

fn is_long(text: &str) -> bool {
    text.len() > 3
}

#[allow(clippy::trivially_copy_pass_by_ref)] // a hook is given a reference
fn is_even(n: &u64) -> bool {
    n.is_multiple_of(2)
}

mod rules {
    pub(crate) fn is_rotten(items: &[u8]) -> bool {
        items.contains(&13)
    }
}

#[test]
fn a_hook_may_be_a_path() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE, cache_if = is_long)]
    fn text(n: usize) -> String {
        RUNS.count();
        "x".repeat(n)
    }
    #[memoize(cache = CACHE, cache_if = is_even, is_stale = crate::is_even)]
    fn number(n: u64) -> Result<u64, std::fmt::Error> {
        RUNS.count();
        Ok(n)
    }
    #[memoize(cache = CACHE, is_stale = rules::is_rotten, cache_if = Vec::is_empty)]
    fn items(n: u8) -> Option<Vec<u8>> {
        RUNS.count();
        Some(vec![n; n.into()])
    }
    assert_eq!([text(3), text(3)], ["xxx", "xxx"]);
    assert_eq!([text(4), text(4)], ["xxxx", "xxxx"]);
    assert_eq!(RUNS.so_far(), 3);
    let _ = (number(1), number(1), number(2), number(2));
    assert_eq!(
        RUNS.so_far(),
        7,
        "odd ones are not kept, even ones are stale"
    );
    let _ = (items(0), items(0));
    assert_eq!(RUNS.so_far(), 8);
}

#[test]
fn is_stale_is_asked_on_a_hit_only_and_once() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    static ASKED: Runs = Runs::new();
    static STALE: AtomicBool = AtomicBool::new(false);
    #[memoize(cache = CACHE, is_stale = |_| { ASKED.count(); STALE.load(SeqCst) })]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!(of(1), 101);
    assert_eq!(ASKED.so_far(), 0, "not on a miss");
    assert_eq!(of(1), 101);
    assert_eq!(ASKED.so_far(), 1);
    STALE.store(true, SeqCst);
    assert_eq!(of(1), 201);
    assert_eq!(ASKED.so_far(), 2, "once a call");
    STALE.store(false, SeqCst);
    assert_eq!(of(1), 201, "the new value replaced the stale one");
    assert_eq!((RUNS.so_far(), ASKED.so_far()), (2, 3));
}

#[test]
fn hooks_may_use_the_parameters() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(
        cache = CACHE,
        skip(least, name, timeout),
        cache_if = |v| *v >= least && !name.is_empty(),
        is_stale = |v| *v < least,
        timeout = timeout,
    )]
    fn of(n: u64, least: u64, name: &str, timeout: Duration) -> u64 {
        RUNS.count();
        n
    }
    let minute = Duration::from_secs(60);
    assert_eq!([of(5, 5, "x", minute), of(5, 5, "x", minute)], [5, 5]);
    assert_eq!(RUNS.so_far(), 1);
    assert_eq!(of(5, 6, "x", minute), 5);
    assert_eq!(RUNS.so_far(), 2);
    assert!(matches!(memoized_of(5).ttl().wait().unwrap(), Ttl::Remaining(left) if left <= minute));
}

#[test]
fn unless_neither_reads_nor_writes() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE, unless = admin || n == 13, skip(admin))]
    fn of(n: u64, admin: bool) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!(of(1, true), 101);
    assert_eq!(memoized_of(1).get().wait().unwrap(), None);
    assert_eq!((of(1, false), of(1, true), of(1, false)), (201, 301, 201));
    assert_eq!((of(13, false), of(13, false)), (413, 513));
    let stats = CACHE.stats();
    assert_eq!((stats.hits, stats.misses, stats.stores), (1, 1, 1));
}

#[test]
fn refresh_runs_and_keeps_and_wins_over_is_stale() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    static ASKED: Runs = Runs::new();
    #[memoize(cache = CACHE, refresh = again, skip(again), is_stale = |_| ASKED.count() == 0)]
    fn of(n: u64, again: bool) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!((of(1, false), of(1, true)), (101, 201));
    assert_eq!(
        ASKED.so_far(),
        0,
        "nothing is read, so nothing can be stale"
    );
    assert_eq!(of(1, false), 201);
    assert_eq!(of(2, true), 302, "without a kept value as well");
    assert_eq!(of(2, false), 302);
}

#[test]
fn unless_wins_over_refresh() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE, unless = off, refresh = off, skip(off))]
    fn of(n: u64, off: bool) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!((of(1, false), of(1, true), of(1, false)), (101, 201, 101));
}

#[test]
fn expressions_before_the_call_are_evaluated_once() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static ASKED: [Runs; 5] = [const { Runs::new() }; 5];
    fn ask<T>(which: usize, answer: T) -> T {
        ASKED[which].count();
        answer
    }
    #[memoize(
        cache = ask(0, CACHE.clone()),
        unless = ask(1, false),
        refresh = ask(2, false),
        key = ask(3, n),
        timeout = ask(4, Duration::from_secs(60)),
    )]
    fn of(n: u64) -> u64 {
        n
    }
    for calls in 1..=3 {
        of(1);
        assert!(ASKED.iter().all(|asked| asked.so_far() <= calls));
        assert!(ASKED[..4].iter().all(|asked| asked.so_far() == calls));
    }
}

#[test]
fn a_timeout_may_be_asked_of_the_value() {
    static RUNS: Runs = Runs::new();
    static ASKED: Runs = Runs::new();
    #[memoize(timeout = |v| { ASKED.count(); Duration::from_secs(*v) })]
    fn of(n: u64) -> Option<u64> {
        RUNS.count();
        Some(n)
    }
    #[memoize(timeout = |v: &u64| if *v == 0 { Timeout::Never } else { Timeout::Default })]
    fn named(n: u64) -> u64 {
        n
    }
    #[memoize(timeout = |v| *v)]
    fn seconds(n: u64) -> u64 {
        n
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        for n in [5, 60] {
            of(n);
            assert_eq!(
                memoized_of(n).ttl().wait().unwrap(),
                Ttl::Remaining(Duration::from_secs(n))
            );
        }
        timed.pass(5_000);
        let _ = (of(5), of(60));
        assert_eq!((RUNS.so_far(), ASKED.so_far()), (3, 3));
        let _ = (named(0), named(1), seconds(9), seconds(0));
        assert_eq!(memoized_named(0).ttl().wait().unwrap(), Ttl::Forever);
        let default = Ttl::Remaining(Duration::from_secs(300));
        assert_eq!(memoized_named(1).ttl().wait().unwrap(), default);
        let nine = Ttl::Remaining(Duration::from_secs(9));
        assert_eq!(memoized_seconds(9).ttl().wait().unwrap(), nine);
        assert_eq!(
            memoized_seconds(0).ttl().wait().unwrap(),
            Ttl::Absent,
            "zero keeps nothing"
        );
    });
}

#[test]
fn a_panic_in_a_hook_leaves_the_cache_usable() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static BAD: AtomicU64 = AtomicU64::new(0);
    static RUNS: Runs = Runs::new();
    fn trip(hook: u64) {
        assert_ne!(BAD.load(SeqCst), hook, "a hook panics on purpose");
    }
    #[memoize(
        cache = { trip(1); CACHE.clone() },
        unless = { trip(2); false },
        refresh = { trip(3); false },
        key_prefix = { trip(4); "label" },
        key = { trip(5); n },
        cache_if = |_| { trip(6); true },
        timeout = |_| { trip(7); Duration::from_secs(60) },
        is_stale = |_| { trip(8); false },
    )]
    fn of(n: u64) -> u64 {
        trip(9);
        RUNS.count();
        n
    }
    for hook in 1..=9 {
        BAD.store(hook, SeqCst);
        if hook == 8 {
            assert_eq!(of(hook), hook);
        }
        assert!(panics(|| of(hook)), "hook {hook}");
        BAD.store(0, SeqCst);
        assert_eq!(CACHE.in_flight(), 0, "hook {hook}");
        let before = RUNS.so_far();
        assert_eq!((of(hook), of(hook)), (hook, hook));
        assert!(RUNS.so_far() <= before + 1, "hook {hook}");
        assert!(delete_memoized_of(hook).unwrap());
    }
    delete_all_memoized_of().unwrap();
}

#[tokio::test]
async fn a_panic_in_an_async_hook_leaves_the_cache_usable() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static BAD: AtomicBool = AtomicBool::new(true);
    #[memoize(cache = CACHE, cache_if = |_| { assert!(!BAD.load(SeqCst)); true })]
    async fn of(n: u64) -> u64 {
        tokio::task::yield_now().await;
        n
    }
    assert!(tokio::spawn(of(1)).await.unwrap_err().is_panic());
    BAD.store(false, SeqCst);
    assert_eq!((of(1).await, of(1).await), (1, 1));
    assert_eq!(CACHE.stats().stores, 1);
}

#[test]
fn followers_do_not_ask_the_hooks_of_a_computation() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static ASKED: Runs = Runs::new();
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE, cache_if = |_| { ASKED.count(); false })]
    fn of(n: u64) -> u64 {
        RUNS.count();
        common::until_waiting(&CACHE, 3);
        n
    }
    common::ends(|| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(of(1), 1));
            }
        });
    });
    assert_eq!(
        (RUNS.so_far(), ASKED.so_far()),
        (1, 1),
        "a value not kept is shared"
    );
}
