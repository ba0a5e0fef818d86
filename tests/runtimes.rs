//! Law: nothing needs a runtime, and every runtime will do.

mod common;

use std::sync::LazyLock;
use std::thread;

use common::shelf::Shelf;
use common::{Runs, ends};
use larder::{Cache, memoize};

static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
/// Stands for a shared store.
static BYTES: LazyLock<Cache> = LazyLock::new(|| Shelf::default().cache("p:"));

static RUNS: Runs = Runs::new();

#[memoize(cache = CACHE)]
fn in_process(n: u64) -> u64 {
    RUNS.count();
    n * 2
}

#[memoize(cache = BYTES)]
fn in_bytes(n: u64) -> u64 {
    RUNS.count();
    n * 2
}

#[memoize(cache = CACHE)]
async fn later(n: u64) -> u64 {
    futures_yield().await;
    n * 2
}

#[memoize(cache = BYTES)]
async fn later_in_bytes(n: u64) -> u64 {
    futures_yield().await;
    n * 2
}

/// Gives way once, on whatever executor.
async fn futures_yield() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn sync_calls(n: u64) {
    for _ in 0..2 {
        assert_eq!((in_process(n), in_bytes(n)), (n * 2, n * 2));
    }
    assert!(delete_memoized_in_process(n).unwrap());
    assert!(delete_memoized_in_bytes(n).unwrap());
    let computed = CACHE.get_or_compute_with(n.to_string(), 60, || n);
    assert_eq!(computed.wait(), n);
}

async fn async_calls(n: u64) {
    for _ in 0..2 {
        assert_eq!((later(n).await, later_in_bytes(n).await), (n * 2, n * 2));
    }
    assert!(delete_memoized_later(n).await.unwrap());
    assert!(delete_memoized_later_in_bytes(n).await.unwrap());
    let computed = CACHE.get_or_compute(n.to_string(), 60, async { n });
    assert_eq!(computed.await, n);
}

#[test]
fn a_bare_thread() {
    sync_calls(1);
    ends(|| sync_calls(2));
}

#[tokio::test]
async fn a_current_thread_runtime() {
    sync_calls(3);
    async_calls(4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_multi_thread_runtime() {
    sync_calls(5);
    async_calls(6).await;
    let tasks: Vec<_> = (100..120)
        .map(|n| {
            tokio::spawn(async move {
                sync_calls(n * 2);
                async_calls(n * 2 + 1).await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn spawn_blocking() {
    tokio::task::spawn_blocking(|| sync_calls(7)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn block_in_place() {
    tokio::task::block_in_place(|| sync_calls(8));
}

#[test]
fn smol_and_the_executor_of_futures() {
    smol::block_on(async {
        sync_calls(9);
        async_calls(10).await;
        smol::spawn(async_calls(11)).await;
    });
    futures::executor::block_on(async {
        sync_calls(12);
        async_calls(13).await;
    });
    let pool = futures::executor::LocalPool::new();
    { pool }.run_until(async_calls(14));
}

#[test]
fn two_runtimes_wait_for_each_other() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        while CACHE.stats().waits < 3 {
            futures_yield().await;
        }
        RUNS.count() * 100 + n
    }
    let results = ends(|| {
        let tokio = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime.block_on(of(1))
        };
        let threads = [
            thread::spawn(tokio),
            thread::spawn(|| smol::block_on(of(1))),
            thread::spawn(|| futures::executor::block_on(of(1))),
            thread::spawn(tokio),
        ];
        threads.map(|thread| thread.join().unwrap())
    });
    assert!(
        results.iter().all(|result| *result == results[0]),
        "{results:?}"
    );
}

#[test]
fn a_new_runtime_each_time_with_one_cache() {
    for n in 0..50 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async_calls(1_000 + n));
    }
}

#[test]
fn a_runtime_that_dies_in_the_middle_leaves_the_cache_usable() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static STARTED: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        if STARTED.count() == 1 {
            std::future::pending::<()>().await;
        }
        n
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    runtime.spawn(of(1));
    STARTED.wait_for(1);
    let waiter = thread::spawn(|| futures::executor::block_on(of(1)));
    common::until_waiting(&CACHE, 1);
    drop(runtime);
    assert_eq!(ends(move || waiter.join().unwrap()), 1);
    assert_eq!(STARTED.so_far(), 2);
}

#[test]
fn a_sync_call_waits_on_a_runtime_for_a_thread() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        common::until_waiting(&CACHE, 1);
        n
    }
    let leader = thread::spawn(|| of(1));
    common::until(|| CACHE.in_flight() == 1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(runtime.block_on(async { of(1) }), 1);
    assert_eq!(leader.join().unwrap(), 1);
}
