//! `cargo run --example redis --features redis`
//!
//! Two processes share one cache: one computes for both, and what one invalidates the other does not
//! see again. With `LARDER_URL=redis://host:port` they use that server; without, the first one starts
//! a `redis-server` of its own, which ends with it.

mod two_processes;

use std::path::Path;

use larder::{Cache, backends::Redis};
use two_processes::{Result, Servers, until};

fn main() -> Result<()> {
    two_processes::run(serve, connect)
}

/// The same prefix on the same server is the same cache, in every process.
fn connect(url: &str) -> Result<Cache> {
    let cache = Cache::builder()
        .backend(Redis::connect(url).wait()?)
        .key_prefix("example:")
        .build()?;
    Ok(cache)
}

/// A server on a socket.
fn serve(folder: &Path) -> Result<Servers> {
    let socket = folder.join("redis.sock");
    let path = socket.display().to_string();
    let mut servers = Servers::at(format!("redis+unix://{path}"));
    let options = ["--port", "0", "--save", "", "--unixsocket", &path];
    servers.start("redis-server", &options.map(str::to_owned), folder)?;
    until(|| socket.exists())?;
    Ok(servers)
}
