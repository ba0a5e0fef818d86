//! Invalidations that the store did not confirm.
//!
//! They hold in this process all the same: what they cover is not read, but computed and written
//! over. They are tried again with the calls that they cover and every now and then, and forgotten
//! when the store has confirmed them. A store that can be reached and does not confirm them either
//! is tried for a while.

use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use futures_timer::Delay;

use crate::backend::Backend;
use crate::background;
use crate::error::Error;
use crate::freshness::Realm;
use crate::key::Key;
use crate::owned_scope::OwnedScope;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Mutex, lock};

/// How long an invalidation is remembered that a store in reach does not confirm.
const REMEMBERED: Duration = Duration::from_secs(30);
/// Between two attempts to have them confirmed.
const PAUSE: Duration = Duration::from_millis(100);
/// So many are told apart; more than that stand for everything.
const MOST: usize = 1_024;

/// The unconfirmed invalidations of one cache.
#[derive(Default)]
pub(crate) struct Pending {
    any: AtomicBool,
    /// How many invalidations have been remembered.
    moment: AtomicU64,
    list: Mutex<List>,
}

/// A moment among the unconfirmed invalidations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

#[derive(Default)]
struct List {
    scopes: Vec<Unconfirmed>,
    tried: Option<Instant>,
    /// Somebody tries again every now and then.
    attended: bool,
}

#[derive(Clone)]
struct Unconfirmed {
    scope: Arc<OwnedScope>,
    since: Moment,
    until: Instant,
    /// Entries that were written since: the scope does not cover them.
    written: Arc<Mutex<HashSet<u128>>>,
}

impl Unconfirmed {
    fn new(scope: OwnedScope, since: Moment) -> Self {
        Self {
            scope: Arc::new(scope),
            since,
            until: Instant::now() + REMEMBERED,
            written: Arc::default(),
        }
    }

    fn covers(&self, key: &Key<'_>) -> bool {
        self.scope.covers(key) && !lock(&self.written).contains(&key.id())
    }
}

impl Pending {
    /// Remembers an invalidation that the store did not confirm.
    pub(crate) fn remember(
        self: &Arc<Self>,
        realm: &Arc<Realm>,
        backend: &Arc<dyn Backend>,
        scope: OwnedScope,
    ) {
        let mut list = lock(&self.list);
        let since = Moment(self.moment.fetch_add(1, Ordering::SeqCst) + 1);
        for scope in scope.split() {
            list.scopes.retain(|other| !other.scope.is(&scope));
            list.scopes.push(Unconfirmed::new(scope, since));
        }
        if list.scopes.len() > MOST {
            list.scopes = vec![Unconfirmed::new(OwnedScope::All, since)];
        }
        self.any.store(true, Ordering::SeqCst);
        if !std::mem::replace(&mut list.attended, true) {
            drop(list);
            let (realm, backend) = (Arc::clone(realm), Arc::downgrade(backend));
            background::finish(attend(Arc::downgrade(self), realm, backend));
        }
    }

    /// The moment, for what is computed from now on.
    #[inline]
    pub(crate) fn moment(&self) -> Moment {
        Moment(self.moment.load(Ordering::SeqCst))
    }

    /// Whether what was computed since that moment is void: an invalidation that covers it came
    /// later, and the store has not heard of it.
    pub(crate) fn voids(&self, key: &Key<'_>, computed: Moment) -> bool {
        if self.moment() == computed {
            return false;
        }
        let list = lock(&self.list);
        let later = |one: &&Unconfirmed| one.since > computed;
        list.scopes.iter().filter(later).any(|one| one.covers(key))
    }

    /// Whether an unconfirmed invalidation covers the key. Tries to have it confirmed first.
    #[inline]
    pub(crate) fn covers(
        self: &Arc<Self>,
        key: &Key<'_>,
        realm: &Arc<Realm>,
        backend: &Arc<dyn Backend>,
    ) -> bool {
        self.any.load(Ordering::SeqCst) && self.still_covers(key, realm, backend)
    }

    #[cold]
    fn still_covers(
        self: &Arc<Self>,
        key: &Key<'_>,
        realm: &Arc<Realm>,
        backend: &Arc<dyn Backend>,
    ) -> bool {
        let due = self.due();
        if !due.is_empty() {
            let (realm, backend) = (Arc::clone(realm), Arc::clone(backend));
            background::finish(retry(Arc::clone(self), realm, backend, due));
        }
        let list = lock(&self.list);
        list.scopes.iter().any(|scope| scope.covers(key))
    }

    /// What is to be tried again now, by this caller alone.
    fn due(&self) -> Vec<Unconfirmed> {
        let mut list = lock(&self.list);
        let now = Instant::now();
        list.scopes.retain(|unconfirmed| unconfirmed.until > now);
        self.any.store(!list.scopes.is_empty(), Ordering::SeqCst);
        if list.tried.is_some_and(|tried| now - tried <= PAUSE) {
            return Vec::new();
        }
        list.tried = Some(now);
        list.scopes.clone()
    }

    /// The store has confirmed it.
    fn confirm(&self, scope: &Arc<OwnedScope>) {
        let mut list = lock(&self.list);
        list.scopes
            .retain(|other| !Arc::ptr_eq(&other.scope, scope));
        self.any.store(!list.scopes.is_empty(), Ordering::SeqCst);
    }

    /// The store could not be reached: whatever there is stays for as long again.
    fn prolong(&self) {
        let until = Instant::now() + REMEMBERED;
        for unconfirmed in &mut lock(&self.list).scopes {
            unconfirmed.until = until;
        }
    }

    /// Whether there is still something to try again.
    fn needs_attention(&self) -> bool {
        let mut list = lock(&self.list);
        list.attended = !list.scopes.is_empty();
        list.attended
    }

    /// An entry was written with what was computed since that moment: earlier invalidations do not
    /// cover it any more.
    pub(crate) fn written(&self, key: &Key<'_>, computed: Moment) {
        if !self.any.load(Ordering::SeqCst) {
            return;
        }
        let mut list = lock(&self.list);
        // Its own invalidation has nothing left to do: tried again, it would delete what is new.
        list.scopes
            .retain(|one| one.since > computed || !one.scope.is_entry(key.id()));
        for unconfirmed in list.scopes.iter().filter(|one| one.since <= computed) {
            let mut written = lock(&unconfirmed.written);
            if written.len() < MOST {
                written.insert(key.id());
            }
        }
    }
}

/// Tries again every now and then, until there is nothing left or nobody has the cache any more.
async fn attend(pending: Weak<Pending>, realm: Arc<Realm>, backend: Weak<dyn Backend>) {
    loop {
        Delay::new(PAUSE).await;
        let (Some(pending), Some(backend)) = (pending.upgrade(), backend.upgrade()) else {
            return;
        };
        let due = pending.due();
        retry(Arc::clone(&pending), Arc::clone(&realm), backend, due).await;
        if !pending.needs_attention() {
            return;
        }
    }
}

/// Tries to have them confirmed, in their order; one failure is enough. No lock is held: a store
/// may call whom it likes.
async fn retry(
    pending: Arc<Pending>,
    realm: Arc<Realm>,
    backend: Arc<dyn Backend>,
    due: Vec<Unconfirmed>,
) {
    for attempt in due {
        let scope = &attempt.scope;
        let reply = scope.borrowed(&realm, |scope| backend.invalidate(scope));
        match reply.await {
            Ok(_) => pending.confirm(scope),
            Err(error) if Error::is_outage(&error) => return pending.prolong(),
            Err(_) => return,
        }
    }
}
