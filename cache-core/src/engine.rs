//! What a cache is made of, and the one way in which it forgets.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::backend::{Backend, MakeLocal, Profile, Scope};
use crate::counters::Counters;
use crate::error::{Error, Result};
use crate::flight::Flights;
use crate::freshness::{Group, Realm};
use crate::key::Key;
use crate::observer::{Event, EventKind, Observer};
use crate::pending::{OwnedScope, Pending};
use crate::reply::Reply;
use crate::value::Kept;

/// A store, the flights over it, and what has been invalidated.
pub(crate) struct Engine {
    pub(crate) realm: Arc<Realm>,
    pub(crate) backend: Box<dyn Backend>,
    pub(crate) profile: Profile,
    pub(crate) flights: Flights,
    pending: Pending,
    pub(crate) settings: Settings,
    local: OnceLock<Arc<Engine>>,
}

/// What a user may set.
#[derive(Clone)]
pub(crate) struct Settings {
    /// How long a value lives by default; `None` is for ever.
    pub(crate) default_timeout: Option<Duration>,
    /// How long a caller waits for another's computation before it computes itself.
    pub(crate) wait_limit: Duration,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

impl Engine {
    pub(crate) fn new(realm: Arc<Realm>, backend: Box<dyn Backend>, settings: Settings) -> Self {
        Self {
            realm,
            profile: backend.profile(),
            backend,
            flights: Flights::new(),
            pending: Pending::default(),
            settings,
            local: OnceLock::new(),
        }
    }

    /// The engine that keeps objects: this one, or one beside it that shares its groups.
    pub(crate) fn local(&self, make: MakeLocal) -> Option<&Arc<Engine>> {
        if self.profile.objects {
            return None;
        }
        Some(self.local.get_or_init(|| {
            let realm = Arc::clone(&self.realm);
            Arc::new(Engine::new(realm, make(), self.settings.clone()))
        }))
    }

    /// Counts an event and tells the observer.
    #[inline]
    pub(crate) fn note(&self, kind: EventKind, key: &Key<'_>) {
        let counters = key
            .group
            .map_or(&self.realm.counters, |group| &group.counters);
        count(counters, kind);
        if let Some(observer) = &self.settings.observer {
            observer.observe(&Event::new(kind, key.group()));
        }
    }

    /// Counts an error of the store and says it in the log.
    #[cold]
    pub(crate) fn note_error(&self, key: &Key<'_>, error: &Error) {
        log::warn!("{}: {error}", key.group());
        self.note(EventKind::Error, key);
    }

    /// Forgets entries: in the store with their leases, and the flights that compute them.
    pub(crate) fn forget<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<u64>> {
        for key in keys {
            self.tell(EventKind::Invalidate, key.group());
        }
        self.forget_quietly(keys)
    }

    /// The same, as a part of an invalidation that the observer knows of.
    pub(crate) fn forget_quietly<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<u64>> {
        // The engine beside this one is in this process: it answers at once and cannot fail.
        let beside = self
            .local
            .get()
            .map(|local| local.forget_quietly(keys).wait());
        let ids = keys.iter().map(Key::id).collect::<Vec<_>>();
        let scope = Scope::Entries(keys);
        let reply = self.void_around(&scope, move || {
            for id in &ids {
                self.flights.detach(*id);
            }
        });
        reply.map(move |count| Ok(count? + beside.unwrap_or(Ok(0))?))
    }

    /// What the engine beside this one keeps under a manual key.
    pub(crate) fn beside(&self) -> Option<&Engine> {
        self.local.get().map(|local| &**local)
    }

    /// Forgets every entry of a group.
    pub(crate) fn forget_group<'a>(&'a self, group: &Arc<Group>) -> Reply<'a, Result<()>> {
        self.tell(EventKind::Invalidate, group.name());
        let (realm, voided) = (Arc::clone(&self.realm), Arc::clone(group));
        let scope = Scope::Group(&self.realm, group);
        self.void_around(&scope, move || realm.void_group(&voided))
            .map(|answer| answer.map(drop))
    }

    /// Forgets every entry with a tag.
    pub(crate) fn forget_tag<'a>(&'a self, name: &str) -> Reply<'a, Result<()>> {
        self.tell(EventKind::Invalidate, name);
        let (realm, voided) = (Arc::clone(&self.realm), name.to_owned());
        let scope = Scope::Tag(&self.realm, name);
        self.void_around(&scope, move || realm.void_tag(&voided))
            .map(|answer| answer.map(drop))
    }

    /// Forgets every entry of the cache.
    pub(crate) fn forget_all(&self) -> Reply<'_, Result<()>> {
        self.tell(EventKind::Invalidate, "");
        let realm = Arc::clone(&self.realm);
        self.void_around(&Scope::All(&self.realm), move || realm.void_all())
            .map(|answer| answer.map(drop))
    }

    /// Voids in this process and in the store.
    ///
    /// In process first, so that it has happened whatever the store says and even if the reply is
    /// dropped; and again when a remote store has confirmed, so that no flight which read the
    /// store before that is joined after it.
    fn void_around<'a>(
        &'a self,
        scope: &Scope<'_>,
        void: impl Fn() + Send + 'a,
    ) -> Reply<'a, Result<u64>> {
        void();
        let scopes = self
            .may_fail()
            .then(|| OwnedScope::all_of(&self.realm, scope));
        let settle = move |answer: Result<u64>| {
            if answer.is_err() {
                self.pending.remember(scopes.unwrap_or_default());
            }
            void();
            answer
        };
        self.backend.invalidate(scope).map(settle)
    }

    /// Whether the store can fail to confirm an invalidation; one that keeps objects cannot.
    fn may_fail(&self) -> bool {
        !self.profile.objects
    }

    /// Reads an entry, unless an invalidation that the store did not confirm covers it.
    #[inline]
    pub(crate) fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        if self.is_void(key) {
            return Reply::now(Ok(None));
        }
        self.backend.read(key)
    }

    /// Whether an invalidation that the store did not confirm covers the key.
    #[inline]
    pub(crate) fn is_void(&self, key: &Key<'_>) -> bool {
        self.pending.covers(key, &*self.backend)
    }

    /// Deletes what an unconfirmed invalidation covers, before an operation that would count it.
    pub(crate) fn purge(&self, key: &Key<'_>) -> Result<()> {
        if !self.is_void(key) {
            return Ok(());
        }
        self.backend.invalidate(&Scope::Entries(&[*key])).wait()?;
        self.pending.written(key);
        Ok(())
    }

    /// Notes that an entry was written.
    pub(crate) fn note_store(&self, key: &Key<'_>) {
        self.pending.written(key);
        self.note(EventKind::Store, key);
    }

    fn tell(&self, kind: EventKind, group: &str) {
        if let Some(observer) = &self.settings.observer {
            observer.observe(&Event::new(kind, group));
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("prefix", &self.realm.prefix())
            .field("backend", &self.backend)
            .field("default_timeout", &self.settings.default_timeout)
            .finish_non_exhaustive()
    }
}

fn count(counters: &Counters, kind: EventKind) {
    match kind {
        EventKind::Hit => counters.hits.add_one(),
        EventKind::Miss => counters.misses.add_one(),
        EventKind::Store => counters.stores.add_one(),
        EventKind::Error => counters.errors.add_one(),
        EventKind::Wait => counters.waits.add_one(),
        EventKind::StalePrevented => counters.stale_prevented.add_one(),
        EventKind::Invalidate => {}
    }
}
