//! What tests of any server need to know of Redis.
#![allow(dead_code)] // every test file takes what it needs

use larder::backends::Redis;

use crate::servers::server::RedisServer;

pub(crate) type Server = RedisServer;

/// The URL of a server at `host:port`.
pub(crate) fn url(address: &str) -> String {
    format!("redis://{address}/0")
}

/// Connects, and says what came of it.
pub(crate) fn connect(url: &str) -> larder::Result<()> {
    Redis::connect(url).wait().map(drop)
}

/// How many connections were made since the server was started.
pub(crate) fn connections(server: &Server) -> u64 {
    let made = server.info("stats")["total_connections_received"].clone();
    made.parse().expect("a count")
}
