//! Law: callers that miss together compute once, and nobody ever waits for nobody.

mod common;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use common::{HANG, Runs, ends, panics, until, until_waiting};
use larder::backends::{Memory, Null};
use larder::{Cache, memoize};
use tokio::sync::Semaphore;
use tokio::time::timeout;

#[test]
fn sixty_four_threads_compute_once() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        until_waiting(&CACHE, 63);
        RUNS.count() * 100 + n
    }
    ends(|| {
        let threads: Vec<_> = (0..64).map(|_| thread::spawn(|| of(1))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 101);
        }
    });
    assert_eq!(RUNS.so_far(), 1);
    let stats = CACHE.stats();
    assert_eq!((stats.misses, stats.waits, stats.stores), (64, 63, 1));
    assert_eq!(CACHE.in_flight(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tasks_compute_once() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        while CACHE.stats().waits < 63 {
            tokio::task::yield_now().await;
        }
        RUNS.count() * 100 + n
    }
    let tasks: Vec<_> = (0..64).map(|_| tokio::spawn(of(1))).collect();
    for task in tasks {
        assert_eq!(timeout(HANG, task).await.unwrap().unwrap(), 101);
    }
    assert_eq!(RUNS.so_far(), 1);
}

#[tokio::test]
async fn calls_joined_in_one_task_compute_once() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        tokio::task::yield_now().await;
        RUNS.count() * 100 + n
    }
    let all = timeout(HANG, async { futures::join!(of(1), of(1), of(1)) });
    assert_eq!(all.await.unwrap(), (101, 101, 101));
}

#[test]
fn a_store_that_keeps_nothing_shares_nevertheless() {
    static CACHE: LazyLock<Cache> =
        LazyLock::new(|| Cache::builder().backend(Null).build().unwrap());
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        until_waiting(&CACHE, 7);
        RUNS.count() * 100 + n
    }
    ends(|| {
        let threads: Vec<_> = (0..8).map(|_| thread::spawn(|| of(1))).collect();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().unwrap() == 101)
        );
    });
    assert_eq!(of(1), 201);
}

#[test]
fn flight_none_waits_for_nobody() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE, flight = none)]
    fn of(n: u64) -> u64 {
        RUNS.count();
        RUNS.wait_for(4);
        n
    }
    ends(|| {
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(|| of(1))).collect();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().unwrap() == 1)
        );
    });
    assert_eq!((RUNS.so_far(), CACHE.stats().waits), (4, 0));
    assert_eq!(of(1), 1);
    assert_eq!(RUNS.so_far(), 4, "one of them was kept");
}

#[test]
fn a_panicking_leader_is_succeeded_by_exactly_one() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    static AT_ONCE: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        assert_eq!(AT_ONCE.fetch_add(1, SeqCst), 0, "two computations at once");
        let run = RUNS.count();
        if run == 1 {
            until_waiting(&CACHE, 15);
        }
        AT_ONCE.fetch_sub(1, SeqCst);
        assert!(run > 3, "the first three leaders panic");
        n
    }
    let failures = ends(|| {
        let threads: Vec<_> = (0..16).map(|_| thread::spawn(|| of(1))).collect();
        let results = threads.into_iter().map(thread::JoinHandle::join);
        results.filter(Result::is_err).count()
    });
    assert_eq!((failures, RUNS.so_far()), (3, 4));
    assert_eq!((of(1), CACHE.in_flight()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_leader_is_succeeded_by_exactly_one() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    static GO: AtomicBool = AtomicBool::new(false);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        let run = RUNS.count();
        while run <= 3 || !GO.load(SeqCst) {
            tokio::task::yield_now().await;
        }
        n + run * 100
    }
    let mut leader = tokio::spawn(of(1));
    wait_until(|| RUNS.so_far() == 1).await;
    let mut followers = Vec::new();
    for joined in 1..=20 {
        followers.push(tokio::spawn(of(1)));
        wait_until(|| CACHE.stats().waits == joined).await;
    }
    for leaders in 2..=4 {
        leader.abort();
        assert!(leader.await.unwrap_err().is_cancelled());
        wait_until(|| RUNS.so_far() == leaders).await;
        // Heirs take over in the order in which they came.
        leader = followers.remove(0);
    }
    GO.store(true, SeqCst);
    followers.push(leader);
    for follower in followers {
        assert_eq!(timeout(HANG, follower).await.unwrap().unwrap(), 401);
    }
    assert_eq!((RUNS.so_far(), CACHE.in_flight()), (4, 0));
}

async fn wait_until(holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < HANG, "it never comes to hold");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_dropped_follower_costs_the_others_nothing() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    static GO: Semaphore = Semaphore::const_new(0);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        let run = RUNS.count();
        GO.acquire().await.unwrap().forget();
        n + run * 100
    }
    let leader = tokio::spawn(of(1));
    let followers: Vec<_> = (0..10).map(|_| tokio::spawn(of(1))).collect();
    wait_until(|| CACHE.stats().waits == 10).await;
    for dropped in followers.iter().step_by(2) {
        dropped.abort();
    }
    GO.add_permits(1);
    assert_eq!(leader.await.unwrap(), 101);
    for (place, follower) in followers.into_iter().enumerate() {
        let result = timeout(HANG, follower).await.unwrap();
        assert_eq!(result.ok(), (place % 2 == 1).then_some(101));
    }
}

#[tokio::test]
async fn a_leader_and_its_heir_dropped_together_hand_over() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    static GO: AtomicBool = AtomicBool::new(false);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        RUNS.count();
        while !GO.load(SeqCst) {
            tokio::task::yield_now().await;
        }
        n
    }
    // Dropped by hand, so that no wake-up is handled in between.
    let mut leader = Box::pin(of(1));
    let mut heir = Box::pin(of(1));
    let mut third = pin!(of(1));
    poll_fn(|context| {
        assert!(leader.as_mut().poll(context).is_pending());
        assert!(heir.as_mut().poll(context).is_pending());
        assert!(third.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    drop(leader);
    drop(heir);
    GO.store(true, SeqCst);
    assert_eq!(timeout(HANG, third).await.unwrap(), 1);
    assert_eq!((RUNS.so_far(), CACHE.in_flight()), (2, 0));
}

#[tokio::test]
async fn everybody_dropped_leaves_nothing_behind() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static GO: AtomicBool = AtomicBool::new(false);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        while !GO.load(SeqCst) {
            tokio::task::yield_now().await;
        }
        n
    }
    for reversed in [false, true] {
        GO.store(false, SeqCst);
        let mut calls: Vec<_> = (0..5).map(|_| Box::pin(of(1))).collect();
        poll_fn(|context| {
            for call in &mut calls {
                assert!(call.as_mut().poll(context).is_pending());
            }
            Poll::Ready(())
        })
        .await;
        assert_eq!(CACHE.in_flight(), 1);
        if reversed {
            calls.reverse();
        }
        drop(calls);
        assert_eq!(CACHE.in_flight(), 0);
        GO.store(true, SeqCst);
        assert_eq!(timeout(HANG, of(1)).await.unwrap(), 1);
        CACHE.clear().await.unwrap();
    }
}

#[test]
fn a_slow_error_is_not_paid_once_per_waiter_in_a_row() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    const SLOW: Duration = Duration::from_millis(100);
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> Result<u64, std::io::Error> {
        RUNS.count();
        thread::sleep(SLOW);
        Err(std::io::Error::other(n.to_string()))
    }
    let start = Instant::now();
    ends(|| {
        let threads: Vec<_> = (0..32).map(|_| thread::spawn(|| of(1))).collect();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().unwrap().is_err())
        );
    });
    assert!(start.elapsed() < SLOW * 16, "took {:?}", start.elapsed());
    assert_eq!(CACHE.in_flight(), 0);
}

#[tokio::test]
async fn a_slow_error_is_not_paid_once_per_task_in_a_row() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    const SLOW: Duration = Duration::from_millis(100);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> Result<u64, std::io::Error> {
        tokio::time::sleep(SLOW).await;
        Err(std::io::Error::other(n.to_string()))
    }
    let start = Instant::now();
    let calls = futures::future::join_all((0..32).map(|_| of(1)));
    assert!(
        timeout(HANG, calls)
            .await
            .unwrap()
            .iter()
            .all(Result::is_err)
    );
    assert!(start.elapsed() < SLOW * 16, "took {:?}", start.elapsed());
}

#[test]
fn a_failure_that_is_followed_by_a_success_is_shared_again() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> Result<u64, u8> {
        if RUNS.count() == 1 {
            until_waiting(&CACHE, 7);
            return Err(1);
        }
        // The other six join the second flight.
        until_waiting(&CACHE, 13);
        Ok(n)
    }
    let failures = ends(|| {
        let threads: Vec<_> = (0..8).map(|_| thread::spawn(|| of(1))).collect();
        let results = threads.into_iter().map(|thread| thread.join().unwrap());
        results.filter(Result::is_err).count()
    });
    assert_eq!((failures, RUNS.so_far()), (1, 2));
}

#[test]
fn none_is_shared_with_those_who_wait() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> Result<Option<u64>, u8> {
        RUNS.count();
        until_waiting(&CACHE, 7);
        Ok((n == 0).then_some(n))
    }
    ends(|| {
        let threads: Vec<_> = (0..8).map(|_| thread::spawn(|| of(1))).collect();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().unwrap() == Ok(None))
        );
    });
    assert_eq!(RUNS.so_far(), 1);
    assert_eq!(of(1), Ok(None));
    assert_eq!(RUNS.so_far(), 2, "it was not kept");
}

#[test]
fn sync_and_async_callers_wait_for_each_other() {
    for sync_leads in [true, false] {
        let (cache, runs) = (Arc::new(common::cache()), Arc::new(Runs::new()));
        let (threads, tasks) = (8, 8);
        let body = {
            let (cache, runs) = (Arc::clone(&cache), Arc::clone(&runs));
            move || {
                until_waiting(&cache, 15);
                runs.count() * 100
            }
        };
        let in_thread = {
            let (cache, body) = (Arc::clone(&cache), body.clone());
            move || cache.get_or_compute_with("key", 60, body).wait()
        };
        let in_task = {
            let cache = Arc::clone(&cache);
            move || {
                let body = body.clone();
                let cache = Arc::clone(&cache);
                async move { cache.get_or_compute("key", 60, async move { body() }).await }
            }
        };
        let runs = Arc::clone(&runs);
        ends(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            let mut sync = Vec::new();
            let mut tasked = Vec::new();
            let mut start_sync =
                || sync.extend((0..threads).map(|_| thread::spawn(in_thread.clone())));
            let mut spawn_tasks = || tasked.extend((0..tasks).map(|_| runtime.spawn(in_task())));
            if sync_leads {
                start_sync();
                until(|| cache.in_flight() == 1);
                spawn_tasks();
            } else {
                spawn_tasks();
                until(|| cache.in_flight() == 1);
                start_sync();
            }
            assert!(sync.into_iter().all(|thread| thread.join().unwrap() == 100));
            runtime.block_on(async {
                for task in tasked {
                    assert_eq!(task.await.unwrap(), 100);
                }
            });
            assert_eq!(runs.so_far(), 1);
        });
    }
}

#[test]
fn a_thread_takes_over_from_a_dropped_task() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut leader = Box::pin(CACHE.get_or_compute("key", 60, std::future::pending::<u64>()));
        poll_fn(|context| {
            assert!(leader.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        let thread = thread::spawn(|| CACHE.get_or_compute_with("key", 60, || 7_u64).wait());
        until_waiting(&CACHE, 1);
        drop(leader);
        assert_eq!(ends(|| thread.join().unwrap()), 7);
    });
    assert_eq!(CACHE.get("key").wait().unwrap(), Some(7_u64));
}

#[test]
fn waiting_is_bounded() {
    let cache = Cache::builder()
        .backend(Memory::new(10))
        .wait_limit(Duration::from_millis(50))
        .build()
        .unwrap();
    let other = cache.clone();
    let leading = Arc::new(AtomicBool::new(true));
    let lead = Arc::clone(&leading);
    let leader = thread::spawn(move || {
        let body = || {
            until(|| !lead.load(SeqCst));
            1_u64
        };
        other.get_or_compute_with("key", 60, body).wait()
    });
    until(|| cache.in_flight() == 1);
    let late = cache.clone();
    let computed = ends(move || late.get_or_compute_with("key", 60, || 2_u64).wait());
    assert_eq!(computed, 2, "past the bound the caller computes");
    assert_eq!(
        cache.get::<u64>("key").wait().unwrap(),
        None,
        "without storing"
    );
    leading.store(false, SeqCst);
    assert_eq!(leader.join().unwrap(), 1);
    assert_eq!(cache.get("key").wait().unwrap(), Some(1_u64));
}

#[test]
fn a_panic_without_waiters_leaves_nothing_behind() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        assert!(RUNS.count() > 1, "the first run panics");
        n
    }
    assert!(panics(|| of(1)));
    assert_eq!(CACHE.in_flight(), 0);
    assert_eq!((of(1), of(1), RUNS.so_far()), (1, 1, 2));
}

#[test]
fn concurrent_refreshes_end() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE, refresh = true)]
    fn of(n: u64) -> u64 {
        thread::yield_now();
        RUNS.count() * 100 + n
    }
    ends(|| {
        let threads: Vec<_> = (0..8)
            .map(|_| thread::spawn(|| (0..100).map(|_| of(1)).max()))
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(CACHE.in_flight(), 0);
    assert!(memoized_of(1).get().wait().unwrap().is_some());
}

#[test]
fn what_is_stale_to_everybody_is_computed_together() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    static EPOCH: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE, is_stale = |v| *v < EPOCH.load(SeqCst))]
    fn of() -> u64 {
        RUNS.count();
        let epoch = EPOCH.load(SeqCst);
        if epoch == 1 {
            until_waiting(&CACHE, 15);
        }
        epoch
    }
    assert_eq!(of(), 0);
    EPOCH.store(1, SeqCst);
    ends(|| {
        let threads: Vec<_> = (0..16).map(|_| thread::spawn(of)).collect();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().unwrap() == 1)
        );
    });
    assert_eq!(RUNS.so_far(), 2);
}
