//! How many requests a bounded cache answers, by the trace of requests and its size.

use crate::body;
use crate::effort::Effort;
use crate::peers;
use crate::stats::Cell;
use crate::table::{Has, Table, Who};
use crate::trace::{self, Trace};
use larder::{Cache, memoize};
use lru::LruCache;
use std::num::NonZeroUsize;

#[memoize(timeout = 300, cache = cache, skip(cache), helpers = false)]
fn ours(cache: &Cache, n: u64) -> u64 {
    body::number(n)
}

/// Replays every trace into caches of two sizes.
pub fn measure(effort: Effort) -> Vec<Table> {
    let mut tables: Vec<_> = [1_000, 10_000].map(|size| ratios(size, effort)).into();
    tables.push(bounds());
    tables
}

fn ratios(size: usize, effort: Effort) -> Table {
    let id = format!("ratio-{size}");
    let title = format!("Hit ratio of a cache of {size} entries");
    let mut table = Table::new(&id, &title, "%").more_is_better().note(
        "A function of larder remembers its latest hits beside the store, and answers for up to a second what that has evicted. \
         What the policy does is the line of the store alone.",
    );
    for trace in trace::all(effort.pick(200_000, 1_000_000), size) {
        let caches: [(Who, Replay); 5] = [
            (Who::ours("larder, the store alone"), alone),
            (Who::ours("larder, through a function"), larder),
            (Who::with("moka", Has::ALL_BUT_FRESH), moka),
            (Who::with("quick_cache", Has::ALL_BUT_TIMEOUT), quick_cache),
            (Who::with("LRU", Has::BOUND), lru),
        ];
        let figure = |(who, replay): (Who, Replay)| (who, Cell::exact(replay(size, &trace)));
        table.add(trace.name, caches.into_iter().map(figure).collect());
    }
    table
}

/// Answers the share of hits in per cent.
type Replay = fn(usize, &Trace) -> f64;

fn larder(size: usize, trace: &Trace) -> f64 {
    let cache = peers::larder(size as u64);
    replay(trace, |key| ours(&cache, key))
}

/// Keys by hand: nothing is remembered beside the store.
fn alone(size: usize, trace: &Trace) -> f64 {
    let cache = peers::larder(size as u64);
    let ask = |key: u64| cache.get_or_compute_with(key.to_string(), 300, move || body::number(key));
    replay(trace, |key| ask(key).wait())
}

fn moka(size: usize, trace: &Trace) -> f64 {
    let cache = moka::sync::Cache::new(size as u64);
    replay(trace, |key| cache.get_with(key, || body::number(key)))
}

fn quick_cache(size: usize, trace: &Trace) -> f64 {
    let cache = quick_cache::sync::Cache::new(size);
    replay(trace, |key| {
        cache.get(&key).unwrap_or_else(|| {
            cache.insert(key, body::number(key));
            key
        })
    })
}

fn lru(size: usize, trace: &Trace) -> f64 {
    let size = NonZeroUsize::new(size).expect("a cache has room");
    let mut cache = LruCache::new(size);
    replay(trace, |key| *cache.get_or_insert(key, || body::number(key)))
}

#[allow(clippy::cast_precision_loss, reason = "at most millions")]
fn replay(trace: &Trace, mut ask: impl FnMut(u64) -> u64) -> f64 {
    let before = body::computed();
    for key in &trace.keys {
        ask(*key);
    }
    let missed = (body::computed() - before) as f64;
    100.0 * (1.0 - missed / trace.keys.len() as f64)
}

/// How full a store is after three times as many keys as it has room for.
#[allow(clippy::cast_precision_loss, reason = "at most thousands")]
fn bounds() -> Table {
    let title = "Entries at rest, after three times as many keys";
    let mut table = Table::new("bound", title, "% of the bound");
    for size in [100_usize, 1_000, 10_000] {
        let cache = peers::larder(size as u64);
        let keys: Vec<String> = (0..size * 3).map(|key| key.to_string()).collect();
        for key in &keys {
            cache.get_or_compute_with(key, 300, || 1_u64).wait();
        }
        let kept = |key: &&String| cache.has(key).wait().unwrap_or(false);
        let full = 100.0 * keys.iter().filter(kept).count() as f64 / size as f64;
        let figures = vec![(Who::ours("larder"), Cell::exact(full))];
        table.add(&format!("bound {size}"), figures);
    }
    table
}
