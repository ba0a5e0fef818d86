//! Makes a full backend of a store that only knows get, set and delete.

mod backend;
mod protocol;

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::backend::{Token, Versions};
use crate::clock::{Clock, millis};
use crate::error::Result;
use crate::frame::{Codec, Frame, NEVER};
use crate::key::Key;
use crate::random::random;
use crate::sync::{Mutex, MutexGuard, lock};
use crate::value::{Item, Kept};

/// A store that knows get, set and delete of bytes under a text.
///
/// [`Plain`] makes a [`Backend`](crate::backend::Backend) of it. Calls may block; they are made on the caller's thread, one
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

/// A [`Backend`](crate::backend::Backend) over a [`PlainStore`].
///
/// It brings what the store lacks: frames with versions and expiry, leases, atomic additions.
///
/// **What it guarantees.** Fresh after invalidate, for every caller in this process. The leases
/// are in this process: if several processes write to one store, an invalidation of a group or of
/// everything holds for all of them, but a single deleted entry can be written again by another
/// process that was computing it, and counters lose counts. A store for several processes implements
/// [`Backend`](crate::backend::Backend) itself.
///
/// **What it does not know.** What a value means: bytes are told apart by the shape of their type (see
/// [`Value`](crate::value::Value)), so when a deploy changes only the meaning, give the functions another
/// `version`. And a function without arguments that has tags cannot be read by its name alone
/// (`cache.get("homepage")` is a miss): the name does not tell the tags.
pub struct Plain<S> {
    store: S,
    clock: Clock,
    shards: [Mutex<Leases>; SHARDS],
    /// Held while an absent version is made.
    making: Mutex<()>,
}

type Leases = HashMap<u128, (Token, Versions)>;

const SHARDS: usize = 16;

/// Version keys stay: one that expired before its entries would make them misses.
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
            making: Mutex::default(),
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
        let mut tags = Some(0);
        for text in key.tag_texts() {
            tags = tags
                .zip(self.version(&text)?)
                .map(|(tags, version)| tags ^ version);
        }
        let found = group.zip(all).zip(tags);
        Ok(found.map(|((group, all), tags)| Versions { group, all, tags }))
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
        let mut tags = 0;
        for text in key.tag_texts() {
            tags ^= self.ensure_version(&text)?;
        }
        Ok(Versions { group, all, tags })
    }

    /// An absent version is made once: a second one would void what was written under the first.
    fn ensure_version(&self, text: &str) -> Result<u128> {
        if let Some(version) = self.version(text)? {
            return Ok(version);
        }
        let _making = lock(&self.making);
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

    /// Reads an entry that is in force.
    fn entry(&self, key: &Key<'_>) -> Result<Option<Entry>> {
        let Some(bytes) = self.store.get(&key.text())? else {
            return Ok(None);
        };
        let plain = |frame: &Frame<'_>| frame.codec == Codec::Postcard && !frame.compressed;
        let Some(frame) = Frame::decode(&bytes).filter(plain) else {
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
        Ok(Some(Entry {
            kept,
            expires: frame.expires,
            versions: frame.versions,
        }))
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
            codec: Codec::Postcard,
            compressed: false,
            created: now,
            versions,
            expires,
            fingerprint: bytes.fingerprint,
            payload: &bytes.payload,
        };
        let left = (expires != NEVER).then(|| Duration::from_millis(expires.saturating_sub(now)));
        self.store.set(&key.text(), &frame.encode(), left)
    }

    fn expires(&self, ttl: Option<Duration>) -> u64 {
        ttl.map_or(NEVER, |ttl| self.clock.unix().saturating_add(millis(ttl)))
    }
}

/// An entry that is in force, when it expires, and the versions it was written under.
struct Entry {
    kept: Kept,
    expires: u64,
    versions: Versions,
}

impl<S: fmt::Debug> fmt::Debug for Plain<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plain").field(&self.store).finish()
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
