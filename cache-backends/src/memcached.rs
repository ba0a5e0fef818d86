//! memcached: one cache for many processes.

mod address;
mod builder;
mod deletion;
mod down;
mod failure;
mod grants;
mod greeting;
mod hints;
mod link;
mod moment;
mod names;
mod pipe;
mod place;
mod protocol;
mod request;
mod ring;
mod server;
mod session;
mod settings;
mod slot;
mod socket;
mod turns;
mod value;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::{Acquired, Backend, Claim, Lease, Profile, Scope, Stored};
use larder_core::error::Result;
use larder_core::key::Key;
use larder_core::reply::Reply;
use larder_core::timeout::Ttl;
use larder_core::value::{Item, Kept, Term};

pub(crate) use address::servers_of;
pub use builder::Builder;
use link::Link;
use place::Place;

use crate::payload::NONE;

/// A store in memcached (1.6 or later), shared by every process that uses the same servers and the same
/// `key_prefix`.
///
/// **What it guarantees.** Fresh after invalidate, across processes: when an invalidation has
/// answered `Ok`, every call that it covers and that starts afterwards, in any process, gets a value
/// whose computation started after it. One process computes for all. All processes must name the same
/// servers: before the list changes, change the `key_prefix`.
///
/// **What it costs.** A hit is one round trip, an invalidation as well, whatever it covers: to the
/// server of the entry, or for a group, a tag or everything to all servers at once. A miss asks for a
/// lease in a second round trip; the caller does not wait for the store. What is set by hand takes two.
///
/// **When a server is out of reach.** Commands to it fail at once, calls run their bodies, and a
/// connection is tried in the background, about twice a second. An invalidation answers `Err`, is
/// remembered and repeated as soon as the server is back, before anything is read from it. Its entries
/// are not moved to other servers: there they would be found again when it is back, and old.
///
/// **What it does not do.** TLS, and users with passwords. Timeouts are exact to the millisecond as far
/// as the clocks of the processes agree, and to the second by the server's.
///
/// It needs no runtime: it owns a thread, which starts with the first command. Functions without
/// `async` wait for it, on any thread.
///
/// # Examples
///
/// ```no_run
/// use larder_backends::Memcached;
/// use larder_core::cache::Cache;
///
/// let cache = Cache::builder()
///     .backend(Memcached::connect("memcache://cache1:11211,cache2:11211").wait()?)
///     .key_prefix("my_app_v1:")
///     .build()?;
/// # Ok::<_, larder_core::error::Error>(())
/// ```
pub struct Memcached {
    link: Arc<Link>,
}

impl Memcached {
    /// Connects to servers: `memcache://host:port,host:port`, or `memcache:///path` for a socket.
    ///
    /// # Errors
    ///
    /// [`Config`] if the URL is not one, or if a server is no memcached that will do; [`Unavailable`]
    /// or [`Timeout`] if one cannot be reached.
    ///
    /// [`Config`]: larder_core::error::ErrorKind::Config
    /// [`Unavailable`]: larder_core::error::ErrorKind::Unavailable
    /// [`Timeout`]: larder_core::error::ErrorKind::Timeout
    pub fn connect(url: impl AsRef<str>) -> Reply<'static, Result<Self>> {
        match servers_of(url.as_ref()) {
            Ok(servers) => Self::builder(servers).connect(),
            Err(error) => Reply::now(Err(error)),
        }
    }

    /// Servers that are connected to with the first command. That one cannot be reached then is an
    /// outage like any other: calls go on without it.
    ///
    /// # Errors
    ///
    /// [`Config`](larder_core::error::ErrorKind::Config) if the URL is not one.
    pub fn lazy(url: impl AsRef<str>) -> Result<Self> {
        Self::builder(servers_of(url.as_ref())?).lazy()
    }

    /// Starts to configure connections to servers: `host:port`, `[address]:port` or the path of a
    /// socket, each.
    pub fn builder(servers: impl IntoIterator<Item = impl Into<String>>) -> Builder {
        Builder::new(servers.into_iter().map(Into::into).collect())
    }

    fn new(link: Arc<Link>) -> Self {
        Self { link }
    }

    fn place(&self, key: &Key<'_>) -> Place {
        Place::of(&self.link, key)
    }
}

impl Backend for Memcached {
    fn profile(&self) -> Profile {
        Profile {
            shared: true,
            objects: false,
            lends: false,
        }
    }

    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        self.link.start(protocol::read(self.place(key)))
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>> {
        self.link.start(protocol::acquire(self.place(key), claim))
    }

    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        let place = self.place(key);
        let versions = lease.seen.versions().unwrap_or(NONE);
        match place.value(&item, versions, ttl) {
            Ok(Some(value)) => self.link.start(protocol::store(place, lease, value, ttl)),
            Ok(None) => self.release(key, lease).map(|_| Ok(Stored::Refused)),
            Err(error) => self.release(key, lease).map(|_| Err(error)),
        }
    }

    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, by: Duration) -> Reply<'a, Result<bool>> {
        let work = protocol::extend(self.place(key), lease, by);
        self.link.start(work)
    }

    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>> {
        let work = protocol::release(self.place(key), lease.token);
        self.link.start(work)
    }

    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        match scope {
            Scope::Entries(entries) => self.forget_entries(entries, scope),
            _ => self.forget_everywhere(scope),
        }
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        let places = keys.iter().map(|key| self.place(key)).collect();
        self.link
            .start(protocol::read_many(Arc::clone(&self.link), places))
    }

    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        let framed = entries.iter().map(|(key, item)| {
            let place = self.place(key);
            let frame = place.frame_of_set(item, ttl)?;
            Ok((place, frame))
        });
        match framed.collect::<Result<Vec<_>>>() {
            Ok(entries) => {
                let link = Arc::clone(&self.link);
                self.link
                    .start_turn(protocol::write_many(link, entries, ttl))
            }
            Err(error) => Reply::now(Err(error)),
        }
    }

    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>> {
        let place = self.place(key);
        match place.frame_of_set(&item, ttl) {
            Ok(frame) => self.link.start_turn(protocol::add(place, frame, ttl)),
            Err(error) => Reply::now(Err(error)),
        }
    }

    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>> {
        self.link
            .start_turn(protocol::incr(self.place(key), by, ttl))
    }

    fn term(&self, _: &Key<'_>, _: &Kept) -> Option<Term> {
        None
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        self.link.start(protocol::ttl(self.place(key)))
    }
}

impl Drop for Memcached {
    fn drop(&mut self) {
        self.link.end();
    }
}

/// Shows where the servers are.
impl fmt::Debug for Memcached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memcached").field(&self.link).finish()
    }
}
