//! What tests of any server need to know of memcached.
#![allow(dead_code)] // every test file takes what it needs

use larder::backends::Memcached;

use crate::servers::memcached::MemcachedServer;

pub(crate) type Server = MemcachedServer;

/// The URL of a server at `host:port`.
pub(crate) fn url(address: &str) -> String {
    format!("memcache://{address}")
}

/// Connects, and says what came of it.
pub(crate) fn connect(url: &str) -> larder::Result<()> {
    Memcached::connect(url).wait().map(drop)
}

/// How many connections were made since the server was started.
pub(crate) fn connections(server: &Server) -> u64 {
    server.stat("total_connections")
}

/// What may happen to a server that stays up.
pub(crate) const TROUBLES: &[fn(&Server)] = &[flush];

/// Every entry, lease and version is gone.
pub(crate) fn flush(server: &Server) {
    server.say("flush_all\r\n", "OK");
}
