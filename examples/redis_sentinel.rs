//! `cargo run --example redis_sentinel --features redis-sentinel`
//!
//! What `redis` shows, with a master that a sentinel knows. With `LARDER_URL=name@redis://host:port,..`
//! (the master's name, and the sentinels) they use that; without, the first one starts a master and a
//! sentinel of its own, which end with it.

mod two_processes;

use std::fs;
use std::path::Path;

use larder::{Cache, backends::Redis};
use two_processes::{Result, Servers, free_port, until_open};

fn main() -> Result<()> {
    two_processes::run(serve, connect)
}

/// The same prefix on the same master is the same cache, in every process.
fn connect(place: &str) -> Result<Cache> {
    let (master, sentinels) = place
        .split_once('@')
        .ok_or("write name@redis://host:port")?;
    let redis = Redis::sentinel(master, sentinels.split(','));
    let cache = Cache::builder()
        .backend(redis.connect().wait()?)
        .key_prefix("example:")
        .build()?;
    Ok(cache)
}

/// A master, and a sentinel that knows it.
fn serve(folder: &Path) -> Result<Servers> {
    let master = free_port()?;
    let mut servers = Servers::at("");
    servers.start("redis-server", &options(master), folder)?;
    until_open(master)?;
    let sentinel = free_port()?;
    let file = folder.join("sentinel.conf");
    fs::write(
        &file,
        format!("sentinel monitor pantry 127.0.0.1 {master} 1\n"),
    )?;
    let mut arguments = vec![file.display().to_string(), "--sentinel".to_owned()];
    arguments.extend(options(sentinel));
    servers.start("redis-server", &arguments, folder)?;
    until_open(sentinel)?;
    servers.move_to(format!("pantry@redis://127.0.0.1:{sentinel}"));
    Ok(servers)
}

fn options(port: u16) -> Vec<String> {
    let port = port.to_string();
    ["--bind", "127.0.0.1", "--port", &port]
        .map(str::to_owned)
        .into()
}
