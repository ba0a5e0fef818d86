//! A handle to one entry of a cached function.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::ambient;
use crate::backend::{Acquired, Claim, Stored};
use crate::background;
use crate::cache::Cache;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::keeping::Keeping;
use crate::key::OwnedKey;
use crate::kind::Kind;
use crate::parts::{Parts, derive};
use crate::reply::Reply;
use crate::site::{Generics, Place, Site};
use crate::timeout::{Timeout, Ttl};
use crate::value::{Item, Kept};

/// The entry of one argument set of a cached function, whether or not there is a value in it.
///
/// `memoized_square(4)` answers one. An entry belongs to the cache that it was asked of.
/// `T` is what the function returns. Of a `Result` or an `Option`, `get` answers the side that is
/// kept, and `put` takes no other.
#[must_use = "an entry does nothing until it is asked"]
pub struct Entry<T> {
    engine: Arc<Engine>,
    key: Result<OwnedKey, ErrorKind>,
    open: fn(&Kept) -> Option<T>,
    close: fn(&T) -> Option<Item>,
}

impl<T> Entry<T> {
    /// Finds the entry of a call.
    pub fn new<K: Kind<Output = T>>(
        site: &'static Site,
        generics: Generics<'_>,
        cache: &Cache,
        keeping: Keeping<K>,
        key: impl Fn(&mut Parts),
    ) -> Self {
        Self {
            open: keeping.ways().answer,
            close: keeping.ways().keep,
            ..Self::found(site, Place::of(&key, generics), cache, &key)
        }
    }

    /// Finds the entry of a call, without a way to read it.
    fn found(
        site: &'static Site,
        place: Place<'_>,
        cache: &Cache,
        key: &dyn Fn(&mut Parts),
    ) -> Self {
        let engine = serving(site, cache);
        let binding = site.bind(&engine, place);
        let key = derive(&engine.realm, &binding, key).map(|derived| OwnedKey {
            realm: Arc::clone(&engine.realm),
            group: Some(Arc::clone(&binding.group)),
            name: Arc::clone(binding.group.shared_name()),
            label: derived.label.map(String::into_boxed_str),
            is_hash: derived.is_hash,
            id: derived.id,
            tags: derived.tags,
        });
        Self {
            key: key.map_err(|error| error.kind()),
            engine,
            open: |_| None,
            close: |_| None,
        }
    }

    /// The key, as a shared store has it: `prefix{group}:label:hash`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] if an argument's own `Serialize` fails.
    pub fn key(&self) -> Result<String> {
        Ok(self.known()?.key().text())
    }

    /// Reads the value; never computes it. Not counted as a hit or a miss.
    ///
    /// # Errors
    ///
    /// An error if the store fails or an argument's own `Serialize` does.
    pub fn get(&self) -> Reply<'_, Result<Option<T>>>
    where
        T: Send,
    {
        let key = match self.known() {
            Ok(key) => key,
            Err(error) => return Reply::now(Err(error)),
        };
        let reply = self.engine.read(&key.key());
        reply.map(|kept| Ok(kept?.as_ref().and_then(self.open)))
    }

    /// Writes the value, whatever was there. A computation that is under way does not overwrite
    /// it. A timeout of zero deletes the entry.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`] if the value is an `Err` or a `None` that the function does not keep,
    /// or if the store did not keep it: too large, or invalidated at the same time. Otherwise as
    /// for [`get`](Entry::get).
    pub fn put(&self, value: &T, timeout: impl Into<Timeout>) -> Reply<'_, Result<()>> {
        let ttl = timeout.into().resolve(self.engine.settings.default_timeout);
        if ttl == Some(Duration::ZERO) {
            return self.delete().map(|deleted| deleted.map(drop));
        }
        let key = match self.known() {
            Ok(key) => key.clone(),
            Err(error) => return Reply::now(Err(error)),
        };
        let Some(item) = (self.close)(value) else {
            return Reply::now(Err(refused()));
        };
        let engine = Arc::clone(&self.engine);
        background::see_through(async move { write_under_lease(&engine, &key, item, ttl).await })
    }

    /// Forgets the entry; answers whether there was one. A computation that is under way does not
    /// bring it back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAcknowledged`] if the store did not confirm it. In this process it has
    /// happened.
    pub fn delete(&self) -> Reply<'_, Result<bool>> {
        match self.known() {
            Ok(key) => {
                let reply = self.engine.forget(&[key.key()]);
                reply.map(|count| count.map(|count| count > 0))
            }
            Err(error) => Reply::now(Err(error)),
        }
    }

    /// Says how long the entry still lives.
    ///
    /// # Errors
    ///
    /// As for [`get`](Entry::get).
    pub fn ttl(&self) -> Reply<'_, Result<Ttl>> {
        match self.known() {
            Ok(key) if self.engine.is_void(&key.key()) => Reply::now(Ok(Ttl::Absent)),
            Ok(key) => self.engine.backend.ttl(&key.key()),
            Err(error) => Reply::now(Err(error)),
        }
    }

    fn known(&self) -> Result<&OwnedKey> {
        let unknown = |kind: &ErrorKind| Error::new(*kind, "cannot encode an argument for the key");
        self.key.as_ref().map_err(unknown)
    }
}

/// Writes under a lease that it takes from whoever holds it, as every computed value is written.
async fn write_under_lease(
    engine: &Engine,
    key: &OwnedKey,
    item: Item,
    ttl: Option<Duration>,
) -> Result<()> {
    let moment = engine.pending.moment();
    let granted = engine
        .backend
        .acquire(
            &key.key(),
            Claim::new(true, true, engine.may_be_elsewhere()),
        )
        .await?;
    let Acquired::Granted(lease) = granted else {
        return Err(refused());
    };
    let stored = engine.backend.store(&key.key(), lease, item, ttl).await;
    if stored.is_err() {
        drop(engine.backend.release(&key.key(), lease));
    }
    engine.detach(key.id);
    match stored? {
        Stored::Kept => {
            engine.note_store(&key.key(), moment);
            Ok(())
        }
        Stored::Lost | Stored::Moved | Stored::Refused => Err(refused()),
    }
}

fn refused() -> Error {
    Error::new(ErrorKind::Refused, "the store did not keep the value")
}

impl Entry<()> {
    /// Finds the entry of a call, to be deleted.
    pub fn unread(
        site: &'static Site,
        generics: Generics<'_>,
        cache: &Cache,
        key: impl Fn(&mut Parts),
    ) -> Self {
        Self::found(site, Place::of(&key, generics), cache, &key)
    }

    /// Finds the entry of a call, and deletes it.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete).
    pub fn forget(
        site: &'static Site,
        generics: Generics<'_>,
        cache: &Cache,
        key: impl Fn(&mut Parts),
    ) -> Result<bool> {
        Self::unread(site, generics, cache, key).delete().wait()
    }
}

/// The engine that serves a function: of the scope, or of the cache that the function names.
pub(crate) fn serving(site: &Site, cache: &Cache) -> Arc<Engine> {
    let scoped = ambient::cache();
    Arc::clone(site.engine(scoped.as_ref().unwrap_or(cache.engine())))
}

impl<T> fmt::Debug for Entry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_ref().map(|key| key.key().text());
        f.debug_tuple("Entry").field(&key).finish()
    }
}
