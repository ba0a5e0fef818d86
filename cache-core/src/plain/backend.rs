//! The adapter as a backend.

use std::time::Duration;

use super::{Plain, PlainStore};
use crate::backend::{Acquired, Backend, Claim, Lease, Profile, Scope, Stored};
use crate::error::{Error, ErrorKind, Result};
use crate::key::Key;
use crate::reply::Reply;
use crate::timeout::Ttl;
use crate::value::{Item, Kept, Term};

impl<S: PlainStore> Backend for Plain<S> {
    fn profile(&self) -> Profile {
        Profile {
            shared: true,
            objects: false,
            lends: false,
        }
    }

    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        Reply::now(self.entry(key).map(|entry| entry.map(|entry| entry.kept)))
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

    /// Leases are in this process and do not expire.
    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, _: Duration) -> Reply<'a, Result<bool>> {
        let leases = self.lock(key);
        let held = leases.get(&key.id());
        Reply::now(Ok(held.is_some_and(|held| held.0 == lease.token)))
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
                .map(|entry| Ok(entry?.map(|entry| entry.kept)))
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

    fn term(&self, _: &Key<'_>, _: &Kept) -> Option<Term> {
        None
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        Reply::now(self.try_ttl(key))
    }
}
