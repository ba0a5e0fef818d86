//! Clusters, and masters that sentinels know.

#[cfg(feature = "redis-cluster")]
pub(super) use cluster::cluster;
#[cfg(feature = "redis-sentinel")]
pub(super) use sentinel::sentinel;

#[cfg(feature = "redis-cluster")]
mod cluster {
    use larder_core::error::Result;
    use redis::cluster::ClusterClientBuilder;

    use super::super::builder::{Builder, checked};
    use super::super::wire::Target;

    /// So often a command is sent again after the cluster said that its slot has moved.
    const RETRIES: u32 = 2;
    /// Before a command is sent again, in milliseconds.
    const RETRY_WAIT: u64 = 5;

    /// The client of a cluster. What the cluster's connection does by itself (finding the servers,
    /// following slots that move) has to end within the budget of a command.
    pub(in super::super) fn cluster(builder: &Builder, urls: &[String]) -> Result<Target> {
        let nodes: Vec<_> = urls
            .iter()
            .map(|url| builder.info(url))
            .collect::<Result<_>>()?;
        let settings = builder.settings;
        let client = ClusterClientBuilder::new(nodes)
            .retries(RETRIES)
            .min_retry_wait(RETRY_WAIT)
            .max_retry_wait(RETRY_WAIT)
            .connection_timeout(settings.connect_timeout)
            .response_timeout(settings.operation_timeout)
            .overall_response_timeout(Some(settings.operation_timeout * 2));
        #[cfg(feature = "redis-tls")]
        let client = builder.certificates.of_cluster(client);
        Ok(Target::Cluster(checked(client.build())?))
    }
}

#[cfg(feature = "redis-sentinel")]
mod sentinel {
    use larder_core::error::Result;
    use redis::ProtocolVersion;
    use redis::sentinel::{SentinelClientBuilder, SentinelServerType};

    use super::super::builder::{Builder, checked, config, parse};
    use super::super::wire::Target;

    /// The client of a master that sentinels know: it is asked for with each connection.
    pub(in super::super) fn sentinel(
        builder: &Builder,
        master: &str,
        urls: &[String],
    ) -> Result<Target> {
        let sentinels = urls.iter().map(|url| parse(url));
        let sentinels = sentinels.collect::<Result<Vec<_>>>()?;
        let first = sentinels
            .first()
            .ok_or_else(|| config("no sentinel is named"))?;
        let (user, password) = (
            first.redis_settings().username().map(str::to_owned),
            first.redis_settings().password().map(str::to_owned),
        );
        let addresses = sentinels.iter().map(|info| info.addr().clone());
        let made = SentinelClientBuilder::new(addresses, master, SentinelServerType::Master);
        let mut client = checked(made)?.set_client_to_redis_protocol(ProtocolVersion::RESP3);
        if let Some(user) = user {
            client = client.set_client_to_sentinel_username(user);
        }
        if let Some(password) = password {
            client = client.set_client_to_sentinel_password(password);
        }
        let client = of_master(builder, client);
        #[cfg(feature = "redis-tls")]
        let client = builder.certificates.of_sentinel(client);
        Ok(Target::Sentinel(tokio::sync::Mutex::new(checked(
            client.build(),
        )?)))
    }

    fn of_master(builder: &Builder, mut client: SentinelClientBuilder) -> SentinelClientBuilder {
        if let Some(user) = &builder.user {
            client = client.set_client_to_redis_username(user);
        }
        if let Some(password) = &builder.password {
            client = client.set_client_to_redis_password(password);
        }
        if let Some(database) = builder.database {
            client = client.set_client_to_redis_db(database);
        }
        client
    }
}
