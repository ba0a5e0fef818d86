//! Invalidations that the store did not confirm.
//!
//! They hold in this process all the same: what they cover is not read, but computed and written
//! over. They are tried again with the calls that they cover, and forgotten when the store has
//! confirmed them or after a while.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::backend::{Backend, Scope};
use crate::freshness::{Group, Realm};
use crate::key::{Key, OwnedKey};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, lock};

/// How long an unconfirmed invalidation is remembered.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Between two attempts to have them confirmed.
const PAUSE: Duration = Duration::from_millis(100);
/// So many are told apart; more than that stand for everything.
const MOST: usize = 1_024;

/// The unconfirmed invalidations of one cache.
#[derive(Default)]
pub(crate) struct Pending {
    any: AtomicBool,
    list: Mutex<List>,
}

#[derive(Default)]
struct List {
    scopes: Vec<Unconfirmed>,
    tried: Option<Instant>,
}

#[derive(Clone)]
struct Unconfirmed {
    scope: Arc<OwnedScope>,
    until: Instant,
    /// Entries that were written since: the scope does not cover them.
    written: Arc<Mutex<HashSet<u128>>>,
}

impl Unconfirmed {
    fn new(scope: OwnedScope) -> Self {
        Self {
            scope: Arc::new(scope),
            until: Instant::now() + REMEMBERED,
            written: Arc::default(),
        }
    }

    fn covers(&self, key: &Key<'_>) -> bool {
        self.scope.covers(key) && !lock(&self.written).contains(&key.id())
    }
}

/// A scope that owns its parts.
pub(crate) enum OwnedScope {
    Entry(OwnedKey),
    Group(Arc<Group>),
    Tag(String),
    All,
}

impl OwnedScope {
    /// The scopes of an invalidation, one for each entry.
    pub(crate) fn all_of(realm: &Arc<Realm>, scope: &Scope<'_>) -> Vec<Self> {
        match scope {
            Scope::Entries(keys) => {
                let entry = |key: &Key<'_>| Self::Entry(key.to_owned_in(realm));
                keys.iter().map(entry).collect()
            }
            Scope::Group(_, group) => vec![Self::Group(Arc::clone(group))],
            Scope::Tag(_, name) => vec![Self::Tag((*name).to_owned())],
            Scope::All(_) => vec![Self::All],
        }
    }

    /// Whether it is the same scope.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Entry(one), Self::Entry(other)) => one.id == other.id,
            (Self::Group(one), Self::Group(other)) => Arc::ptr_eq(one, other),
            (Self::Tag(one), Self::Tag(other)) => one == other,
            (Self::All, Self::All) => true,
            _ => false,
        }
    }

    fn covers(&self, key: &Key<'_>) -> bool {
        match self {
            Self::Entry(entry) => entry.id == key.id(),
            Self::Group(group) => key.is_grouped() && key.group() == group.name(),
            Self::Tag(name) => key.tags().iter().any(|tag| tag.name() == name),
            Self::All => true,
        }
    }

    /// Whether the store confirms it now. One that answers later is asked again.
    fn is_confirmed(&self, realm: &Realm, backend: &dyn Backend) -> bool {
        let reply = match self {
            Self::Entry(entry) => backend.invalidate(&Scope::Entries(&[entry.key()])),
            Self::Group(group) => backend.invalidate(&Scope::Group(realm, group)),
            Self::Tag(name) => backend.invalidate(&Scope::Tag(realm, name)),
            Self::All => backend.invalidate(&Scope::All(realm)),
        };
        matches!(reply.try_now(), Ok(Ok(_)))
    }
}

impl Pending {
    /// Remembers an invalidation that the store did not confirm.
    pub(crate) fn remember(&self, scopes: Vec<OwnedScope>) {
        let mut list = lock(&self.list);
        for scope in scopes {
            list.scopes.retain(|other| !other.scope.is(&scope));
            list.scopes.push(Unconfirmed::new(scope));
        }
        if list.scopes.len() > MOST {
            list.scopes = vec![Unconfirmed::new(OwnedScope::All)];
        }
        self.any.store(true, Ordering::SeqCst);
    }

    /// Whether an unconfirmed invalidation covers the key. Tries to have it confirmed first.
    #[inline]
    pub(crate) fn covers(&self, key: &Key<'_>, backend: &dyn Backend) -> bool {
        self.any.load(Ordering::SeqCst) && self.still_covers(key, backend)
    }

    #[cold]
    fn still_covers(&self, key: &Key<'_>, backend: &dyn Backend) -> bool {
        for attempt in self.due() {
            // Outside of the lock: a store may call whom it likes. One failure is enough.
            if !attempt.scope.is_confirmed(key.realm, backend) {
                break;
            }
            let confirmed = |other: &Unconfirmed| Arc::ptr_eq(&other.scope, &attempt.scope);
            lock(&self.list).scopes.retain(|other| !confirmed(other));
        }
        let list = lock(&self.list);
        self.any.store(!list.scopes.is_empty(), Ordering::SeqCst);
        list.scopes.iter().any(|scope| scope.covers(key))
    }

    /// What is to be tried again now, by this caller alone.
    fn due(&self) -> Vec<Unconfirmed> {
        let mut list = lock(&self.list);
        let now = Instant::now();
        list.scopes.retain(|unconfirmed| unconfirmed.until > now);
        if list.tried.is_some_and(|tried| now - tried <= PAUSE) {
            return Vec::new();
        }
        list.tried = Some(now);
        list.scopes.clone()
    }

    /// An entry was written anew: what is there now is not covered any more.
    pub(crate) fn written(&self, key: &Key<'_>) {
        if !self.any.load(Ordering::SeqCst) {
            return;
        }
        let mut list = lock(&self.list);
        // Its own invalidation has nothing left to do: tried again, it would delete what is new.
        let done =
            |scope: &OwnedScope| matches!(scope, OwnedScope::Entry(entry) if entry.id == key.id());
        list.scopes.retain(|unconfirmed| !done(&unconfirmed.scope));
        for unconfirmed in &list.scopes {
            let mut written = lock(&unconfirmed.written);
            if written.len() < MOST {
                written.insert(key.id());
            }
        }
    }
}
