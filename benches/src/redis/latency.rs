//! Hits and misses while the server is up.

use super::bare::Bare;
use super::contender::{cached, cached_async, larder, larder_async, larder_lent};
use crate::body::computed;
use crate::effort::Effort;
use crate::lane::{Lane, interleave};
use crate::miss::new_key;
use crate::server::Server;
use crate::stats::quantile;
use crate::table::{Has, Table, Who};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};

const TASKS: usize = 64;

/// What bounds a shared store is its server's memory.
const CACHED: Has = Has::BOUND_AND_TIMEOUT;

/// Measures all of it.
pub(super) fn measure(_: &Server, effort: Effort) -> Vec<Table> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    warm(&runtime);
    let bare = Bare::listen(TASKS, |n| drop(runtime.block_on(larder_async(n))));
    let threaded = Bare::listen(TASKS, |n| drop(larder(n)));
    vec![
        one_task(&runtime, &bare, effort),
        many_tasks(&runtime, &bare, effort),
        threads(&threaded, effort),
        misses(&runtime, effort),
    ]
}

/// Makes sure that every hit is one.
fn warm(runtime: &Runtime) {
    let ask = || {
        (0..TASKS as u64).for_each(|n| drop((larder(n), cached(n))));
        runtime.block_on(async {
            for n in 0..TASKS as u64 {
                drop((larder_async(n).await, cached_async(n).await));
                drop(larder_lent(n).await);
            }
        });
    };
    ask();
    // What larder computed is stored beside its caller.
    thread::sleep(std::time::Duration::from_millis(200));
    let before = computed();
    ask();
    assert_eq!(computed(), before, "hits are hits");
}

fn mget(bare: &Bare) -> Who {
    Who::limit(&format!(
        "limit: bare client, `MGET` of the same {} keys",
        bare.width()
    ))
}

fn cached_store() -> Who {
    Who::with("cached, Redis store", CACHED)
}

fn one_task(runtime: &Runtime, bare: &Bare, effort: Effort) -> Table {
    let mut table = Table::new("redis-latency", "Redis: hit of 300 B, 1 task", "µs a call");
    for (column, share) in [("p50", 0.5), ("p99", 0.99)] {
        let calls = effort.pick(300, 1_500);
        let lanes = vec![
            Lane::new(Who::ours("larder"), move || {
                let ask = async |n| drop(larder_async(n).await);
                runtime.block_on(latency(calls, share, ask))
            }),
            Lane::new(Who::ours("larder, `callers_sockets`"), move || {
                let ask = async |n| drop(larder_lent(n).await);
                runtime.block_on(latency(calls, share, ask))
            }),
            Lane::new(cached_store(), move || {
                let ask = async |n| drop(cached_async(n).await);
                runtime.block_on(latency(calls, share, ask))
            }),
            Lane::new(mget(bare), move || {
                runtime.block_on(async {
                    let mut connection = bare.multiplexed().await;
                    let ask = async |n| bare.read_async(n, &mut connection).await;
                    latency(calls, share, ask).await
                })
            }),
        ];
        table.add(column, interleave(lanes, effort.rounds()));
    }
    table
}

/// Asks one after the other; the latency below which that share lies, in microseconds.
async fn latency(calls: usize, share: f64, mut ask: impl AsyncFnMut(u64)) -> f64 {
    let mut micros = Vec::with_capacity(calls);
    for call in 0..calls {
        let begin = Instant::now();
        ask((call % TASKS) as u64).await;
        micros.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    micros.sort_by(f64::total_cmp);
    quantile(&micros, share)
}

fn many_tasks(runtime: &Runtime, bare: &Bare, effort: Effort) -> Table {
    let title = "Redis: hits of 300 B, 64 tasks";
    let mut table = Table::new("redis-throughput", title, "calls a second").more_is_better();
    let calls = effort.pick(50, 400);
    let lanes = vec![
        Lane::new(Who::ours("larder"), move || {
            runtime.block_on(throughput(calls, larder_async))
        }),
        Lane::new(Who::ours("larder, `callers_sockets`"), move || {
            runtime.block_on(throughput(calls, larder_lent))
        }),
        Lane::new(cached_store(), move || {
            runtime.block_on(throughput(calls, cached_async))
        }),
        Lane::new(mget(bare), move || {
            runtime.block_on(async {
                let connection = bare.multiplexed().await;
                let bare = bare.clone();
                let ask = move |n| {
                    let (bare, mut connection) = (bare.clone(), connection.clone());
                    async move { bare.read_async(n, &mut connection).await }
                };
                throughput(calls, ask).await
            })
        }),
    ];
    table.add("64 tasks on one thread", interleave(lanes, effort.rounds()));
    table
}

/// Calls a second, of 64 tasks each of which asks one after the other.
#[allow(clippy::cast_precision_loss, reason = "thousands of calls")]
async fn throughput<F>(calls: usize, ask: impl Fn(u64) -> F + Clone + Send + 'static) -> f64
where
    F: Future<Output: Send> + Send + 'static,
{
    let begin = Instant::now();
    let task = |number: usize| {
        let ask = ask.clone();
        tokio::spawn(async move {
            for _ in 0..calls {
                ask(number as u64).await;
            }
        })
    };
    let tasks: Vec<_> = (0..TASKS).map(task).collect();
    for task in tasks {
        task.await.expect("no call panics");
    }
    (TASKS * calls) as f64 / begin.elapsed().as_secs_f64()
}

fn threads(bare: &Bare, effort: Effort) -> Table {
    let mut table = Table::new("redis-sync", "Redis: hits of 300 B, not async", "µs a call")
        .note("With 16 threads on fewer cores, most of a call's time is waiting for a turn.");
    for (count, column) in [(1, "1 thread"), (16, "16 threads")] {
        let calls = effort.pick(300, 1_500) / count;
        let lanes = vec![
            Lane::new(Who::ours("larder"), move || {
                together(count, calls, || |n| drop(larder(n)))
            }),
            Lane::new(cached_store(), move || {
                together(count, calls, || |n| drop(cached(n)))
            }),
            Lane::new(mget(bare), move || {
                together(count, calls, || {
                    let mut connection = bare.connection();
                    move |n| bare.read(n, &mut connection)
                })
            }),
        ];
        table.add(column, interleave(lanes, effort.rounds()));
    }
    table
}

/// The mean latency of so many threads, each with what it asks by, in microseconds.
#[allow(clippy::cast_precision_loss, reason = "thousands of calls")]
fn together<A: FnMut(u64)>(count: usize, calls: usize, asker: impl Fn() -> A + Sync) -> f64 {
    let start = Barrier::new(count);
    let work = |number: usize| {
        let mut ask = asker();
        start.wait();
        let begin = Instant::now();
        (0..calls).for_each(|_| ask(number as u64));
        begin.elapsed().as_secs_f64() * 1e6 / calls as f64
    };
    let total: f64 = thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..count).map(|n| scope.spawn(move || work(n))).collect();
        let micros = |thread: thread::ScopedJoinHandle<'_, f64>| thread.join().expect("it asks");
        threads.into_iter().map(micros).sum()
    });
    total / count as f64
}

fn misses(runtime: &Runtime, effort: Effort) -> Table {
    let mut table = Table::new("redis-miss", "Redis: misses, 1 task", "µs a call").note(
        "larder asks for a lease, and stores beside its caller; cached computes, then stores.",
    );
    let calls = effort.pick(100, 500);
    let lanes = vec![
        Lane::new(Who::ours("larder"), move || {
            let ask = async |_| drop(larder_async(new_key()).await);
            runtime.block_on(latency(calls, 0.5, ask))
        }),
        Lane::new(cached_store(), move || {
            let ask = async |_| drop(cached_async(new_key()).await);
            runtime.block_on(latency(calls, 0.5, ask))
        }),
    ];
    table.add("p50, async", interleave(lanes, effort.rounds()));
    let lanes = vec![
        Lane::new(Who::ours("larder"), move || {
            together(1, calls, || |_| drop(larder(new_key())))
        }),
        Lane::new(cached_store(), move || {
            together(1, calls, || |_| drop(cached(new_key())))
        }),
    ];
    table.add("mean, not async", interleave(lanes, effort.rounds()));
    table
}
