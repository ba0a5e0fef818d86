//! Clusters, and masters that sentinels know.

#[cfg(feature = "redis-cluster")]
pub(super) use cluster::{cluster, send_in_cluster};
#[cfg(feature = "redis-sentinel")]
pub(super) use sentinel::{Sentinels, sentinels};

#[cfg(feature = "redis-cluster")]
mod cluster {
    use std::time::Duration;

    use larder_core::error::Result;
    use redis::aio::ConnectionLike;
    use redis::cluster::{ClusterClient, ClusterClientBuilder};
    use redis::cluster_async::ClusterConnection;
    use redis::{Cmd, RedisResult, Value};

    use super::super::access::Access;
    use super::super::failure::{self, checked};
    use super::super::settings::Settings;

    /// So often a command is sent again after the cluster said that its slot is elsewhere.
    const REDIRECTIONS: u32 = 3;
    /// Before it is sent again: the connection asks meanwhile where the slots are.
    const PAUSE: Duration = Duration::from_millis(10);

    /// The client of a cluster. It sends nothing twice by itself: an answer that does not come says
    /// nothing about whether the command was run.
    pub(in super::super) fn cluster(
        access: &Access,
        settings: &Settings,
        urls: &[String],
    ) -> Result<ClusterClient> {
        let nodes: Vec<_> = urls
            .iter()
            .map(|url| access.info(url))
            .collect::<Result<_>>()?;
        let client = ClusterClientBuilder::new(nodes)
            .retries(0)
            .connection_timeout(settings.connect_timeout)
            .response_timeout(settings.operation_timeout)
            .overall_response_timeout(Some(settings.operation_timeout));
        #[cfg(feature = "redis-tls")]
        let client = access.certificates.of_cluster(client);
        checked(client.build())
    }

    /// Sends a command, and again if the server says that it did not run it.
    pub(in super::super) async fn send_in_cluster(
        connection: &mut ClusterConnection,
        command: &Cmd,
    ) -> RedisResult<Value> {
        for _ in 0..REDIRECTIONS {
            match connection.req_packed_command(command).await {
                Err(error) if failure::was_not_run(&error) => tokio::time::sleep(PAUSE).await,
                answer => return answer,
            }
        }
        connection.req_packed_command(command).await
    }
}

#[cfg(feature = "redis-sentinel")]
mod sentinel {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use larder_core::error::Result;
    use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
    use redis::{Client, ConnectionInfo, ProtocolVersion, RedisResult};
    use tokio::sync::Mutex;

    use super::super::access::{Access, parse};
    use super::super::failure::{checked, config};

    /// Sentinels, of which each attempt to connect asks another one first: one that is out of reach
    /// would use up the time that the others need.
    pub(in super::super) struct Sentinels {
        turns: Vec<Mutex<SentinelClient>>,
        attempts: AtomicUsize,
    }

    impl Sentinels {
        /// Asks who the master is.
        pub(in super::super) async fn master(&self) -> RedisResult<Client> {
            let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
            let turn = &self.turns[attempt % self.turns.len()];
            turn.lock().await.async_get_client().await
        }
    }

    /// The master that sentinels know: it is asked for with each connection.
    pub(in super::super) fn sentinels(
        access: &Access,
        master: &str,
        urls: &[String],
    ) -> Result<Sentinels> {
        let mut sentinels: Vec<_> = urls.iter().map(|url| parse(url)).collect::<Result<_>>()?;
        if sentinels.is_empty() {
            return Err(config("no sentinel is named"));
        }
        let mut turns = Vec::new();
        for _ in 0..sentinels.len() {
            turns.push(Mutex::new(client(access, master, &sentinels)?));
            sentinels.rotate_left(1);
        }
        let attempts = AtomicUsize::new(0);
        Ok(Sentinels { turns, attempts })
    }

    fn client(
        access: &Access,
        master: &str,
        sentinels: &[ConnectionInfo],
    ) -> Result<SentinelClient> {
        let addresses = sentinels.iter().map(|info| info.addr().clone());
        let made = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master);
        let client = checked(made)?.set_client_to_redis_protocol(ProtocolVersion::RESP3);
        let client = of_sentinels(&sentinels[0], client);
        let client = of_master(access, client);
        #[cfg(feature = "redis-tls")]
        let client = access.certificates.of_sentinel(client);
        checked(client.build())
    }

    fn of_sentinels(
        sentinel: &ConnectionInfo,
        mut client: SentinelClientBuilder,
    ) -> SentinelClientBuilder {
        let settings = sentinel.redis_settings();
        if let Some(user) = settings.username() {
            client = client.set_client_to_sentinel_username(user);
        }
        if let Some(password) = settings.password() {
            client = client.set_client_to_sentinel_password(password);
        }
        client
    }

    fn of_master(access: &Access, mut client: SentinelClientBuilder) -> SentinelClientBuilder {
        if let Some(user) = &access.user {
            client = client.set_client_to_redis_username(user);
        }
        if let Some(password) = &access.password {
            client = client.set_client_to_redis_password(password);
        }
        if let Some(database) = access.database {
            client = client.set_client_to_redis_db(database);
        }
        client
    }
}
