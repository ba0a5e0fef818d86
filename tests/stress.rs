//! Law: fresh after invalidate, over histories of threads and tasks.

mod common;

use std::sync::LazyLock;
use std::thread;

use common::history::History;
use common::shelf::Shelf;
use common::{HANG, ends};
use larder::backends::Memory;
use larder::{Cache, memoize, scope};

const WRITES: u64 = 40_000;
const CALLERS: u64 = 3;

/// So many keys are written and called.
const KEYS: u64 = 4;

/// Histories, one a key.
struct Histories([History; 4]);

impl Histories {
    const fn new() -> Self {
        Self([const { History::new() }; 4])
    }

    fn of(&self, key: u64) -> &History {
        &self.0[usize::try_from(key % KEYS).unwrap()]
    }

    fn check(&self) {
        for history in &self.0 {
            history.check(WRITES / KEYS / 2, 100);
        }
    }
}

/// A cheap sequence of numbers without a pattern.
fn scatter(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    n ^ (n >> 29)
}

/// Runs writers and callers on threads until the writers are through.
fn run_threads(
    histories: &'static Histories,
    cache: &Cache,
    call: fn(u64) -> u64,
    invalidate: fn(&Cache, u64, u64),
) {
    let (running, cache) = (std::sync::atomic::AtomicU64::new(2), cache);
    let running = &running;
    thread::scope(|threads| {
        for writer in 0..2 {
            threads.spawn(move || {
                scope::with_cache_sync(cache, || {
                    for n in 0..WRITES / 2 {
                        let key = scatter(n * 2 + writer) % KEYS;
                        let history = histories.of(key);
                        let version = history.write();
                        invalidate(cache, key, n);
                        history.acknowledge(version);
                        let least = history.start();
                        history.end(least, call(key));
                    }
                });
                running.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            });
        }
        for caller in 0..CALLERS {
            threads.spawn(move || {
                scope::with_cache_sync(cache, || {
                    let mut n = caller;
                    while running.load(std::sync::atomic::Ordering::SeqCst) > 0 {
                        n = n.wrapping_add(1);
                        let key = scatter(n) % KEYS;
                        let least = histories.of(key).start();
                        histories.of(key).end(least, call(key));
                    }
                });
            });
        }
    });
    histories.check();
}

static THREADS: Histories = Histories::new();

#[memoize(timeout = 60)]
fn in_threads(key: u64) -> u64 {
    let read = THREADS.of(key).read();
    if read.is_multiple_of(3) {
        thread::yield_now();
    }
    read
}

#[test]
fn threads_never_see_what_was_invalidated() {
    ends(|| {
        run_threads(
            &THREADS,
            &common::cache(),
            in_threads,
            |cache, key, n| match n % 8 {
                0 => delete_all_memoized_in_threads().unwrap(),
                1 => cache.clear().wait().unwrap(),
                2 => assert!(memoized_in_threads(key).delete().wait().is_ok()),
                _ => assert!(delete_memoized_in_threads(key).is_ok()),
            },
        );
    });
}

static SMALL: Histories = Histories::new();

#[memoize]
fn in_a_small_store(key: u64) -> Option<u64> {
    Some(SMALL.of(key).read())
}

#[test]
fn threads_never_see_it_in_a_store_that_is_full() {
    let cache = Cache::builder().backend(Memory::new(2)).build().unwrap();
    ends(move || {
        let call = |key| in_a_small_store(key).unwrap();
        run_threads(&SMALL, &cache, call, |cache, key, n| match n % 4 {
            0 => delete_all_memoized_in_a_small_store().unwrap(),
            1 => cache.clear().wait().unwrap(),
            _ => assert!(delete_memoized_in_a_small_store(key).is_ok()),
        });
    });
}

static BYTES: Histories = Histories::new();

#[memoize]
fn in_bytes(key: u64) -> u64 {
    BYTES.of(key).read()
}

#[test]
fn threads_never_see_it_in_a_store_of_bytes() {
    let cache = Shelf::default().cache("p:");
    ends(move || {
        run_threads(&BYTES, &cache, in_bytes, |cache, key, n| match n % 8 {
            0 => delete_all_memoized_in_bytes().unwrap(),
            1 => cache.clear().wait().unwrap(),
            _ => assert!(delete_memoized_in_bytes(key).is_ok()),
        });
    });
}

static LOCAL: Histories = Histories::new();

#[memoize(local)]
fn in_process(key: u64) -> u64 {
    LOCAL.of(key).read()
}

#[test]
fn threads_never_see_it_from_a_local_function_beside_a_store_of_bytes() {
    let cache = Shelf::default().cache("p:");
    ends(move || {
        run_threads(&LOCAL, &cache, in_process, |cache, key, n| match n % 8 {
            0 => delete_all_memoized_in_process().unwrap(),
            1 => cache.clear().wait().unwrap(),
            _ => assert!(delete_memoized_in_process(key).is_ok()),
        });
    });
}

static FAILING: Histories = Histories::new();

#[memoize]
fn failing(key: u64) -> Result<u64, u64> {
    let read = FAILING.of(key).read();
    if read.is_multiple_of(5) {
        Err(read)
    } else {
        Ok(read)
    }
}

#[test]
fn threads_never_see_it_from_a_function_that_fails_at_times() {
    ends(|| {
        let call = |key| failing(key).unwrap_or_else(|read| read);
        run_threads(&FAILING, &common::cache(), call, |cache, key, n| {
            match n % 8 {
                0 => delete_all_memoized_failing().unwrap(),
                1 => cache.clear().wait().unwrap(),
                _ => assert!(delete_memoized_failing(key).is_ok()),
            }
        });
    });
}

static TASKS: Histories = Histories::new();
static TASK_CACHE: LazyLock<Cache> = LazyLock::new(common::cache);

#[memoize(cache = TASK_CACHE)]
async fn in_tasks(key: u64) -> u64 {
    let read = TASKS.of(key).read();
    if read.is_multiple_of(2) {
        tokio::task::yield_now().await;
    }
    read
}

async fn write_in_task(writer: u64) {
    for n in 0..WRITES / 2 {
        let key = scatter(n * 2 + writer) % KEYS;
        let history = TASKS.of(key);
        let version = history.write();
        match n % 8 {
            0 => delete_all_memoized_in_tasks().await.unwrap(),
            1 => TASK_CACHE.clear().await.unwrap(),
            _ => assert!(delete_memoized_in_tasks(key).await.is_ok()),
        }
        history.acknowledge(version);
        let least = history.start();
        history.end(least, in_tasks(key).await);
    }
}

/// Calls, and gives up every fifth call half-way.
async fn call_in_task(caller: u64) {
    let mut n = caller;
    loop {
        n = n.wrapping_add(1);
        let key = scatter(n) % KEYS;
        let history = TASKS.of(key);
        let least = history.start();
        if n.is_multiple_of(5) {
            tokio::select! {
                biased;
                seen = in_tasks(key) => history.end(least, seen),
                () = tokio::task::yield_now() => {}
            }
        } else {
            history.end(least, in_tasks(key).await);
        }
        if n.is_multiple_of(16) {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_never_see_what_was_invalidated() {
    let callers: Vec<_> = (0..8)
        .map(|n| tokio::spawn(call_in_task(n * 1_000)))
        .collect();
    let writers = [
        tokio::spawn(write_in_task(0)),
        tokio::spawn(write_in_task(1)),
    ];
    for writer in writers {
        tokio::time::timeout(HANG, writer)
            .await
            .expect("it hangs")
            .unwrap();
    }
    callers.iter().for_each(tokio::task::JoinHandle::abort);
    for caller in callers {
        assert!(caller.await.unwrap_err().is_cancelled());
    }
    TASKS.check();
    assert_eq!(TASK_CACHE.in_flight(), 0, "nothing is left behind");
}
