//! How a server is to be started.

use std::process::Command;

use super::folder::Folder;
use super::server::RedisServer;
use super::tls;

/// Where it listens, who may come in, and its options.
#[derive(Clone, Default)]
pub(crate) struct Config {
    options: Vec<(String, String)>,
    pub(super) password: Option<String>,
    pub(super) user: Option<(String, String)>,
    pub(super) socket: bool,
    pub(super) tls: bool,
    sentinel: bool,
}

impl Config {
    /// An option as in `redis.conf`; a later one wins.
    pub(crate) fn option(mut self, name: &str, value: impl Into<String>) -> Self {
        self.options.push((name.to_owned(), value.into()));
        self
    }

    /// Every write is on disk before it is acknowledged: it survives `kill -9`.
    pub(crate) fn durable(self) -> Self {
        let appending = self.option("appendonly", "yes");
        appending.option("appendfsync", "always")
    }

    /// A password of the default user.
    pub(crate) fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self.option("requirepass", password)
    }

    /// A user who may do everything, beside the default one.
    pub(crate) fn user(mut self, name: &str, password: &str) -> Self {
        self.user = Some((name.to_owned(), password.to_owned()));
        self.option("user", format!("{name} on >{password} ~* &* +@all"))
    }

    /// Listens on a socket in its folder, and on no port.
    pub(crate) fn unix_socket(mut self) -> Self {
        self.socket = true;
        self
    }

    /// Listens on a second port with a certificate that nobody has signed.
    pub(crate) fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    pub(super) fn sentinel() -> Self {
        Self {
            sentinel: true,
            ..Self::default()
        }
    }

    /// Starts the server and waits until it answers.
    pub(crate) fn start(self) -> RedisServer {
        RedisServer::run(self)
    }

    /// The command line. A sentinel takes its options from a file, which it writes to.
    pub(super) fn command(&self, port: u16, tls_port: u16, folder: &Folder) -> Command {
        let mut command = Command::new("redis-server");
        if self.sentinel {
            command.arg(folder.file("sentinel.conf")).arg("--sentinel");
        }
        let all = self.addresses(port, tls_port, folder);
        let all = all.iter().chain(&self.options);
        command.args(all.flat_map(|(name, value)| words(name, value)));
        command
    }

    fn addresses(&self, port: u16, tls_port: u16, folder: &Folder) -> Vec<(String, String)> {
        let option = |name: &str, value: String| (name.to_owned(), value);
        let mut options = vec![
            option("bind", "127.0.0.1".to_owned()),
            option("port", if self.socket { 0 } else { port }.to_string()),
            option("dir", folder.path().display().to_string()),
        ];
        if !self.sentinel {
            options.push(option("save", String::new()));
        }
        if self.socket {
            let socket = folder.file("socket").display().to_string();
            options.push(option("unixsocket", socket));
        }
        if self.tls {
            options.push(option("tls-port", tls_port.to_string()));
            options.extend(tls::options(folder));
        }
        options
    }
}

/// An option on the command line; an access list is several words.
fn words(name: &str, value: &str) -> Vec<String> {
    let values: Vec<_> = match name {
        "user" => value.split(' ').map(str::to_owned).collect(),
        _ => vec![value.to_owned()],
    };
    std::iter::once(format!("--{name}")).chain(values).collect()
}
