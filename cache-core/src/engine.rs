//! What a cache is made of, and the one way in which it forgets.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use crate::backend::{Backend, MakeLocal, Profile, Scope};
use crate::background;
use crate::changes::Changes;
use crate::counters::Counters;
use crate::error::{Error, Result};
use crate::flight::Flights;
use crate::freshness::{Group, Realm};
use crate::heart::Heart;
use crate::key::{Key, OwnedKey};
use crate::observer::{Event, EventKind, Observer};
use crate::owned_scope::OwnedScope;
use crate::pending::{Moment, Pending};
use crate::reply::Reply;
use crate::value::Kept;

/// A store, the flights over it, and what has been invalidated.
pub(crate) struct Engine {
    pub(crate) realm: Arc<Realm>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) profile: Profile,
    pub(crate) flights: Flights,
    pub(crate) changes: Changes,
    pub(crate) heart: Arc<Heart>,
    pub(crate) pending: Arc<Pending>,
    pub(crate) settings: Settings,
    local: OnceLock<Arc<Engine>>,
    /// This engine: what goes on in the background holds it.
    me: Weak<Engine>,
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
    pub(crate) fn new(
        realm: Arc<Realm>,
        backend: Box<dyn Backend>,
        settings: Settings,
    ) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            realm,
            profile: backend.profile(),
            backend: Arc::from(backend),
            flights: Flights::new(),
            changes: Changes::new(),
            heart: Arc::default(),
            pending: Arc::default(),
            settings,
            local: OnceLock::new(),
            me: Weak::clone(me),
        })
    }

    /// Whether others may hold leases in the store: their tokens must differ from all of ours.
    pub(crate) fn may_be_elsewhere(&self) -> bool {
        self.is_remote() || self.profile.shared
    }

    /// A handle to this engine, for what outlives the call.
    pub(crate) fn shared(&self) -> Arc<Self> {
        self.me.upgrade().expect("who calls holds the engine")
    }

    /// Whether the store keeps bytes, elsewhere: it may fail, and answer later.
    #[inline]
    pub(crate) fn is_remote(&self) -> bool {
        !self.profile.objects
    }

    /// The engine that keeps objects: this one, or one beside it that shares its groups.
    pub(crate) fn local(&self, make: MakeLocal) -> Option<&Arc<Engine>> {
        if self.profile.objects {
            return None;
        }
        Some(self.local.get_or_init(|| {
            let realm = Arc::clone(&self.realm);
            Engine::new(realm, make(), self.settings.clone())
        }))
    }

    /// Counts an event and tells the observer.
    #[inline]
    pub(crate) fn note(&self, kind: EventKind, key: &Key<'_>) {
        count(key.counters(), kind);
        self.tell(kind, key.group());
    }

    /// Counts a hit that did not go to the store.
    #[inline]
    pub(crate) fn note_hit(&self, group: &Group) {
        group.counters.hits.add_one();
        self.tell(EventKind::Hit, group.name());
    }

    /// Counts an error of the store. It is said in the log, now and then; that the store is out of
    /// reach, the store says itself, once.
    #[cold]
    pub(crate) fn note_error(&self, key: &Key<'_>, error: &Error) {
        if error.is_outage() || !key.is_worth_logging() {
            log::debug!("{}: {error}", key.group());
        } else {
            log::warn!("{}: {error}", key.group());
        }
        self.note(EventKind::Error, key);
    }

    /// Counts a value that the store does not keep, and says it in the log, now and then.
    #[cold]
    pub(crate) fn note_refused(&self, key: &Key<'_>) {
        if self.is_remote() && key.is_worth_logging() {
            log::warn!(
                "{}: the store did not keep a value: too large?",
                key.group()
            );
        }
        self.note(EventKind::Refused, key);
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
        let reply = self.invalidate(&Scope::Entries(keys));
        reply.map(move |count| Ok(count? + beside.unwrap_or(Ok(0))?))
    }

    /// What the engine beside this one keeps under a manual key.
    pub(crate) fn beside(&self) -> Option<&Engine> {
        self.local.get().map(|local| &**local)
    }

    /// Forgets every entry of a group.
    pub(crate) fn forget_group<'a>(&'a self, group: &Arc<Group>) -> Reply<'a, Result<()>> {
        self.tell(EventKind::Invalidate, group.name());
        let reply = self.invalidate(&Scope::Group(&self.realm, group));
        reply.map(|answer| answer.map(drop))
    }

    /// Forgets every entry with a tag.
    pub(crate) fn forget_tag<'a>(&'a self, name: &str) -> Reply<'a, Result<()>> {
        self.tell(EventKind::Invalidate, name);
        let reply = self.invalidate(&Scope::Tag(&self.realm, name));
        reply.map(|answer| answer.map(drop))
    }

    /// Forgets every entry of the cache.
    pub(crate) fn forget_all(&self) -> Reply<'_, Result<()>> {
        self.tell(EventKind::Invalidate, "");
        let reply = self.invalidate(&Scope::All(&self.realm));
        reply.map(|answer| answer.map(drop))
    }

    /// Voids in this process and in the store.
    ///
    /// In process first, so that it has happened whatever the store says; and again when the store
    /// has confirmed, so that no flight which read the store before that is joined after it. That
    /// comes to pass even if the reply is dropped.
    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        self.void(scope);
        if !self.is_remote() {
            let reply = self.backend.invalidate(scope);
            self.void(scope);
            return reply;
        }
        let (engine, scope) = (self.shared(), OwnedScope::of(&self.realm, scope));
        background::see_through(async move {
            let backend = &*engine.backend;
            let reply = scope.borrowed(&engine.realm, |scope| backend.invalidate(scope));
            let answer = reply.await;
            scope.borrowed(&engine.realm, |scope| engine.void(scope));
            if answer.is_err() {
                engine
                    .pending
                    .remember(&engine.realm, &engine.backend, scope);
            }
            answer
        })
    }

    /// An entry is another now: nobody joins its flight any more, and nobody remembers it.
    pub(crate) fn detach(&self, id: u128) {
        self.flights.detach(id);
        self.changes.note(id);
    }

    fn void(&self, scope: &Scope<'_>) {
        match scope {
            Scope::Entries(keys) => keys.iter().for_each(|key| self.detach(key.id())),
            Scope::Group(realm, group) => realm.void_group(group),
            Scope::Tag(realm, name) => realm.void_tag(name),
            Scope::All(realm) => realm.void_all(),
        }
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
        self.pending.covers(key, &self.realm, &self.backend)
    }

    /// Deletes what an unconfirmed invalidation covers, before an operation that would count it.
    pub(crate) async fn purge(&self, key: &OwnedKey) -> Result<()> {
        if !self.is_void(&key.key()) {
            return Ok(());
        }
        let moment = self.pending.moment();
        let reply = self.backend.invalidate(&Scope::Entries(&[key.key()]));
        reply.await?;
        self.pending.written(&key.key(), moment);
        Ok(())
    }

    /// Notes that an entry was written, with what was computed since that moment.
    pub(crate) fn note_store(&self, key: &Key<'_>, computed: Moment) {
        self.pending.written(key, computed);
        self.note(EventKind::Store, key);
    }

    #[inline]
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
        EventKind::Refused => counters.refused.add_one(),
        EventKind::Degraded => counters.degraded.add_one(),
        EventKind::Invalidate => {}
    }
}
