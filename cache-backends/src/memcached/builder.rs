//! Configuring the connections.

use std::sync::Arc;
use std::time::Duration;

use larder_core::error::Result;
use larder_core::reply::Reply;

use super::Memcached;
use super::address::Address;
use super::failure::config;
use super::link::Link;
use super::server::Server;
use super::session;
use super::settings::Settings;
use crate::payload::Limits;

/// Configures the connections to memcached. Nothing connects before [`connect`](Builder::connect), or
/// before the first command of what [`lazy`](Builder::lazy) answers.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `connect` or `lazy`"]
pub struct Builder {
    servers: Vec<String>,
    settings: Settings,
}

const DEFAULTS: Settings = Settings {
    operation_timeout: Duration::from_millis(50),
    connect_timeout: Duration::from_millis(250),
    limits: Limits {
        compress_above: 8 << 10,
        max_value: 8 << 20,
    },
    compare_leases: true,
};

/// The longest budget of a command.
const LONGEST: Duration = Duration::from_secs(3_600);

impl Builder {
    pub(super) fn new(servers: Vec<String>) -> Self {
        Self {
            servers,
            settings: DEFAULTS,
        }
    }

    /// How long a command may take: 50 ms unless set. A server that is slower is taken for out of
    /// reach until it answers again, and calls go on without it.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.settings.operation_timeout = timeout;
        self
    }

    /// How long connecting may take, with everything that is said first: 250 ms unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// Values of more than so many bytes are compressed with LZ4: 8 KiB unless set. `usize::MAX`
    /// compresses nothing.
    pub fn compress_above(mut self, bytes: usize) -> Self {
        self.settings.limits.compress_above = bytes;
        self
    }

    /// Values of more than so many bytes, before compression, are not kept: 8 MiB unless set. The
    /// server has a limit of its own, 1 MiB unless it is started with another (`-I`). What is not
    /// kept is counted in `Stats::refused`.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.settings.limits.max_value = bytes;
        self
    }

    /// Stores without comparing leases, which makes the protocol unsound: the tests show with it
    /// that they can fail.
    #[doc(hidden)]
    pub fn skip_lease_compare(mut self) -> Self {
        self.settings.compare_leases = false;
        self
    }

    /// Connects to all servers, and answers when that has succeeded or failed.
    ///
    /// # Errors
    ///
    /// As for [`Memcached::connect`].
    pub fn connect(self) -> Reply<'static, Result<Memcached>> {
        match self.lazy() {
            Ok(memcached) => Reply::later(async move {
                memcached.link.start(async { Ok(()) }).await?;
                for server in &memcached.link.servers {
                    server.first_attempt().await?;
                }
                Ok(memcached)
            }),
            Err(error) => Reply::now(Err(error)),
        }
    }

    /// Connects with the first command.
    ///
    /// # Errors
    ///
    /// [`Config`](larder_core::error::ErrorKind::Config) if the configuration makes no sense.
    pub fn lazy(self) -> Result<Memcached> {
        self.check()?;
        let mut addresses = Vec::new();
        for server in &self.servers {
            let address = Address::parse(server)?;
            if addresses.contains(&address) {
                return Err(config("a memcached server is named twice"));
            }
            addresses.push(address);
        }
        let servers = addresses.into_iter().map(Server::new).collect();
        Ok(Memcached::new(Arc::new(Link::new(
            servers,
            self.settings,
            session::start,
        ))))
    }

    fn check(&self) -> Result<()> {
        let Settings {
            operation_timeout,
            connect_timeout,
            ..
        } = self.settings;
        if self.servers.is_empty() {
            return Err(config("no memcached server is named"));
        }
        if [operation_timeout, connect_timeout].contains(&Duration::ZERO) {
            return Err(config("a timeout of 0 lets no command through"));
        }
        if operation_timeout > LONGEST || connect_timeout > LONGEST {
            return Err(config("a server may be waited for an hour at most"));
        }
        Ok(())
    }
}
