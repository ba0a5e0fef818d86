//! A server that ends with its owner.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A server on a free port of this machine, which keeps nothing on disk.
#[derive(Debug)]
pub struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Starts a `redis-server`.
    ///
    /// # Errors
    ///
    /// Why it does not start.
    pub fn redis() -> io::Result<Self> {
        Self::redis_on(free_port()?)
    }

    /// Starts a `redis-server` on the port of one that was killed, or of its own.
    ///
    /// # Errors
    ///
    /// Why it does not start.
    pub fn redis_on(port: u16) -> io::Result<Self> {
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no"]);
        Self::start(command, port)
    }

    /// Starts a `memcached`.
    ///
    /// # Errors
    ///
    /// Why it does not start.
    pub fn memcached() -> io::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("memcached");
        // As root it wants to be told whom to run as.
        command.args(["-u", "root", "-l", "127.0.0.1", "-p", &port.to_string()]);
        Self::start(command, port)
    }

    fn start(mut command: Command, port: u16) -> io::Result<Self> {
        let process = command
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let server = Self { process, port };
        for _ in 0..500 {
            if TcpStream::connect(server.address()).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err(io::Error::other("nothing listens on its port"))
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address of a Redis, as every client takes it.
    pub fn url(&self) -> String {
        format!("redis://{}/", self.address())
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
