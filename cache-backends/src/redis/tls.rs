//! TLS, by rustls.

use larder_core::error::Result;
use redis::{Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, TlsCertificates};

use super::failure::checked;

/// Whom to trust and who to be, in PEM. Without anything, the system's authorities are trusted.
#[derive(Default)]
pub(super) struct Certificates {
    pub(super) root: Option<Vec<u8>>,
    pub(super) client: Option<(Vec<u8>, Vec<u8>)>,
}

impl Certificates {
    /// The client of a server, with or without TLS as its URL says.
    pub(super) fn client_of(&self, info: ConnectionInfo) -> Result<Client> {
        if !matches!(info.addr(), ConnectionAddr::TcpTls { .. }) {
            return checked(Client::open(info));
        }
        provide_cryptography();
        checked(match self.given() {
            Some(certificates) => Client::build_with_tls(info, certificates),
            None => Client::open(info),
        })
    }

    /// What was given, in the redis crate's words.
    pub(super) fn given(&self) -> Option<TlsCertificates> {
        let client_tls = self
            .client
            .as_ref()
            .map(|(certificate, key)| ClientTlsConfig {
                client_cert: certificate.clone(),
                client_key: key.clone(),
            });
        let root_cert = self.root.clone();
        let given = client_tls.is_some() || root_cert.is_some();
        given.then_some(TlsCertificates {
            client_tls,
            root_cert,
        })
    }
}

#[cfg(feature = "redis-cluster")]
impl Certificates {
    /// Gives a cluster's client what was given here.
    pub(super) fn of_cluster(
        &self,
        client: redis::cluster::ClusterClientBuilder,
    ) -> redis::cluster::ClusterClientBuilder {
        provide_cryptography();
        match self.given() {
            Some(certificates) => client.certs(certificates),
            None => client,
        }
    }
}

#[cfg(feature = "redis-sentinel")]
impl Certificates {
    /// Gives a sentinels' client what was given here: for the master, which is reached by TLS then.
    pub(super) fn of_sentinel(
        &self,
        client: redis::sentinel::SentinelClientBuilder,
    ) -> redis::sentinel::SentinelClientBuilder {
        provide_cryptography();
        match self.given() {
            Some(certificates) => client
                .set_client_to_redis_tls_mode(redis::TlsMode::Secure)
                .set_client_to_redis_certificates(certificates),
            None => client,
        }
    }
}

/// rustls asks the process for its cryptography: where the application has not said, it is ring.
pub(super) fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may be quicker, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}
