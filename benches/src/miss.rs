//! A miss of a function that computes next to nothing: what remains is bookkeeping.

use crate::body;
use crate::contender::pass;
use crate::effort::Effort;
use crate::lane::{Lane, interleave};
use crate::peers;
use crate::random::mix;
use crate::table::{Has, Table, Who};
use crate::timing::{Pass, per_new_call};
use larder::Cache;
use std::convert::Infallible;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

static CACHE: LazyLock<Cache> = LazyLock::new(|| peers::larder(10_000));

/// A number that was never asked for.
pub fn new_key() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    mix(NEXT.fetch_add(1, Ordering::Relaxed))
}

mod plain {
    use super::{CACHE, Infallible, LazyLock, body, peers};

    static MOKA: LazyLock<moka::sync::Cache<u64, u64>> = LazyLock::new(|| peers::moka(10_000));

    static QUICK: LazyLock<quick_cache::sync::Cache<u64, u64>> =
        LazyLock::new(|| peers::quick_cache(10_000));

    #[larder::memoize(timeout = 300, cache = &*CACHE)]
    pub(super) fn larder(n: u64) -> u64 {
        body::number(n)
    }

    #[larder::memoize(timeout = 300, cache = &*CACHE, flight = none)]
    pub(super) fn larder_alone(n: u64) -> u64 {
        body::number(n)
    }

    #[cached::macros::cached(max_size = 10_000, ttl_secs = 300, sync_writes = "by_key")]
    pub(super) fn cached_by_key(n: u64) -> u64 {
        body::number(n)
    }

    #[cached::macros::cached(max_size = 10_000, ttl_secs = 300)]
    pub(super) fn cached(n: u64) -> u64 {
        body::number(n)
    }

    #[cached::macros::concurrent_cached(max_size = 10_000, ttl_secs = 300)]
    pub(super) fn sharded(n: u64) -> u64 {
        body::number(n)
    }

    pub(super) fn moka(n: u64) -> u64 {
        MOKA.get_with(n, || body::number(n))
    }

    pub(super) fn quick_cache(n: u64) -> u64 {
        let found = QUICK.get_or_insert_with(&n, || Ok::<_, Infallible>(body::number(n)));
        found.unwrap_or_else(|never| match never {})
    }
}

/// The async contenders; a crowd meets them, too.
pub mod waiting {
    use super::{CACHE, Infallible, LazyLock, body, peers};
    use std::future;

    static MOKA: LazyLock<moka::future::Cache<u64, u64>> =
        LazyLock::new(|| peers::moka_of_tasks(10_000));

    static QUICK: LazyLock<quick_cache::sync::Cache<u64, u64>> =
        LazyLock::new(|| peers::quick_cache(10_000));

    #[larder::memoize(timeout = 300, cache = &*CACHE)]
    pub(super) async fn larder(n: u64) -> u64 {
        future::ready(body::number(n)).await
    }

    #[larder::memoize(timeout = 300, cache = &*CACHE, flight = none)]
    pub(super) async fn larder_alone(n: u64) -> u64 {
        future::ready(body::number(n)).await
    }

    #[cached::macros::cached(max_size = 10_000, ttl_secs = 300, sync_writes = "by_key")]
    pub(super) async fn cached_by_key(n: u64) -> u64 {
        future::ready(body::number(n)).await
    }

    pub(super) async fn moka(n: u64) -> u64 {
        MOKA.get_with(n, future::ready(body::number(n))).await
    }

    pub(super) async fn quick_cache(n: u64) -> u64 {
        let compute = async { Ok::<_, Infallible>(body::number(n)) };
        let found = QUICK.get_or_insert_async(&n, compute).await;
        found.unwrap_or_else(|never| match never {})
    }
}

/// What shares computations has a bound and a timeout here; only `quick_cache` knows no timeout.
const SHARES: Has = Has::ALL_BUT_FRESH;
const ALONE: Has = Has::ALL_BUT_FLIGHT;
const QUICK: Has = Has::ALL_BUT_TIMEOUT;

/// Measures misses, without and with `async`.
pub fn measure(effort: Effort) -> Vec<Table> {
    let title = "Miss on a trivial function";
    let mut table = Table::new("miss", title, "ns a call")
        .note("Every call computes, keeps and, the bound of 10 000 being reached, evicts.")
        .note("What flights cost larder is its line less the line without them.");
    table.add("not async", figures(plain(), effort));
    table.add("async", figures(waiting(), effort));
    vec![table]
}

fn plain() -> Vec<(Who, Pass<u64>)> {
    let no_flights = Who::with("larder, `flight = none`", ALONE);
    let cached = Who::with("cached, size + ttl", Has::BOUND_AND_TIMEOUT);
    let sharded = Who::with("concurrent_cached, size + ttl", Has::BOUND_AND_TIMEOUT);
    vec![
        (Who::ours("larder"), pass!(plain::larder)),
        (no_flights, pass!(plain::larder_alone)),
        (by_key(), pass!(plain::cached_by_key)),
        (cached, pass!(plain::cached)),
        (sharded, pass!(plain::sharded)),
        (moka(), pass!(plain::moka)),
        (quick_cache(), pass!(plain::quick_cache)),
        (Who::limit("limit: the body alone"), pass!(body::number)),
    ]
}

fn waiting() -> Vec<(Who, Pass<u64>)> {
    let no_flights = Who::with("larder, `flight = none`", ALONE);
    vec![
        (Who::ours("larder"), pass!(waiting::larder, async)),
        (no_flights, pass!(waiting::larder_alone, async)),
        (by_key(), pass!(waiting::cached_by_key, async)),
        (moka(), pass!(waiting::moka, async)),
        (quick_cache(), pass!(waiting::quick_cache, async)),
    ]
}

/// `cached` as it shares computations.
pub fn by_key() -> Who {
    Who::with("cached, size + ttl, by_key", SHARES)
}

/// moka as it shares computations.
pub fn moka() -> Who {
    Who::with("moka, `get_with`", SHARES)
}

/// `quick_cache` as it shares computations.
pub fn quick_cache() -> Who {
    Who::with("quick_cache, `get_or_insert`", QUICK)
}

fn figures(contenders: Vec<(Who, Pass<u64>)>, effort: Effort) -> Vec<(Who, crate::stats::Cell)> {
    let lane = |(who, pass): (Who, Pass<u64>)| {
        misses_only(&who, pass);
        Lane::new(who, move || per_new_call(pass, new_key, effort.slice()))
    };
    interleave(contenders.into_iter().map(lane).collect(), effort.rounds())
}

/// Makes sure that every call computes; and fills the cache.
fn misses_only(who: &Who, pass: Pass<u64>) {
    let before = body::computed();
    let keys: Vec<u64> = (0..20_000).map(|_| new_key()).collect();
    pass(&keys);
    assert_eq!(body::computed(), before + 20_000, "{} misses", who.name);
}
