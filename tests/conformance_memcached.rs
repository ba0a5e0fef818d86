//! memcached keeps every law that the stores in process keep: the servers' own time, two stores for two
//! processes, entries spread over several servers.

#[macro_use]
#[path = "conformance/chapters.rs"]
mod chapters;
mod servers;

use std::sync::LazyLock;
use std::time::Duration;

use larder::backends::Memcached;
use larder::conformance::Suite;
use servers::memcached::MemcachedServer;

/// The servers for all laws: each works under a prefix of its own.
static SERVERS: LazyLock<[MemcachedServer; 3]> =
    LazyLock::new(|| [0; 3].map(|_| MemcachedServer::with(["-m", "512", "-I", "32m"])));

/// A patient store: the machine that runs the tests may be busy.
fn connect(servers: usize) -> Memcached {
    let addresses = SERVERS[..servers].iter().map(MemcachedServer::address);
    let builder = Memcached::builder(addresses)
        .operation_timeout(Duration::from_secs(10))
        .connect_timeout(Duration::from_secs(10))
        .max_value(64 << 20);
    builder.connect().wait().expect("the servers are there")
}

fn suite_of(servers: usize) -> Suite {
    Suite::in_real_time(move || connect(servers))
        .shared_by(move |_| [connect(servers), connect(servers)])
        .rounds(40)
}

fn one_server() -> Suite {
    suite_of(1)
}

fn three_servers() -> Suite {
    suite_of(3)
}

keeps!(one_server);
keeps!(three_servers);
