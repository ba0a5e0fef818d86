//! Who the store is to a server.

use larder_core::error::Result;
use redis::{Client, ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

use super::failure::checked;

/// User, password, database and certificates, besides what a URL says.
#[derive(Default)]
pub(super) struct Access {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: Option<i64>,
    #[cfg(feature = "redis-tls")]
    pub(super) certificates: super::tls::Certificates,
}

impl Access {
    #[cfg(feature = "redis-tls")]
    pub(super) fn client(&self, info: ConnectionInfo) -> Result<Client> {
        self.certificates.client_of(info)
    }

    #[cfg(not(feature = "redis-tls"))]
    #[allow(clippy::unused_self)] // what it says matters with TLS only
    pub(super) fn client(&self, info: ConnectionInfo) -> Result<Client> {
        checked(Client::open(info))
    }

    /// What a URL says, with what was told besides. RESP3 unless the URL says otherwise: it tells
    /// at once that a connection is lost.
    pub(super) fn info(&self, url: &str) -> Result<ConnectionInfo> {
        let info = parse(url)?;
        let mut redis = info.redis_settings().clone();
        let options = url.split_once('?').map_or("", |(_, options)| options);
        if !options.contains("protocol=") {
            redis = redis.set_protocol(ProtocolVersion::RESP3);
        }
        if let Some(user) = &self.user {
            redis = redis.set_username(user);
        }
        if let Some(password) = &self.password {
            redis = redis.set_password(password);
        }
        if let Some(database) = self.database {
            redis = redis.set_db(database);
        }
        Ok(info.set_redis_settings(redis))
    }
}

/// What a URL says.
pub(super) fn parse(url: &str) -> Result<ConnectionInfo> {
    checked(url.into_connection_info())
}
