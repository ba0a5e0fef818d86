//! Invalidations that the store did not confirm.
//!
//! They hold in this process all the same: what they cover is not read, but computed and written
//! over. They are tried again with the calls that they cover, and forgotten when the store has
//! confirmed them or after a while.

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
    scopes: Vec<(OwnedScope, Instant)>,
    tried: Option<Instant>,
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
        let until = Instant::now() + REMEMBERED;
        if list.scopes.len() + scopes.len() > MOST {
            list.scopes = vec![(OwnedScope::All, until)];
        } else {
            list.scopes
                .extend(scopes.into_iter().map(|scope| (scope, until)));
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
        let mut list = lock(&self.list);
        let now = Instant::now();
        list.scopes.retain(|(_, until)| *until > now);
        if list.tried.is_none_or(|tried| now - tried > PAUSE) {
            list.tried = Some(now);
            let confirmed = |scope: &OwnedScope| scope.is_confirmed(key.realm, backend);
            list.scopes.retain(|(scope, _)| !confirmed(scope));
        }
        self.any.store(!list.scopes.is_empty(), Ordering::SeqCst);
        list.scopes.iter().any(|(scope, _)| scope.covers(key))
    }

    /// An entry was written anew: its own invalidation has nothing left to do.
    pub(crate) fn written(&self, key: &Key<'_>) {
        if self.any.load(Ordering::SeqCst) {
            let done = |scope: &OwnedScope| matches!(scope, OwnedScope::Entry(entry) if entry.id == key.id());
            lock(&self.list).scopes.retain(|(scope, _)| !done(scope));
        }
    }
}
