//! A way to the server, or to the servers.

use std::fmt;
use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, PushKind, RedisResult, Value};

use super::names::Layout;

/// Where to connect to.
pub(super) enum Target {
    One(Box<Client>),
    #[cfg(feature = "redis-cluster")]
    Cluster(Box<redis::cluster::ClusterClient>),
    #[cfg(feature = "redis-sentinel")]
    Sentinel(super::many_servers::Sentinels),
}

/// An open connection. A clone is the same.
#[derive(Clone)]
pub(super) enum Wire {
    One(MultiplexedConnection),
    #[cfg(feature = "redis-cluster")]
    Cluster(redis::cluster_async::ClusterConnection),
}

/// So many commands may stand in line before they are written.
pub(super) const LINE: usize = 4_096;

impl Target {
    pub(super) fn layout(&self) -> Layout {
        match self {
            Self::One(_) => Layout::Single,
            #[cfg(feature = "redis-cluster")]
            Self::Cluster(_) => Layout::Cluster,
            #[cfg(feature = "redis-sentinel")]
            Self::Sentinel(_) => Layout::Single,
        }
    }

    /// Whether one server answers, in the order of the commands.
    pub(super) fn answers_in_order(&self) -> bool {
        self.layout() == Layout::Single
    }

    /// A client of the one server; nothing in a cluster, or if it cannot be found.
    #[cfg_attr(not(feature = "redis-sentinel"), allow(clippy::unused_async))]
    pub(super) async fn client(&self) -> Option<Client> {
        match self {
            Self::One(client) => Some(Client::clone(client)),
            #[cfg(feature = "redis-cluster")]
            Self::Cluster(_) => None,
            #[cfg(feature = "redis-sentinel")]
            Self::Sentinel(sentinels) => sentinels.master().await.ok(),
        }
    }

    /// Connects. `on_loss` is called when the server closes the connection, if the protocol tells.
    pub(super) async fn connect(
        &self,
        on_loss: impl Fn() + Send + Sync + 'static,
    ) -> RedisResult<Wire> {
        match self {
            Self::One(client) => connect_to(client, on_loss).await,
            #[cfg(feature = "redis-cluster")]
            Self::Cluster(client) => client.get_async_connection().await.map(Wire::Cluster),
            #[cfg(feature = "redis-sentinel")]
            Self::Sentinel(sentinels) => connect_to(&sentinels.master().await?, on_loss).await,
        }
    }
}

async fn connect_to(
    client: &Client,
    on_loss: impl Fn() + Send + Sync + 'static,
) -> RedisResult<Wire> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_pipeline_buffer_size(LINE);
    let info = client.get_connection_info();
    let config = match info.redis_settings().protocol() {
        redis::ProtocolVersion::RESP3 => config.set_push_sender(on_push(on_loss)),
        _ => config,
    };
    let connected = client.get_multiplexed_async_connection_with_config(&config);
    connected.await.map(Wire::One)
}

fn on_push(
    on_loss: impl Fn() + Send + Sync + 'static,
) -> impl Fn(redis::PushInfo) -> Result<(), redis::aio::SendError> + Send + Sync + 'static {
    let on_loss = Arc::new(on_loss);
    move |push| {
        if push.kind == PushKind::Disconnection {
            on_loss();
        }
        Ok(())
    }
}

impl Wire {
    pub(super) async fn send(&mut self, command: Cmd) -> RedisResult<Value> {
        let answer = match self {
            Self::One(connection) => connection.send_packed_command(&command).await,
            #[cfg(feature = "redis-cluster")]
            Self::Cluster(connection) => {
                super::many_servers::send_in_cluster(connection, &command).await
            }
        };
        match answer? {
            Value::ServerError(error) => Err(error.into()),
            answer => Ok(answer),
        }
    }
}

/// Shows where, never with what password.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(client) => write!(f, "{}", client.get_connection_info().addr()),
            #[cfg(feature = "redis-cluster")]
            Self::Cluster(_) => f.write_str("cluster"),
            #[cfg(feature = "redis-sentinel")]
            Self::Sentinel(_) => f.write_str("sentinel"),
        }
    }
}
