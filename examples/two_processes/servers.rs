//! Servers that an example starts for itself.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Result;

/// Where the servers are: the user's, or some of our own, which end with this.
pub(crate) struct Servers {
    pub(super) url: String,
    own: Vec<Child>,
}

impl Servers {
    /// Servers of the user.
    pub(crate) fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            own: Vec::new(),
        }
    }

    /// Says where they are, when that is known.
    pub(crate) fn move_to(&mut self, url: String) {
        self.url = url;
    }

    /// Starts another one, with a folder for what it writes.
    pub(crate) fn start(
        &mut self,
        program: &str,
        arguments: &[String],
        folder: &Path,
    ) -> Result<()> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let own = started.map_err(|error| {
            format!("{program} did not start ({error}): install it, or set LARDER_URL")
        })?;
        self.own.push(own);
        Ok(())
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for own in &mut self.own {
            own.kill().ok();
            own.wait().ok();
        }
    }
}

/// A port on which nobody listens, low enough for what a cluster adds to it.
pub(crate) fn free_port() -> Result<u16> {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000)?;
    let is_free = |port: &u16| {
        let ports = [*port, port + 10_000];
        ports
            .iter()
            .all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
    };
    Ok((first..30_000).find(is_free).ok_or("no port is free")?)
}

/// Waits until somebody listens.
pub(crate) fn until_open(port: u16) -> Result<()> {
    until(|| TcpStream::connect(("127.0.0.1", port)).is_ok())
}

/// Waits until something holds.
pub(crate) fn until(holds: impl Fn() -> bool) -> Result<()> {
    let started = Instant::now();
    while !holds() {
        if started.elapsed() > Duration::from_secs(20) {
            return Err("a server does not answer".into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
