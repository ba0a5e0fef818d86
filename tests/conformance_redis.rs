//! Redis keeps every law that the stores in process keep: the server's own time, two connections
//! for two processes.

#[macro_use]
#[path = "conformance/chapters.rs"]
mod chapters;
mod servers;

use std::sync::LazyLock;
use std::time::Duration;

use larder::backends::Redis;
use larder::conformance::Suite;
use servers::server::RedisServer;

/// One server for all laws: each works under a prefix of its own.
static SERVER: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

/// A patient connection: the machine that runs the tests may be busy.
fn connect() -> Redis {
    let builder = Redis::builder(SERVER.url())
        .operation_timeout(Duration::from_secs(10))
        .connect_timeout(Duration::from_secs(10))
        .max_value(64 << 20);
    builder.connect().wait().expect("the server is there")
}

fn redis() -> Suite {
    Suite::in_real_time(connect)
        .shared_by(|_| [connect(), connect()])
        .rounds(40)
}

keeps!(redis);
