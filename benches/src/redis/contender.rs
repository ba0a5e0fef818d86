//! The same function over every shared store.

use crate::body;
use crate::server::Server;
use cached::macros::concurrent_cached;
use larder::{Cache, backends::Redis, memoize};
use std::fmt;
use std::future::ready;
use std::sync::OnceLock;
use std::time::Duration;

static URL: OnceLock<String> = OnceLock::new();
static CACHE: OnceLock<Cache> = OnceLock::new();
static LENT: OnceLock<Cache> = OnceLock::new();

/// What a function says whose store failed; larder's never does.
#[derive(Clone, Debug)]
pub(super) struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells the contenders where the server is.
pub(super) fn prepare(server: &Server) {
    let store = Redis::connect(server.url())
        .wait()
        .expect("the server is up");
    let lent = Redis::builder(server.url()).callers_sockets(true);
    let lent = lent.connect().wait().expect("the server is up");
    let build = |store| {
        let builder = Cache::builder().backend(store).key_prefix("larder:");
        builder.build().expect("the configuration is right")
    };
    URL.set(server.url()).expect("a process has one server");
    assert!(CACHE.set(build(store)).is_ok(), "a process has one cache");
    assert!(
        LENT.set(build(lent)).is_ok(),
        "and one with its callers' sockets"
    );
}

fn cache() -> &'static Cache {
    CACHE.get().expect("the server is up")
}

fn lent() -> &'static Cache {
    LENT.get().expect("the server is up")
}

pub(super) fn url() -> &'static str {
    URL.get().expect("the server is up")
}

#[allow(clippy::unnecessary_wraps, reason = "a body that could fail")]
fn body(n: u64) -> Result<String, Failure> {
    Ok(format!("{:0300}", body::number(n)))
}

#[memoize(timeout = 300, cache = cache())]
pub(super) fn larder(n: u64) -> Result<String, Failure> {
    body(n)
}

#[memoize(timeout = 300, cache = cache())]
pub(super) async fn larder_async(n: u64) -> Result<String, Failure> {
    ready(body(n)).await
}

/// The same entries, read over sockets of the caller's runtime.
#[memoize(timeout = 300, cache = lent())]
pub(super) async fn larder_lent(n: u64) -> Result<String, Failure> {
    ready(body(n)).await
}

#[concurrent_cached(
    map_error = |error| Failure(format!("{error:?}")),
    ty = "cached::RedisCache<u64, String>",
    create = {
        cached::RedisCache::builder("sync").ttl(Duration::from_mins(5))
            .connection_string(url()).build().expect("the server is up")
    }
)]
pub(super) fn cached(n: u64) -> Result<String, Failure> {
    body(n)
}

#[concurrent_cached(
    map_error = |error| Failure(format!("{error:?}")),
    ty = "cached::AsyncRedisCache<u64, String>",
    create = {
        cached::AsyncRedisCache::builder("async").ttl(Duration::from_mins(5))
            .connection_string(url()).build().await.expect("the server is up")
    }
)]
pub(super) async fn cached_async(n: u64) -> Result<String, Failure> {
    ready(body(n)).await
}
