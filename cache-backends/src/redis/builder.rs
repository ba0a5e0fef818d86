//! Configuring a connection.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use larder_core::error::Result;
use larder_core::reply::Reply;

use super::Redis;
use super::access::Access;
use super::failure::config;
use super::link::Link;
#[cfg(any(feature = "redis-cluster", feature = "redis-sentinel"))]
use super::many_servers;
use super::session;
use super::settings::Settings;
use super::wire::Target;
use crate::payload::Limits;

/// Configures a connection to Redis. Nothing connects before [`connect`](Builder::connect), or
/// before the first command of what [`lazy`](Builder::lazy) answers.
#[must_use = "a builder does nothing until `connect` or `lazy`"]
pub struct Builder {
    place: Place,
    settings: Settings,
    access: Access,
}

/// Where the server is, as a user says it.
enum Place {
    One(String),
    #[cfg(feature = "redis-cluster")]
    Cluster(Vec<String>),
    #[cfg(feature = "redis-sentinel")]
    Sentinel(String, Vec<String>),
}

const DEFAULTS: Settings = Settings {
    operation_timeout: Duration::from_millis(50),
    connect_timeout: Duration::from_millis(250),
    limits: Limits {
        compress_above: 8 << 10,
        max_value: 8 << 20,
    },
    max_timeout: Duration::MAX,
    callers_sockets: false,
    compare_leases: true,
};

/// The longest budget of a command.
const LONGEST: Duration = Duration::from_secs(3_600);

impl Builder {
    fn new(place: Place) -> Self {
        Self {
            place,
            settings: DEFAULTS,
            access: Access::default(),
        }
    }

    pub(super) fn one(url: &str) -> Self {
        Self::new(Place::One(url.to_owned()))
    }

    #[cfg(feature = "redis-cluster")]
    pub(super) fn cluster(urls: Vec<String>) -> Self {
        Self::new(Place::Cluster(urls))
    }

    #[cfg(feature = "redis-sentinel")]
    pub(super) fn sentinel(master: String, urls: Vec<String>) -> Self {
        Self::new(Place::Sentinel(master, urls))
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

    /// Values of more than so many bytes, before compression, are not kept: 8 MiB unless set. They
    /// are counted in `Stats::refused`.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.settings.limits.max_value = bytes;
        self
    }

    /// No value lives longer than this, whatever its timeout says: no limit unless set.
    pub fn max_timeout(mut self, timeout: Duration) -> Self {
        self.settings.max_timeout = timeout;
        self
    }

    /// Reads in a tokio runtime use that runtime's own sockets, so that a hit wakes no thread of the
    /// store: a fifth faster for a task that asks alone. Not unless set, because tokio panics (in a
    /// task of its own; the call goes on) on a runtime that was built without `enable_io`.
    pub fn callers_sockets(mut self, callers: bool) -> Self {
        self.settings.callers_sockets = callers;
        self
    }

    /// The user, in the place of the URL's. With sentinels: of the master.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.access.user = Some(user.into());
        self
    }

    /// The password, in the place of the URL's. With sentinels: of the master.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.access.password = Some(password.into());
        self
    }

    /// The database, in the place of the URL's. A cluster has only database 0.
    pub fn database(mut self, database: u32) -> Self {
        self.access.database = Some(database.into());
        self
    }

    /// Trusts this certificate authority, in PEM, instead of the system's. For `rediss://`.
    #[cfg(feature = "redis-tls")]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.access.certificates.root = Some(pem.into());
        self
    }

    /// Shows the server this certificate with its key, in PEM. For `rediss://`.
    #[cfg(feature = "redis-tls")]
    pub fn client_certificate(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.access.certificates.client = Some((certificate.into(), key.into()));
        self
    }

    /// Stores without comparing leases, which makes the protocol unsound: the tests show with it
    /// that they can fail.
    #[doc(hidden)]
    pub fn skip_lease_compare(mut self) -> Self {
        self.settings.compare_leases = false;
        self
    }

    /// Connects, and answers when that has succeeded or failed.
    ///
    /// # Errors
    ///
    /// As for [`Redis::connect`].
    pub fn connect(self) -> Reply<'static, Result<Redis>> {
        match self.lazy() {
            Ok(redis) => Reply::later(async move {
                redis.link.start(async { Ok(()) }).await?;
                redis.link.first_attempt().await?;
                Ok(redis)
            }),
            Err(error) => Reply::now(Err(error)),
        }
    }

    /// Connects with the first command.
    ///
    /// # Errors
    ///
    /// [`Config`](larder_core::error::ErrorKind::Config) if the configuration makes no sense.
    pub fn lazy(self) -> Result<Redis> {
        self.check()?;
        let settings = self.settings;
        let target = self.target()?;
        Ok(Redis::new(Arc::new(Link::new(
            target,
            settings,
            session::start,
        ))))
    }

    fn check(&self) -> Result<()> {
        let Settings {
            operation_timeout,
            connect_timeout,
            max_timeout,
            ..
        } = self.settings;
        let zero = [operation_timeout, connect_timeout, max_timeout].contains(&Duration::ZERO);
        if zero {
            return Err(config("a timeout of 0 lets no command through"));
        }
        if operation_timeout > LONGEST || connect_timeout > LONGEST {
            return Err(config("a server may be waited for an hour at most"));
        }
        Ok(())
    }

    fn target(self) -> Result<Target> {
        let access = &self.access;
        match &self.place {
            Place::One(url) => {
                let client = access.client(access.info(url)?)?;
                Ok(Target::One(Box::new(client)))
            }
            #[cfg(feature = "redis-cluster")]
            Place::Cluster(urls) => {
                let client = many_servers::cluster(access, &self.settings, urls)?;
                Ok(Target::Cluster(Box::new(client)))
            }
            #[cfg(feature = "redis-sentinel")]
            Place::Sentinel(master, urls) => {
                let sentinels = many_servers::sentinels(access, master, urls)?;
                Ok(Target::Sentinel(sentinels))
            }
        }
    }
}

/// Shows no URL: it may hold a password.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
