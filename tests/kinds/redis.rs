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

/// What may happen to a server that stays up.
pub(crate) const TROUBLES: &[fn(&Server)] = &[flush, forget_scripts, close_connections];

/// Every entry, lease and version is gone.
pub(crate) fn flush(server: &Server) {
    server.command(["FLUSHALL"]);
}

/// Every script is forgotten.
pub(crate) fn forget_scripts(server: &Server) {
    server.command(["SCRIPT", "FLUSH"]);
}

/// Every connection is closed.
pub(crate) fn close_connections(server: &Server) {
    server.command(["CLIENT", "KILL", "TYPE", "normal"]);
}
