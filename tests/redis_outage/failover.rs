//! Servers that take over from each other.
#![cfg(any(feature = "redis-cluster", feature = "redis-sentinel"))]

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use larder::Cache;
use larder::backends::Redis;

use crate::bench::{Bench, say};
#[cfg(feature = "redis-cluster")]
use crate::servers::cluster::RedisCluster;
#[cfg(feature = "redis-sentinel")]
use crate::servers::sentinel::RedisSentinel;

/// So many keys are in every part of a cluster.
const KEYS: u64 = 24;

/// Loses a master; every answer is right, and soon every key is cached again.
fn survive(name: &str, cache: &Cache, failover: impl FnOnce() -> Duration) {
    let bench = Bench::new();
    for key in 0..KEYS {
        bench.until_cached(cache, key);
    }
    let over = AtomicBool::new(false);
    let took = thread::scope(|threads| {
        threads.spawn(|| {
            for round in (0..).take_while(|_| !over.load(SeqCst)) {
                bench.assert_right(cache, round % KEYS);
                thread::sleep(Duration::from_millis(5));
            }
        });
        let took = failover();
        over.store(true, SeqCst);
        took
    });
    let start = Instant::now();
    for key in 0..KEYS {
        bench.until_cached(cache, key);
    }
    let again = start.elapsed();
    say(&format!(
        "{name}: took {took:?}; every key is cached again after {again:?}"
    ));
}

#[cfg(feature = "redis-cluster")]
#[test]
fn a_cluster_that_lost_a_master_is_used_again() {
    let mut cluster = RedisCluster::start(3);
    let cache = cache_over(Redis::cluster(cluster.urls()).lazy());
    survive("cluster failover", &cache, || cluster.failover());
}

#[cfg(feature = "redis-sentinel")]
#[test]
fn a_master_that_was_lost_is_replaced() {
    let mut sentinel = RedisSentinel::start();
    let redis = Redis::sentinel(RedisSentinel::NAME, sentinel.urls());
    let cache = cache_over(redis.lazy());
    survive("sentinel failover", &cache, || sentinel.failover());
}

fn cache_over(redis: larder::Result<Redis>) -> Cache {
    let redis = redis.expect("right addresses");
    let builder = Cache::builder().backend(redis).key_prefix("outage:");
    let builder = builder.default_timeout(600);
    builder.build().expect("a right configuration")
}
