//! The freshness protocol in one process, over any table of objects.

mod counter;
mod lease;

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use larder_core::backend::{Acquired, Backend, Claim, Lease, Profile, Scope, Stored, Token};
use larder_core::clock::{Clock, millis};
use larder_core::error::{Error, ErrorKind, Result};
use larder_core::ids::{IdMap, shard_of};
use larder_core::key::Key;
use larder_core::reply::Reply;
use larder_core::stamp::Stamp;
use larder_core::timeout::Ttl;
use larder_core::value::{Item, Kept, Term};

use crate::table::{Leftovers, NEVER, Slot, Table, View};
use lease::{holds_lease, take_lease};

/// A store in this process: a table of objects, and who has the right to write into it.
///
/// Everything that writes holds the lock of the key's leases, so that "may I store?" and the
/// insertion are one step for every invalidation. Reads take no part in that: a slot carries its
/// stamp, and what was invalidated does not admit it. Variables that may hold the last handle of a
/// value are declared before the lock is taken, so that they are dropped after it is given back.
pub struct InProcess<T> {
    table: T,
    clock: Clock,
    leases: [Mutex<Leases>; SHARDS],
}

type Leases = IdMap<(Token, Stamp)>;

const SHARDS: usize = 32;

/// For so many milliseconds who remembers an entry need not ask again; for so long, too, something that was
/// evicted may still be answered.
const TERM: u64 = 1_000;

/// What an entry takes beside its value: its place in the table and its handle.
const OVERHEAD: u64 = 128;

/// For the stores that are made of it here.
#[cfg_attr(not(any(feature = "memory", feature = "moka")), allow(dead_code))]
impl<T: Table> InProcess<T> {
    pub(crate) fn over(table: T, clock: Clock) -> Self {
        Self {
            table,
            clock,
            leases: std::array::from_fn(|_| Mutex::default()),
        }
    }

    pub(crate) fn table(&self) -> &T {
        &self.table
    }
}

impl<T: Table> InProcess<T> {
    fn lock(&self, key: &Key<'_>) -> MutexGuard<'_, Leases> {
        let shard = &self.leases[shard_of(key.id(), SHARDS)];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at an entry that is in force.
    #[inline]
    fn look<R>(&self, key: &Key<'_>, look: impl FnOnce(View<'_>) -> R) -> Option<R> {
        let now = self.clock.now();
        let look = |slot: View<'_>| is_in_force(key, slot, now).then(|| look(slot));
        self.table.look(key.id(), look).flatten()
    }

    #[allow(clippy::redundant_closure_for_method_calls)] // the method is not general enough in its lifetime
    fn slot(&self, key: &Key<'_>) -> Option<Slot> {
        self.look(key, |slot| slot.to_slot())
    }

    #[inline]
    fn value(&self, key: &Key<'_>) -> Option<Kept> {
        self.look(key, |slot| Kept::Object(Arc::clone(slot.object)))
    }

    /// When the entry is to be asked for again, if it still has this value.
    fn until(&self, key: &Key<'_>, kept: &Kept) -> Option<u64> {
        let Kept::Object(object) = kept else {
            return None;
        };
        let latest = self.clock.now() + TERM;
        let until = |slot: View<'_>| {
            let same = Arc::ptr_eq(slot.object, object);
            same.then(|| slot.expires.min(latest))
        };
        self.look(key, until).flatten()
    }

    fn expires(&self, ttl: Option<Duration>) -> u64 {
        ttl.map_or(NEVER, |ttl| self.clock.now().saturating_add(millis(ttl)))
    }

    fn weight(&self, item: &Item) -> u64 {
        if !self.table.weighs() {
            return 0;
        }
        let object: &(dyn Any + Send + Sync) = &**item.object();
        let size = item.weigh().unwrap_or(size_of_val(object) as u64);
        size + OVERHEAD
    }

    fn make_slot(&self, key: &Key<'_>, item: Item, stamp: Stamp, expires: u64) -> Slot {
        Slot {
            weight: self.weight(&item),
            object: item.into_object(),
            stamp,
            tags: key.tags().clone(),
            expires,
        }
    }

    /// Writes an entry from outside of any flight: what is being computed is void.
    fn write(&self, key: &Key<'_>, item: Item, ttl: Option<Duration>) -> bool {
        let slot = self.make_slot(key, item, key.stamp(), self.expires(ttl));
        let mut out = Leftovers::default();
        let mut leases = self.lock(key);
        leases.remove(&key.id());
        self.table.insert(key.id(), slot, &mut out)
    }

    fn forget(&self, key: &Key<'_>) -> bool {
        let _removed;
        let mut leases = self.lock(key);
        leases.remove(&key.id());
        let slot = self.table.remove(key.id());
        let was_there = slot
            .as_ref()
            .is_some_and(|slot| is_in_force(key, slot.view(), self.clock.now()));
        _removed = slot;
        was_there
    }

    fn add_slot(&self, key: &Key<'_>, item: Item, ttl: Option<Duration>) -> bool {
        let slot = self.make_slot(key, item, key.stamp(), self.expires(ttl));
        let (present, mut out);
        let mut leases = self.lock(key);
        (present, out) = (self.slot(key), Leftovers::default());
        if present.is_some() {
            return false;
        }
        leases.remove(&key.id());
        self.table.insert(key.id(), slot, &mut out)
    }

    fn remaining(&self, key: &Key<'_>) -> Ttl {
        match self.slot(key).map(|slot| slot.expires) {
            None => Ttl::Absent,
            Some(NEVER) => Ttl::Forever,
            Some(expires) => {
                let left = expires.saturating_sub(self.clock.now());
                Ttl::Remaining(Duration::from_millis(left))
            }
        }
    }
}

impl<T: Table> Backend for InProcess<T> {
    fn profile(&self) -> Profile {
        Profile {
            shared: false,
            objects: true,
            lends: !self.table.weighs(),
        }
    }

    #[inline]
    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        Reply::now(Ok(self.value(key)))
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>> {
        Reply::now(Ok(self.grant(key, claim)))
    }

    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        Reply::now(Ok(self.store_under(key, lease, item, ttl)))
    }

    /// Leases do not expire: their holders are in this process.
    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, _: Duration) -> Reply<'a, Result<bool>> {
        Reply::now(Ok(holds_lease(&self.lock(key), key, lease.token)))
    }

    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>> {
        take_lease(&mut self.lock(key), key, lease.token);
        Reply::now(Ok(()))
    }

    /// Groups, tags and everything need nothing here: the key no longer admits what was stored before.
    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        let count = match scope {
            Scope::Entries(keys) => keys.iter().filter(|key| self.forget(key)).count(),
            Scope::Group(..) | Scope::Tag(..) | Scope::All(_) => 0,
        };
        Reply::now(Ok(count as u64))
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        Reply::now(Ok(keys.iter().map(|key| self.value(key)).collect()))
    }

    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        let mut kept = true;
        for (key, item) in entries {
            kept &= self.write(&key, item, ttl);
        }
        Reply::now(if kept { Ok(()) } else { Err(too_large()) })
    }

    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>> {
        Reply::now(Ok(self.add_slot(key, item, ttl)))
    }

    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>> {
        Reply::now(self.count(key, by, ttl))
    }

    fn term(&self, key: &Key<'_>, kept: &Kept) -> Option<Term> {
        Some(Term {
            until: self.until(key, kept)?,
            heard: self.table.is_full(),
            clock: self.clock.clone(),
        })
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        Reply::now(Ok(self.remaining(key)))
    }
}

#[inline]
fn is_in_force(key: &Key<'_>, slot: View<'_>, now: u64) -> bool {
    slot.expires > now && key.admits(slot.stamp) && slot.tags.admit(slot.stamp)
}

fn too_large() -> Error {
    Error::new(ErrorKind::Refused, "a value is larger than the store")
}

impl<T: Table> fmt::Debug for InProcess<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}
