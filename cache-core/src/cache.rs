//! The handle: what a user holds of a cache.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::background;
use crate::counters::Stats;
use crate::engine::Engine;
use crate::error::Result;
use crate::key::{Key, OwnedKey};
use crate::observer::EventKind;
use crate::pending::Moment;
use crate::reply::Reply;
use crate::timeout::{Timeout, Ttl};
use crate::value::{Item, Kept, Value};

/// A cache: a store, what has been invalidated in it, and who computes what.
///
/// It is a handle: a clone is the same cache. Every operation answers a [`Reply`]: `.await` it, or
/// `.wait()` for it in code without async. Manual keys and what
/// `#[cached(key_prefix = "homepage")]` keeps are the same: `cache.delete("homepage")`.
#[derive(Clone)]
pub struct Cache(Arc<Engine>);

impl Cache {
    pub(crate) fn from_engine(engine: Arc<Engine>) -> Self {
        Self(engine)
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.0
    }

    /// Reads a value.
    ///
    /// A value of another type, or bytes that cannot be read, are no value: they are counted in
    /// [`Stats::errors`].
    ///
    /// # Errors
    ///
    /// An error if the store fails.
    pub fn get<T: Value>(&self, key: impl AsRef<str>) -> Reply<'_, Result<Option<T>>> {
        let key = self.key(key);
        if let Some(kept) = self.kept_beside(&key) {
            return Reply::now(Ok(self.opened(&key.key(), Some(kept))));
        }
        let reply = self.0.read(&key.key());
        reply.map(move |answer| Ok(self.opened(&key.key(), answer?)))
    }

    /// Writes a value, whatever was there. A computation of the key that is under way does not
    /// overwrite it.
    ///
    /// A timeout of zero deletes the entry.
    ///
    /// # Errors
    ///
    /// An error if the store fails.
    pub fn set<T: Value>(
        &self,
        key: impl AsRef<str>,
        value: &T,
        timeout: impl Into<Timeout>,
    ) -> Reply<'_, Result<()>> {
        self.set_many([(key, value)], timeout)
    }

    /// Writes a value only if there is none; answers whether it did. Atomic.
    ///
    /// # Errors
    ///
    /// An error if the store fails.
    pub fn add<T: Value>(
        &self,
        key: impl AsRef<str>,
        value: &T,
        timeout: impl Into<Timeout>,
    ) -> Reply<'_, Result<bool>> {
        let (key, ttl) = (self.key(key), self.ttl_of(timeout.into()));
        let (cache, item) = (self.clone(), Item::of(value));
        background::see_through(async move {
            let moment = cache.0.pending.moment();
            cache.make_way(&key).await?;
            let added = cache.0.backend.add(&key.key(), item, ttl).await?;
            if added {
                cache.wrote(&[key.key()], moment);
            }
            Ok(added)
        })
    }

    /// Says whether there is an entry.
    ///
    /// # Errors
    ///
    /// An error if the store fails.
    pub fn has(&self, key: impl AsRef<str>) -> Reply<'_, Result<bool>> {
        let ttl = self.ttl(key);
        ttl.map(|ttl| ttl.map(|ttl| ttl != Ttl::Absent))
    }

    /// Says how long an entry still lives.
    ///
    /// # Errors
    ///
    /// An error if the store fails.
    pub fn ttl(&self, key: impl AsRef<str>) -> Reply<'_, Result<Ttl>> {
        let key = self.key(key);
        if self.0.is_void(&key.key()) {
            return Reply::now(Ok(Ttl::Absent));
        }
        let local = self.0.beside().filter(|_| self.kept_beside(&key).is_some());
        local.unwrap_or(&self.0).backend.ttl(&key.key())
    }

    /// Reads values in one round trip, in the order of the keys.
    ///
    /// # Errors
    ///
    /// An error if the store fails.
    pub fn get_many<T: Value, S: AsRef<str>>(
        &self,
        keys: impl IntoIterator<Item = S>,
    ) -> Reply<'_, Result<Vec<Option<T>>>> {
        let keys = self.keys(keys);
        let void: Vec<_> = keys.iter().map(|key| self.0.is_void(&key.key())).collect();
        let reply = self.0.backend.read_many(&borrowed(&keys));
        reply.map(move |answers| {
            let opened = |((key, void), kept): ((&OwnedKey, bool), Option<Kept>)| {
                let kept = kept.filter(|_| !void);
                self.opened(&key.key(), self.kept_beside(key).or(kept))
            };
            let keys = keys.iter().zip(void);
            Ok(keys.zip(answers?).map(opened).collect())
        })
    }

    /// Writes values in one round trip. See [`set`](Cache::set).
    ///
    /// # Errors
    ///
    /// An error if the store fails.
    pub fn set_many<'v, T: Value, S: AsRef<str>>(
        &self,
        entries: impl IntoIterator<Item = (S, &'v T)>,
        timeout: impl Into<Timeout>,
    ) -> Reply<'_, Result<()>> {
        let entries = entries.into_iter();
        let (keys, items): (Vec<_>, Vec<_>) = entries
            .map(|(key, value)| (self.key(key), Item::of(value)))
            .unzip();
        let ttl = self.ttl_of(timeout.into());
        if ttl.is_some_and(|ttl| ttl.is_zero()) {
            return self
                .0
                .forget(&borrowed(&keys))
                .map(|answer| answer.map(drop));
        }
        self.write(keys, items, ttl)
    }

    /// Adds to a counter, an entry of type `i64`, and answers its new value. Atomic.
    ///
    /// A counter that is not there starts at 0 and lives for the cache's default timeout.
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::error::ErrorKind::Decode) if the entry is not a counter,
    /// [`Refused`](crate::error::ErrorKind::Refused) if the sum does not fit into 64 bits, or an error
    /// if the store fails.
    pub fn incr(&self, key: impl AsRef<str>, by: i64) -> Reply<'_, Result<i64>> {
        let key = self.key(key);
        let ttl = self.ttl_of(Timeout::Default);
        let cache = self.clone();
        background::see_through(async move {
            let moment = cache.0.pending.moment();
            cache.make_way(&key).await?;
            let sum = cache.0.backend.incr(&key.key(), by, ttl).await?;
            cache.wrote(&[key.key()], moment);
            Ok(sum)
        })
    }

    /// Says what the cache did since it was built.
    pub fn stats(&self) -> Stats {
        let realm = &self.0.realm;
        let groups = realm.groups();
        let functions = groups
            .iter()
            .map(|group| group.counters.function(group.name()));
        Stats::total(&realm.counters, functions.collect())
    }

    /// How long a value lives where nobody says it; `None` is for ever.
    pub fn default_timeout(&self) -> Option<Duration> {
        self.0.settings.default_timeout
    }

    /// The number of computations under way that callers can join.
    pub fn in_flight(&self) -> usize {
        self.0.flights.len()
    }

    pub(crate) fn key(&self, name: impl AsRef<str>) -> OwnedKey {
        OwnedKey::manual(&self.0.realm, name.as_ref())
    }

    pub(crate) fn keys<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>) -> Vec<OwnedKey> {
        names.into_iter().map(|name| self.key(name)).collect()
    }

    /// Removes what an operation on the store would wrongly count, or not see.
    async fn make_way(&self, key: &OwnedKey) -> Result<()> {
        self.forget_beside(&[key.key()]);
        self.0.purge(key).await
    }

    /// Forgets what `local` functions keep under these names: it is overwritten.
    fn forget_beside(&self, keys: &[Key<'_>]) {
        if let Some(local) = self.0.beside() {
            // In this process: it answers at once and cannot fail.
            drop(local.forget_quietly(keys));
        }
    }

    /// What a `local` function keeps under a name of its own, beside a store that needs bytes.
    fn kept_beside(&self, key: &OwnedKey) -> Option<Kept> {
        self.0.beside()?.backend.read(&key.key()).wait().ok()?
    }

    fn ttl_of(&self, timeout: Timeout) -> Option<Duration> {
        timeout.resolve(self.0.settings.default_timeout)
    }

    /// Counts a read and takes its value.
    fn opened<T: Value>(&self, key: &Key<'_>, kept: Option<Kept>) -> Option<T> {
        let found = kept.is_some();
        let opened = kept.and_then(|kept| kept.open());
        if found && opened.is_none() {
            self.0.note(EventKind::Error, key);
        }
        let kind = if opened.is_some() {
            EventKind::Hit
        } else {
            EventKind::Miss
        };
        self.0.note(kind, key);
        opened
    }

    fn write(
        &self,
        keys: Vec<OwnedKey>,
        items: Vec<Item>,
        ttl: Option<Duration>,
    ) -> Reply<'_, Result<()>> {
        self.forget_beside(&borrowed(&keys));
        let cache = self.clone();
        background::see_through(async move {
            let moment = cache.0.pending.moment();
            let written = borrowed(&keys).into_iter().zip(items).collect();
            let answer = cache.0.backend.write_many(written, ttl).await;
            let keys = borrowed(&keys);
            match &answer {
                Ok(()) => cache.wrote(&keys, moment),
                // Some may have been written all the same.
                Err(_) => cache.detach(&keys),
            }
            answer
        })
    }

    /// A written entry is not overwritten by, nor shared with, what is being computed.
    fn wrote(&self, keys: &[Key<'_>], moment: Moment) {
        self.detach(keys);
        for key in keys {
            self.0.note_store(key, moment);
        }
    }

    fn detach(&self, keys: &[Key<'_>]) {
        for key in keys {
            self.0.detach(key.id());
        }
    }
}

/// The keys as a store takes them.
pub(crate) fn borrowed(keys: &[OwnedKey]) -> Vec<Key<'_>> {
    keys.iter().map(OwnedKey::key).collect()
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
