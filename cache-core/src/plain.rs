//! Makes a full backend of a store that only knows get, set and delete.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::backend::{
    Acquired, Backend, Claim, Lease, Profile, Scope, Seen, Stored, Token, Versions,
};
use crate::clock::{Clock, millis};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, NEVER};
use crate::key::Key;
use crate::random::random;
use crate::reply::Reply;
use crate::sync::{Mutex, MutexGuard, lock};
use crate::timeout::Ttl;
use crate::value::{Carrier, Item, Kept};

/// A store that knows get, set and delete of bytes under a text.
///
/// [`Plain`] makes a [`Backend`] of it. Calls may block; they are made on the caller's thread, one
/// at a time for each key.
pub trait PlainStore: fmt::Debug + Send + Sync + 'static {
    /// Reads what was set.
    ///
    /// # Errors
    ///
    /// The store's own.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// Sets bytes. The store may drop them after `ttl` (`None`: never), and may drop anything
    /// earlier; what expired is not served whether or not the store drops it.
    ///
    /// # Errors
    ///
    /// The store's own.
    fn set(&self, key: &str, bytes: &[u8], ttl: Option<Duration>) -> Result<()>;

    /// Deletes what was set, if anything.
    ///
    /// # Errors
    ///
    /// The store's own.
    fn delete(&self, key: &str) -> Result<()>;
}

/// A [`Backend`] over a [`PlainStore`].
///
/// It brings what the store lacks: frames with versions and expiry, leases, atomic additions.
///
/// **What it guarantees.** Fresh after invalidate, for every caller in this process. The leases
/// are in this process: if several processes write to one store, an invalidation of a group or of
/// everything holds for all of them, but a single deleted entry can be written again by another
/// process that was computing it. A store for several processes implements [`Backend`] itself.
#[derive(Debug)]
pub struct Plain<S> {
    store: S,
    clock: Clock,
    shards: [Mutex<Leases>; SHARDS],
}

type Leases = HashMap<u128, (Token, Versions)>;

const SHARDS: usize = 16;

/// The longest lifetime of a version key beyond the entries that it guards.
const VERSION_TTL: Option<Duration> = None;

impl<S: PlainStore> Plain<S> {
    /// Makes a backend of a store.
    pub fn new(store: S) -> Self {
        Self::with_clock(store, Clock::coarse())
    }

    /// Makes a backend of a store, with a clock that tests can move.
    pub fn with_clock(store: S, clock: Clock) -> Self {
        Self {
            store,
            clock,
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// Locks one key: everything about it happens in one step.
    #[allow(clippy::cast_possible_truncation)] // the low bits of a hash
    fn lock(&self, key: &Key<'_>) -> MutexGuard<'_, Leases> {
        lock(&self.shards[key.id() as usize % SHARDS])
    }

    /// The versions in force; an absent one is nobody's.
    fn versions(&self, key: &Key<'_>) -> Result<Option<Versions>> {
        let group = if key.is_grouped() {
            self.version(&key.version_text())?
        } else {
            Some(0)
        };
        let all = self.version(&key.clear_text())?;
        Ok(group.zip(all).map(|(group, all)| Versions { group, all }))
    }

    fn version(&self, text: &str) -> Result<Option<u128>> {
        let bytes = self.store.get(text)?;
        let version = bytes.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        Ok(version.map(u128::from_le_bytes))
    }

    /// The versions in force, made where they are absent.
    fn ensure_versions(&self, key: &Key<'_>) -> Result<Versions> {
        let group = if key.is_grouped() {
            self.ensure_version(&key.version_text())?
        } else {
            0
        };
        let all = self.ensure_version(&key.clear_text())?;
        Ok(Versions { group, all })
    }

    fn ensure_version(&self, text: &str) -> Result<u128> {
        match self.version(text)? {
            Some(version) => Ok(version),
            None => self.new_version(text),
        }
    }

    /// Versions are random, never counted: one that was lost does not come back.
    fn new_version(&self, text: &str) -> Result<u128> {
        let version = u128::from(random()) << 64 | u128::from(random());
        self.store.set(text, &version.to_le_bytes(), VERSION_TTL)?;
        Ok(version)
    }

    /// Reads an entry that is in force, with the moment at which it expires.
    fn entry(&self, key: &Key<'_>) -> Result<Option<(Kept, u64)>> {
        let Some(bytes) = self.store.get(&key.text())? else {
            return Ok(None);
        };
        let Some(frame) = Frame::decode(&bytes) else {
            return Ok(None);
        };
        let expired = frame.expires != NEVER && frame.expires <= self.clock.unix();
        if expired || self.versions(key)? != Some(frame.versions) {
            return Ok(None);
        }
        let kept = Kept::Bytes {
            bytes: frame.payload.to_vec(),
            fingerprint: frame.fingerprint,
        };
        Ok(Some((kept, frame.expires)))
    }

    fn write(
        &self,
        key: &Key<'_>,
        bytes: &Encoded,
        versions: Versions,
        expires: u64,
    ) -> Result<()> {
        let now = self.clock.unix();
        let frame = Frame {
            created: now,
            expires,
            fingerprint: bytes.fingerprint,
            versions,
            payload: &bytes.payload,
        };
        let left = (expires != NEVER).then(|| Duration::from_millis(expires.saturating_sub(now)));
        self.store.set(&key.text(), &frame.encode(), left)
    }

    fn expires(&self, ttl: Option<Duration>) -> u64 {
        ttl.map_or(NEVER, |ttl| self.clock.unix().saturating_add(millis(ttl)))
    }

    fn try_acquire(&self, key: &Key<'_>, claim: Claim) -> Result<Acquired> {
        let mut leases = self.lock(key);
        if !claim.steal {
            if let Some((kept, _)) = self.entry(key)? {
                return Ok(Acquired::Fresh(kept));
            }
            if let Some((_, seen)) = leases.get(&key.id())
                && self.versions(key)? == Some(*seen)
            {
                return Ok(Acquired::Held);
            }
        }
        let versions = self.ensure_versions(key)?;
        leases.insert(key.id(), (claim.token, versions));
        Ok(Acquired::Granted(Lease {
            token: claim.token,
            seen: Seen::Versions(versions),
        }))
    }

    fn try_store(
        &self,
        key: &Key<'_>,
        lease: Lease,
        item: &Item,
        ttl: Option<Duration>,
    ) -> Result<Stored> {
        let encoded = Encoded::of(item); // the user's code: before the lock
        let mut leases = self.lock(key);
        let Some((_, seen)) = leases.get(&key.id()).filter(|held| held.0 == lease.token) else {
            return Ok(Stored::Lost);
        };
        let seen = *seen;
        leases.remove(&key.id());
        let encoded = encoded?;
        if self.versions(key)? != Some(seen) {
            return Ok(Stored::Moved);
        }
        self.write(key, &encoded, seen, self.expires(ttl))?;
        // A version may have moved between the check and the write: the frame carries the old one.
        Ok(Stored::Kept)
    }

    fn try_invalidate(&self, scope: &Scope<'_>) -> Result<u64> {
        let Scope::Entries(keys) = scope else {
            let version = scope.version_text().unwrap_or_default();
            return self.new_version(&version).map(|_| 0);
        };
        let mut count = 0;
        for key in *keys {
            let mut leases = self.lock(key);
            leases.remove(&key.id());
            count += u64::from(self.entry(key)?.is_some());
            self.store.delete(&key.text())?;
        }
        Ok(count)
    }

    fn try_set(&self, key: &Key<'_>, item: &Item, ttl: Option<Duration>) -> Result<()> {
        let encoded = Encoded::of(item)?;
        let mut leases = self.lock(key);
        leases.remove(&key.id());
        let versions = self.ensure_versions(key)?;
        self.write(key, &encoded, versions, self.expires(ttl))
    }

    fn try_add(&self, key: &Key<'_>, item: &Item, ttl: Option<Duration>) -> Result<bool> {
        let encoded = Encoded::of(item)?;
        let mut leases = self.lock(key);
        if self.entry(key)?.is_some() {
            return Ok(false);
        }
        leases.remove(&key.id());
        let versions = self.ensure_versions(key)?;
        self.write(key, &encoded, versions, self.expires(ttl))?;
        Ok(true)
    }

    fn try_incr(&self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Result<i64> {
        let mut leases = self.lock(key);
        let (count, expires) = match self.entry(key)? {
            Some((kept, expires)) => (Some(kept), expires),
            None => (None, self.expires(ttl)),
        };
        let count = count.map_or(Some(0), |kept| Carrier::<i64>::shared().open(&kept));
        let count = count.ok_or_else(not_a_counter)?.wrapping_add(by);
        leases.remove(&key.id());
        let versions = self.ensure_versions(key)?;
        self.write(key, &Encoded::of(&Item::of(&count))?, versions, expires)?;
        Ok(count)
    }

    fn try_ttl(&self, key: &Key<'_>) -> Result<Ttl> {
        Ok(match self.entry(key)? {
            None => Ttl::Absent,
            Some((_, NEVER)) => Ttl::Forever,
            Some((_, expires)) => Ttl::Remaining(Duration::from_millis(
                expires.saturating_sub(self.clock.unix()),
            )),
        })
    }
}

/// A value's bytes.
struct Encoded {
    payload: Vec<u8>,
    fingerprint: u64,
}

impl Encoded {
    fn of(item: &Item) -> Result<Self> {
        let mut payload = Vec::new();
        item.encode(&mut payload)?;
        let fingerprint = item.fingerprint()?;
        Ok(Self {
            payload,
            fingerprint,
        })
    }
}

/// The error of an `incr` on something else.
fn not_a_counter() -> Error {
    Error::new(
        ErrorKind::Decode,
        "the value under the key is not a counter",
    )
}

impl<S: PlainStore> Backend for Plain<S> {
    fn profile(&self) -> Profile {
        Profile {
            shared: true,
            objects: false,
        }
    }

    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        Reply::now(self.entry(key).map(|entry| entry.map(|(kept, _)| kept)))
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>> {
        Reply::now(self.try_acquire(key, claim))
    }

    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        Reply::now(self.try_store(key, lease, &item, ttl))
    }

    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>> {
        let mut leases = self.lock(key);
        if leases
            .get(&key.id())
            .is_some_and(|held| held.0 == lease.token)
        {
            leases.remove(&key.id());
        }
        Reply::now(Ok(()))
    }

    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        let done = self.try_invalidate(scope);
        Reply::now(done.map_err(|error| {
            let what = "the store did not confirm an invalidation";
            Error::new(ErrorKind::NotAcknowledged, what).with_source(error)
        }))
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        let entries = keys.iter().map(|key| self.entry(key));
        Reply::now(
            entries
                .map(|entry| Ok(entry?.map(|(kept, _)| kept)))
                .collect(),
        )
    }

    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        let mut entries = entries.iter();
        Reply::now(entries.try_for_each(|(key, item)| self.try_set(key, item, ttl)))
    }

    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>> {
        Reply::now(self.try_add(key, &item, ttl))
    }

    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>> {
        Reply::now(self.try_incr(key, by, ttl))
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        Reply::now(self.try_ttl(key))
    }
}
