//! Law: a function may call itself, with other arguments or with the same ones.

mod common;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use common::{HANG, Runs, ends};
use larder::{Cache, memoize};

static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);

const FIB_90: u64 = 2_880_067_194_370_816_120;

#[test]
fn fib_of_90_takes_91_runs() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn fib(n: u64) -> u64 {
        RUNS.count();
        if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
    }
    assert_eq!(ends(|| fib(90)), FIB_90);
    assert_eq!(RUNS.so_far(), 91);
}

#[test]
fn fib_of_90_in_async_takes_91_runs() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    async fn fib(n: u64) -> u64 {
        RUNS.count();
        if n < 2 {
            return n;
        }
        Box::pin(fib(n - 1)).await + Box::pin(fib(n - 2)).await
    }
    assert_eq!(ends(|| futures::executor::block_on(fib(90))), FIB_90);
    assert_eq!(RUNS.so_far(), 91);
}

#[test]
fn many_threads_descend_at_once() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn fib(n: u64) -> u64 {
        RUNS.count();
        if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
    }
    ends(|| {
        let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(|| fib(90))).collect();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().unwrap() == FIB_90)
        );
    });
    assert_eq!(RUNS.so_far(), 91, "descents share their steps");
}

#[test]
fn functions_may_call_each_other() {
    #[memoize(cache = CACHE)]
    fn is_even(n: u64) -> bool {
        n == 0 || is_odd(n - 1)
    }
    #[memoize(cache = CACHE)]
    fn is_odd(n: u64) -> bool {
        n != 0 && is_even(n - 1)
    }
    assert_eq!((ends(|| is_even(100)), is_odd(100)), (true, false));
}

#[test]
fn a_call_with_the_same_arguments_runs_through() {
    static DEPTH: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        match DEPTH.fetch_add(1, SeqCst) {
            0..3 => of(n) + 1,
            _ => n,
        }
    }
    assert_eq!(ends(|| of(7)), 10);
    assert_eq!(DEPTH.load(SeqCst), 4);
    assert_eq!(of(7), 10, "the outermost result is kept");
    assert_eq!(DEPTH.load(SeqCst), 4);
}

#[tokio::test]
async fn an_async_call_with_the_same_arguments_runs_through() {
    static DEPTH: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        tokio::task::yield_now().await;
        match DEPTH.fetch_add(1, SeqCst) {
            0..3 => Box::pin(of(n)).await + 1,
            _ => n,
        }
    }
    assert_eq!(tokio::time::timeout(HANG, of(7)).await.unwrap(), 10);
    assert_eq!(of(7).await, 10);
    assert_eq!(DEPTH.load(SeqCst), 4);
}

#[test]
fn a_call_with_the_same_arguments_over_another_function_runs_through() {
    static DEPTH: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE)]
    fn outer(n: u64) -> u64 {
        if DEPTH.fetch_add(1, SeqCst) == 0 {
            inner(n) + 1
        } else {
            n
        }
    }
    #[memoize(cache = CACHE)]
    fn inner(n: u64) -> u64 {
        outer(n) + 10
    }
    assert_eq!(ends(|| outer(7)), 18);
}

#[test]
fn a_sync_call_inside_of_an_async_one_runs_through() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    let inside = || CACHE.get_or_compute_with("key", 60, || 1_u64).wait();
    let outer = CACHE.get_or_compute("key", 60, async move { inside() + 1 });
    assert_eq!(outer.wait(), 2);
    assert_eq!(CACHE.get("key").wait().unwrap(), Some(2_u64));
}

#[tokio::test]
async fn the_same_arguments_in_a_join_inside_of_the_body_run_through() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        tokio::task::yield_now().await;
        if RUNS.count() > 1 {
            return n;
        }
        let (a, b) = futures::join!(Box::pin(of(n)), Box::pin(of(n)));
        a + b
    }
    assert_eq!(tokio::time::timeout(HANG, of(7)).await.unwrap(), 14);
}

#[test]
fn recursion_with_other_modes_ends() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE, refresh = true)]
    fn refreshing(n: u64) -> u64 {
        if CALLS.fetch_add(1, SeqCst) == 0 {
            refreshing(n) + 1
        } else {
            n
        }
    }
    #[memoize(cache = CACHE, flight = none)]
    fn alone(n: u64) -> u64 {
        if CALLS.fetch_add(1, SeqCst) == 0 {
            alone(n) + 1
        } else {
            n
        }
    }
    #[memoize(cache = CACHE, local)]
    fn local(n: u64) -> u64 {
        if CALLS.fetch_add(1, SeqCst) == 0 {
            local(n) + 1
        } else {
            n
        }
    }
    for call in [refreshing, alone, local] {
        CALLS.store(0, SeqCst);
        assert_eq!(ends(move || call(7)), 8);
    }
}
