//! Redis and Valkey: one cache for many processes.

mod access;
mod ahead;
mod answer;
mod aside;
mod beside;
mod builder;
mod deletion;
mod desk;
mod dial;
mod failure;
mod fuse;
mod greeting;
mod lane;
mod line;
mod link;
#[cfg(any(feature = "redis-cluster", feature = "redis-sentinel"))]
mod many_servers;
mod mget;
mod names;
mod opening;
mod protocol;
mod script;
mod session;
mod settings;
mod settling;
#[cfg(feature = "redis-tls")]
mod tls;
mod traffic;
mod version;
mod ways;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::{Acquired, Backend, Claim, Lease, Profile, Scope, Stored};
use larder_core::error::Result;
use larder_core::frame::NEVER;
use larder_core::key::Key;
use larder_core::reply::Reply;
use larder_core::timeout::Ttl;
use larder_core::value::{Item, Kept, Term};

pub use builder::Builder;
use link::Link;
use names::{Layout, Names};

use crate::payload::{Framed, NONE};

/// A store in Redis (6.2 or later) or Valkey, shared by every process that uses the same server and
/// the same `key_prefix`.
///
/// **What it guarantees.** Fresh after invalidate, across processes: when an invalidation has
/// answered `Ok`, every call that it covers and that starts afterwards, in any process, gets a value
/// whose computation started after it. One process computes for all. The server must not lose
/// acknowledged writes: what a failover can lose is said in the operator's page of the guide.
///
/// **What it costs.** A hit is one `MGET`, an invalidation one command, whatever it covers. A miss
/// asks for a lease in a second round trip; the caller does not wait for the store.
///
/// **When the server is out of reach.** Commands fail at once, calls run their bodies, and a
/// connection is tried in the background, at least twice a second. An invalidation answers `Err`, is
/// remembered and repeated as soon as the server is back, before anything is read from it.
///
/// It needs no runtime: it owns a thread, which starts with the first command. Functions without
/// `async` wait for it, on any thread. Besides the one connection of that thread, who reads often
/// gets his own: each tokio runtime one (of 32 at most), and threads without `async` up to 16 together.
///
/// # Examples
///
/// ```no_run
/// use larder_backends::Redis;
/// use larder_core::cache::Cache;
///
/// let cache = Cache::builder()
///     .backend(Redis::connect("redis://127.0.0.1:6379/0").wait()?)
///     .key_prefix("my_app_v1:")
///     .build()?;
/// # Ok::<_, larder_core::error::Error>(())
/// ```
pub struct Redis {
    link: Arc<Link>,
    layout: Layout,
}

impl Redis {
    /// Connects to a server: `redis://user:password@host:port/db`, `rediss://` for TLS (feature
    /// `redis-tls`), `redis+unix:///path` for a socket.
    ///
    /// # Errors
    ///
    /// [`Config`] if the URL is not one, if the server does not let the user in or is too old;
    /// [`Unavailable`] or [`Timeout`] if it cannot be reached. No error shows the URL, which may hold
    /// a password.
    ///
    /// [`Config`]: larder_core::error::ErrorKind::Config
    /// [`Unavailable`]: larder_core::error::ErrorKind::Unavailable
    /// [`Timeout`]: larder_core::error::ErrorKind::Timeout
    pub fn connect(url: impl AsRef<str>) -> Reply<'static, Result<Self>> {
        Self::builder(url).connect()
    }

    /// A server that is connected to with the first command. That it cannot be reached then is an
    /// outage like any other: calls go on without it.
    ///
    /// # Errors
    ///
    /// [`Config`](larder_core::error::ErrorKind::Config) if the URL is not one.
    pub fn lazy(url: impl AsRef<str>) -> Result<Self> {
        Self::builder(url).lazy()
    }

    /// Starts to configure a connection to one server.
    pub fn builder(url: impl AsRef<str>) -> Builder {
        Builder::one(url.as_ref())
    }

    /// Starts to configure a connection to a cluster, of which some nodes are named.
    #[cfg(feature = "redis-cluster")]
    pub fn cluster(urls: impl IntoIterator<Item = impl Into<String>>) -> Builder {
        Builder::cluster(urls.into_iter().map(Into::into).collect())
    }

    /// Starts to configure a connection to the master of that name, which these sentinels know.
    ///
    /// User, password and database in the URLs are the sentinels'; the master's are given to the
    /// [builder](Builder::user).
    #[cfg(feature = "redis-sentinel")]
    pub fn sentinel(
        master: impl Into<String>,
        urls: impl IntoIterator<Item = impl Into<String>>,
    ) -> Builder {
        Builder::sentinel(master.into(), urls.into_iter().map(Into::into).collect())
    }

    fn new(link: Arc<Link>) -> Self {
        let layout = link.target.layout();
        Self { link, layout }
    }

    fn link(&self) -> Arc<Link> {
        Arc::clone(&self.link)
    }

    fn names_of(&self, keys: &[Key<'_>]) -> Vec<Names> {
        keys.iter().map(|key| self.layout.names(key)).collect()
    }
}

impl Backend for Redis {
    fn profile(&self) -> Profile {
        Profile {
            shared: true,
            objects: false,
            lends: false,
        }
    }

    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        if self.layout == Layout::Single {
            let read = protocol::read_one(self.link(), key.id(), mget::mget(key), key.is_grouped());
            return self.link.look(read);
        }
        let names = self.layout.names(key);
        self.link.look(protocol::read(self.link(), names))
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>> {
        let names = self.layout.names(key);
        self.link
            .start(protocol::acquire(self.link(), names, claim))
    }

    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        let seen = lease.seen.versions().unwrap_or(NONE);
        let frame = match self.link.settings.limits.frame(&item, seen, NEVER) {
            Ok(Framed::Frame(frame)) => frame,
            Ok(Framed::TooLarge(_)) => {
                return self.release(key, lease).map(|_| Ok(Stored::Refused));
            }
            Err(error) => return self.release(key, lease).map(|_| Err(error)),
        };
        let names = self.layout.names(key);
        self.link.start_ahead(
            Some(key.id()),
            protocol::store(self.link(), names, lease, frame, ttl),
        )
    }

    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, by: Duration) -> Reply<'a, Result<bool>> {
        let names = self.layout.names(key);
        self.link
            .start(protocol::extend(self.link(), names, lease.token, by))
    }

    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>> {
        let names = self.layout.names(key);
        self.link
            .start(protocol::release(self.link(), names, lease.token))
    }

    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        let Scope::Entries(entries) = scope else {
            let keys = self.layout.versions(scope);
            let work = protocol::forget_versions(self.link(), keys.clone());
            return self.delete(keys, || self.everything(scope), work);
        };
        let names = self.names_of(entries);
        let keys = names.iter().flat_map(|names| [&names.entry, &names.lease]);
        let keys = keys.cloned().collect::<Vec<_>>();
        let work = protocol::forget(self.link(), names);
        self.delete(keys, || self.everything(scope), work)
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        let names = self.names_of(keys);
        self.link.look(protocol::read_many(self.link(), names))
    }

    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        let limits = self.link.settings.limits;
        let framed = entries
            .iter()
            .map(|(key, item)| Ok((self.layout.names(key), limits.frame_of_set(item, NEVER)?)));
        match framed.collect::<Result<Vec<_>>>() {
            Ok(entries) => self
                .link
                .start_ahead(None, protocol::write_many(self.link(), entries, ttl)),
            Err(error) => Reply::now(Err(error)),
        }
    }

    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>> {
        let names = self.layout.names(key);
        match self.link.settings.limits.frame_of_set(&item, NEVER) {
            Ok(frame) => self
                .link
                .start_ahead(None, protocol::add(self.link(), names, frame, ttl)),
            Err(error) => Reply::now(Err(error)),
        }
    }

    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>> {
        let names = self.layout.names(key);
        self.link
            .start_ahead(None, protocol::incr(self.link(), names, by, ttl))
    }

    fn term(&self, _: &Key<'_>, _: &Kept) -> Option<Term> {
        None
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        let names = self.layout.names(key);
        self.link.start(protocol::ttl(self.link(), names))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.link.end();
    }
}

/// Shows where the server is, never with what password.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Redis").field(&self.link).finish()
    }
}
