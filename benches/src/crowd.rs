//! 64 tasks, all of them missing the same key at once.

use crate::body::{computed, slow_number};
use crate::effort::Effort;
use crate::lane::{Lane, interleave};
use crate::miss::{by_key, moka, new_key, quick_cache};
use crate::peers;
use crate::table::{Table, Who};
use larder::Cache;
use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::Instant;
use tokio::runtime::{Builder, Runtime};

const TASKS: usize = 64;

static CACHE: LazyLock<Cache> = LazyLock::new(|| peers::larder(10_000));

static MOKA: LazyLock<moka::future::Cache<u64, u64>> =
    LazyLock::new(|| peers::moka_of_tasks(10_000));

static QUICK: LazyLock<quick_cache::sync::Cache<u64, u64>> =
    LazyLock::new(|| peers::quick_cache(10_000));

#[larder::memoize(timeout = 300, cache = &*CACHE)]
async fn larder_number(n: u64) -> u64 {
    slow_number(n).await
}

#[cached::macros::cached(max_size = 10_000, ttl_secs = 300, sync_writes = "by_key")]
async fn cached_number(n: u64) -> u64 {
    slow_number(n).await
}

async fn moka_number(n: u64) -> u64 {
    MOKA.get_with(n, slow_number(n)).await
}

async fn quick_number(n: u64) -> u64 {
    let compute = async { Ok::<_, Infallible>(slow_number(n).await) };
    let found = QUICK.get_or_insert_async(&n, compute).await;
    found.unwrap_or_else(|never| match never {})
}

/// Measures crowds on one thread and on two.
pub fn measure(effort: Effort) -> Vec<Table> {
    let title = "64 tasks on one missing key";
    let mut table = Table::new("crowd", title, "µs for all 64")
        .note("The body yields once, then multiplies; spawning and joining the tasks is counted.");
    let one = Builder::new_current_thread().build();
    let two = Builder::new_multi_thread().worker_threads(2).build();
    for (column, runtime) in [("one thread", one), ("two threads", two)] {
        let runtime = runtime.expect("a runtime starts");
        table.add(column, interleave(lanes(&runtime, effort), effort.rounds()));
    }
    vec![table]
}

fn lanes(runtime: &Runtime, effort: Effort) -> Vec<Lane<'_>> {
    let bare = Who::limit("64 bare runs of the body");
    vec![
        lane(Who::ours("larder"), runtime, effort, larder_number),
        lane(by_key(), runtime, effort, cached_number),
        lane(moka(), runtime, effort, moka_number),
        lane(quick_cache(), runtime, effort, quick_number),
        lane(bare, runtime, effort, slow_number),
    ]
}

fn lane<F>(who: Who, runtime: &Runtime, effort: Effort, call: fn(u64) -> F) -> Lane<'_>
where
    F: Future<Output = u64> + Send + 'static,
{
    let shares = who.has.is_some();
    let before = computed();
    runtime.block_on(crowd(call, new_key()));
    let bodies = computed() - before;
    assert!(!shares || bodies == 1, "{}: {bodies} bodies", who.name);
    Lane::new(who, move || {
        let (mut crowds, begin) = (0.0, Instant::now());
        while begin.elapsed() < effort.slice() {
            runtime.block_on(crowd(call, new_key()));
            crowds += 1.0;
        }
        begin.elapsed().as_secs_f64() * 1e6 / crowds
    })
}

async fn crowd<F>(call: fn(u64) -> F, key: u64)
where
    F: Future<Output = u64> + Send + 'static,
{
    let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(call(key))).collect();
    for task in tasks {
        task.await.expect("no body panics");
    }
}
