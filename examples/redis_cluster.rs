//! `cargo run --example redis_cluster --features redis-cluster`
//!
//! What `redis` shows, over a cluster. With `LARDER_URL=redis://host:port,redis://host:port` (some of its
//! nodes) they use that; without, the first one starts a cluster of three masters of its own, which end
//! with it.

mod two_processes;

use std::path::Path;
use std::process::{Command, Stdio};

use larder::{Cache, backends::Redis};
use two_processes::{Result, Servers, free_port, until, until_open};

fn main() -> Result<()> {
    two_processes::run(serve, connect)
}

/// The same prefix on the same cluster is the same cache, in every process.
fn connect(urls: &str) -> Result<Cache> {
    let cache = Cache::builder()
        .backend(Redis::cluster(urls.split(',')).connect().wait()?)
        .key_prefix("example:")
        .build()?;
    Ok(cache)
}

/// Three masters that share the slots among themselves.
fn serve(folder: &Path) -> Result<Servers> {
    let mut servers = Servers::at("");
    let mut nodes = Vec::new();
    for number in 0..3 {
        let port = free_port()?;
        let (port_text, file) = (port.to_string(), format!("nodes-{number}.conf"));
        let address = ["--bind", "127.0.0.1", "--port", &port_text, "--save", ""];
        let cluster = ["--cluster-enabled", "yes", "--cluster-config-file", &file];
        let options: Vec<_> = address
            .iter()
            .chain(&cluster)
            .map(|word| (*word).to_owned())
            .collect();
        servers.start("redis-server", &options, folder)?;
        until_open(port)?;
        nodes.push(format!("127.0.0.1:{port}"));
    }
    let made = redis_cli(&[&["--cluster", "create", "--cluster-yes"], &*texts(&nodes)].concat())?;
    if !made.status.success() {
        return Err("redis-cli made no cluster of the servers".into());
    }
    until(|| nodes.iter().all(|node| is_ready(node)))?;
    let urls: Vec<_> = nodes.iter().map(|node| format!("redis://{node}")).collect();
    servers.move_to(urls.join(","));
    Ok(servers)
}

/// Whether a node knows of the others, and of all slots.
fn is_ready(node: &str) -> bool {
    let port = node.rsplit(':').next().unwrap_or_default();
    let info = redis_cli(&["-p", port, "cluster", "info"]);
    info.is_ok_and(|info| String::from_utf8_lossy(&info.stdout).contains("cluster_state:ok"))
}

fn redis_cli(arguments: &[&str]) -> Result<std::process::Output> {
    let mut command = Command::new("redis-cli");
    let output = command.args(arguments).stderr(Stdio::null()).output();
    Ok(output.map_err(|error| format!("redis-cli did not start ({error})"))?)
}

fn texts(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}
