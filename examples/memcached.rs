//! `cargo run --example memcached --features memcached`
//!
//! Two processes share one cache over two servers: one computes for both, and what one invalidates the
//! other does not see again. With `LARDER_URL=memcache://host:port,host:port` they use those servers;
//! without, the first one starts two of its own, which end with it.

mod two_processes;

use std::path::Path;

use larder::{Cache, backends::Memcached};
use two_processes::{Result, Servers, until};

fn main() -> Result<()> {
    two_processes::run(serve, connect)
}

/// The same prefix on the same servers is the same cache, in every process.
fn connect(url: &str) -> Result<Cache> {
    let cache = Cache::builder()
        .backend(Memcached::connect(url).wait()?)
        .key_prefix("example:")
        .build()?;
    Ok(cache)
}

/// Two servers, each on a socket.
fn serve(folder: &Path) -> Result<Servers> {
    let sockets = ["one.sock", "two.sock"].map(|name| folder.join(name));
    let paths = sockets
        .each_ref()
        .map(|socket| socket.display().to_string());
    let mut servers = Servers::at(format!("memcache://{}", paths.join(",")));
    for path in &paths {
        // As root it wants to be told whom to run as.
        let options = ["-u", "root", "-s", path];
        servers.start("memcached", &options.map(str::to_owned), folder)?;
    }
    until(|| sockets.iter().all(|socket| socket.exists()))?;
    Ok(servers)
}
