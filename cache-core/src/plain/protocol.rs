//! The freshness protocol over get, set and delete: every step under the lock of its key.

use std::time::Duration;

use super::{Encoded, NEVER, Plain, PlainStore};
use crate::backend::{Acquired, Claim, Lease, Scope, Seen, Stored};
use crate::counter::{add, not_a_counter};
use crate::error::Result;
use crate::key::Key;
use crate::timeout::Ttl;
use crate::value::Item;

impl<S: PlainStore> Plain<S> {
    pub(super) fn try_acquire(&self, key: &Key<'_>, claim: Claim) -> Result<Acquired> {
        let mut leases = self.lock(key);
        if !claim.steal {
            if !claim.anew
                && let Some(entry) = self.entry(key)?
            {
                return Ok(Acquired::Fresh(entry.kept));
            }
            if let Some((_, seen)) = leases.get(&key.id())
                && self.versions(key)? == Some(*seen)
            {
                return Ok(Acquired::Held);
            }
        }
        let versions = self.ensure_versions(key)?;
        leases.insert(key.id(), (claim.token, versions));
        Ok(Acquired::Granted(Lease {
            token: claim.token,
            seen: Seen::Versions(versions),
        }))
    }

    pub(super) fn try_store(
        &self,
        key: &Key<'_>,
        lease: Lease,
        item: &Item,
        ttl: Option<Duration>,
    ) -> Result<Stored> {
        let encoded = Encoded::of(item); // the user's code: before the lock
        let mut leases = self.lock(key);
        let Some((_, seen)) = leases.get(&key.id()).filter(|held| held.0 == lease.token) else {
            return Ok(Stored::Lost);
        };
        let seen = *seen;
        leases.remove(&key.id());
        let encoded = encoded?;
        if self.versions(key)? != Some(seen) {
            return Ok(Stored::Moved);
        }
        self.write(key, &encoded, seen, self.expires(ttl))?;
        // A version may have moved between the check and the write: the frame carries the old one.
        Ok(Stored::Kept)
    }

    pub(super) fn try_invalidate(&self, scope: &Scope<'_>) -> Result<u64> {
        let Scope::Entries(keys) = scope else {
            let version = scope.version_text().unwrap_or_default();
            return self.new_version(&version).map(|_| 0);
        };
        let forgotten: Vec<_> = keys.iter().map(|key| self.forget(key)).collect();
        forgotten.into_iter().sum()
    }

    /// Forgets one entry, with its lease, whether or not it can be read.
    fn forget(&self, key: &Key<'_>) -> Result<u64> {
        let mut leases = self.lock(key);
        leases.remove(&key.id());
        let present = self.entry(key).is_ok_and(|entry| entry.is_some());
        self.store.delete(&key.text())?;
        Ok(u64::from(present))
    }

    pub(super) fn try_set(&self, key: &Key<'_>, item: &Item, ttl: Option<Duration>) -> Result<()> {
        let encoded = Encoded::of(item)?;
        let mut leases = self.lock(key);
        leases.remove(&key.id());
        let versions = self.ensure_versions(key)?;
        self.write(key, &encoded, versions, self.expires(ttl))
    }

    pub(super) fn try_add(
        &self,
        key: &Key<'_>,
        item: &Item,
        ttl: Option<Duration>,
    ) -> Result<bool> {
        let encoded = Encoded::of(item)?;
        let mut leases = self.lock(key);
        if self.entry(key)?.is_some() {
            return Ok(false);
        }
        leases.remove(&key.id());
        let versions = self.ensure_versions(key)?;
        self.write(key, &encoded, versions, self.expires(ttl))?;
        Ok(true)
    }

    pub(super) fn try_incr(&self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Result<i64> {
        let mut leases = self.lock(key);
        // A sum goes on under the versions of the sum it was made of: an invalidation between the
        // look and the write voids both.
        let (count, expires, versions) = match self.entry(key)? {
            Some(entry) => {
                let count = entry.kept.open::<i64>();
                let count = count.ok_or_else(not_a_counter)?;
                (count, entry.expires, entry.versions)
            }
            None => (0, self.expires(ttl), self.ensure_versions(key)?),
        };
        let count = add(count, by)?;
        leases.remove(&key.id());
        self.write(key, &Encoded::of(&Item::of(&count))?, versions, expires)?;
        Ok(count)
    }

    pub(super) fn try_ttl(&self, key: &Key<'_>) -> Result<Ttl> {
        Ok(match self.entry(key)? {
            None => Ttl::Absent,
            Some(entry) if entry.expires == NEVER => Ttl::Forever,
            Some(entry) => Ttl::Remaining(Duration::from_millis(
                entry.expires.saturating_sub(self.clock.unix()),
            )),
        })
    }
}
