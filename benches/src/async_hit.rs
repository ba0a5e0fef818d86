//! A hit of an async function: ready at the first poll, if all is well.

use crate::body;
use crate::contender::{Room, key, pass};
use crate::effort::Effort;
use crate::hit;
use crate::lane::{Lane, interleave};
use crate::pattern::Pattern;
use crate::peers;
use crate::table::{Has, Table, Who};
use crate::timing::{Pass, per_call_together};
use larder::Cache;
use std::convert::Infallible;
use std::sync::LazyLock;

static CACHE: LazyLock<Cache> = LazyLock::new(|| peers::larder(20_000));

static MOKA: LazyLock<moka::future::Cache<u64, u64>> =
    LazyLock::new(|| peers::moka_of_tasks(20_000));

static QUICK: LazyLock<quick_cache::sync::Cache<u64, u64>> =
    LazyLock::new(|| peers::quick_cache(20_000));

#[larder::memoize(timeout = 300, cache = &*CACHE)]
async fn larder_number(n: u64) -> u64 {
    body::slow_number(n).await
}

#[cached::macros::cached(max_size = 20_000, ttl_secs = 300)]
async fn cached_number(n: u64) -> u64 {
    body::slow_number(n).await
}

#[cached::macros::concurrent_cached(max_size = 20_000, ttl_secs = 300)]
async fn sharded_number(n: u64) -> u64 {
    body::slow_number(n).await
}

async fn moka_number(n: u64) -> u64 {
    MOKA.get_with(n, body::slow_number(n)).await
}

async fn quick_number(n: u64) -> u64 {
    let compute = async { Ok::<_, Infallible>(body::slow_number(n).await) };
    let found = QUICK.get_or_insert_async(&n, compute).await;
    found.unwrap_or_else(|never| match never {})
}

/// Every contender and its loop; the first two are ours.
pub fn contenders() -> Vec<(Who, Pass<u64>)> {
    let cached = "concurrent_cached, size + ttl, async";
    vec![
        (Who::ours("larder, async"), pass!(larder_number, async)),
        (
            Who::ours("larder, not async"),
            hit::larder::at(Room::Roomy).number,
        ),
        (
            Who::with("cached, size + ttl, async", Has::BOUND_AND_TIMEOUT),
            pass!(cached_number, async),
        ),
        (
            Who::with(cached, Has::BOUND_AND_TIMEOUT),
            pass!(sharded_number, async),
        ),
        (
            Who::with("moka future, ttl", Has::ALL_BUT_FRESH),
            pass!(moka_number, async),
        ),
        (
            Who::with("quick_cache, async", Has::ALL_BUT_TIMEOUT),
            pass!(quick_number, async),
        ),
    ]
}

/// Measures hits of `async fn(u64) -> u64`.
pub fn measure(effort: Effort) -> Vec<Table> {
    let title = "Hit, `async fn(u64) -> u64`";
    let mut table = Table::new("async-hit", title, "ns a call and thread");
    let contenders = contenders();
    let keys: Vec<u64> = (0..Room::Roomy.keys()).map(key).collect();
    for (_, pass) in &contenders {
        pass(&keys);
    }
    let zipf = Pattern::Zipf(0.99);
    for (pattern, keys) in [(Pattern::Hot, "one key"), (zipf, "10 000, Zipf")] {
        for (threads, count) in [(1, "1 thread"), (2, "2 threads")] {
            let lanes = lanes(&contenders, pattern, threads, effort);
            let figures = interleave(lanes, effort.rounds());
            table.add(&format!("{keys}, {count}"), figures);
        }
    }
    vec![table]
}

fn lanes(
    contenders: &[(Who, Pass<u64>)],
    pattern: Pattern,
    threads: u64,
    effort: Effort,
) -> Vec<Lane<'static>> {
    let draw = |seed| pattern.requests(Room::Roomy.keys(), 1 << 14, seed);
    let inputs = |seed| draw(seed).into_iter().map(key).collect();
    let inputs: Vec<Vec<u64>> = (1..=threads).map(inputs).collect();
    let lane = |(who, pass): &(Who, Pass<u64>)| {
        let (pass, inputs) = (*pass, inputs.clone());
        let before = body::computed();
        for inputs in &inputs {
            pass(inputs);
        }
        assert_eq!(body::computed(), before, "{} hits", who.name);
        Lane::new(who.clone(), move || {
            per_call_together(pass, &inputs, effort.slice())
        })
    };
    contenders.iter().map(lane).collect()
}
