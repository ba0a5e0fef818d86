//! A cache that waits for a server on a busy machine.

use std::time::Duration;

use larder::Cache;
use larder::backends::Redis;

use super::server::RedisServer;

/// A cache as one process has it; the same prefix is the same cache.
pub(crate) fn cache(server: &RedisServer, prefix: &str) -> Cache {
    let redis = Redis::builder(server.url())
        .operation_timeout(Duration::from_secs(10))
        .connect_timeout(Duration::from_secs(10))
        .connect()
        .wait()
        .expect("the server is there");
    let builder = Cache::builder().backend(redis).key_prefix(prefix);
    builder.build().expect("a right configuration")
}
