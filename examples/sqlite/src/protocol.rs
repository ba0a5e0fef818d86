//! The freshness protocol: each operation is one transaction, in which nothing changes between a
//! comparison and the write that depends on it.

use std::time::Duration;

use larder::Ttl;
use larder::backends::{Acquired, Claim, Item, Key, Lease, Scope, Seen, Stored, Versions};
use rusqlite::{Result, params};

use crate::rows::{Encoded, FOREVER, Rows};

impl Rows<'_> {
    /// Versions are seen here, before the body runs.
    pub(crate) fn acquire(&self, key: &Key<'_>, claim: Claim) -> Result<Acquired> {
        let expires = self.end(Some(claim.lease));
        let seen = self.make_versions(key, expires)?;
        if !claim.steal {
            if !claim.anew
                && let Some(entry) = self.entry(key)?
            {
                return Ok(Acquired::Fresh(entry.kept));
            }
            if self.is_held(key, seen)? {
                return Ok(Acquired::Held);
            }
        }
        let token = claim.token;
        let sql = "INSERT OR REPLACE INTO lease (key, token, seen, expires)
            VALUES (?1, ?2, ?3, ?4)";
        let row = params![key.text(), token.0.cast_signed(), mixed(seen), expires];
        self.execute(sql, row)?;
        let seen = Seen::Versions(seen);
        Ok(Acquired::Granted(Lease { token, seen }))
    }

    /// Whether somebody computes the key. A lease from before an invalidation can no longer store,
    /// and keeps nobody waiting.
    fn is_held(&self, key: &Key<'_>, now: Versions) -> Result<bool> {
        let sql = "SELECT 1 FROM lease WHERE key = ?1 AND seen = ?2 AND expires > ?3";
        let row = params![key.text(), mixed(now), self.now];
        self.transaction.prepare_cached(sql)?.exists(row)
    }

    /// Lets a lease live for so long from now on, if it is still the holder's.
    pub(crate) fn extend(&self, key: &Key<'_>, lease: Lease, by: Duration) -> Result<bool> {
        let sql = "UPDATE lease SET expires = ?3 WHERE key = ?1 AND token = ?2";
        let token = lease.token.0.cast_signed();
        let row = params![key.text(), token, self.end(Some(by))];
        Ok(self.execute(sql, row)? > 0)
    }

    /// Gives a lease back, if it is still the holder's; answers whether it was.
    pub(crate) fn release(&self, key: &Key<'_>, lease: Lease) -> Result<bool> {
        let sql = "DELETE FROM lease WHERE key = ?1 AND token = ?2";
        let row = params![key.text(), lease.token.0.cast_signed()];
        Ok(self.execute(sql, row)? > 0)
    }

    /// Compares the lease, then the versions, then writes.
    pub(crate) fn store(
        &self,
        key: &Key<'_>,
        lease: Lease,
        value: &Encoded,
        ttl: Option<Duration>,
    ) -> Result<Stored> {
        if !self.release(key, lease)? {
            return Ok(Stored::Lost);
        }
        let expires = self.end(ttl);
        let seen = self.make_versions(key, expires)?;
        if lease.seen.versions() != Some(seen) {
            return Ok(Stored::Moved);
        }
        self.write(key, value, seen, expires)?;
        Ok(Stored::Kept)
    }

    /// Forgets what the scope covers; answers how many entries there were.
    pub(crate) fn invalidate(&self, scope: &Scope<'_>) -> Result<u64> {
        if let Scope::Entries(keys) = scope {
            return keys.iter().map(|key| self.forget(key)).sum();
        }
        // However many entries it covers, they are void without it.
        let name = scope.version_text().unwrap_or_default();
        self.execute("DELETE FROM version WHERE name = ?1", [name])?;
        Ok(0)
    }

    /// An entry and its lease go together: whoever computes the entry can no longer store it.
    fn forget(&self, key: &Key<'_>) -> Result<u64> {
        let present = self.entry(key)?.is_some();
        self.execute("DELETE FROM entry WHERE key = ?1", [key.text()])?;
        self.execute("DELETE FROM lease WHERE key = ?1", [key.text()])?;
        Ok(u64::from(present))
    }

    /// Writes an entry, whatever is there; whoever computes it can no longer store it.
    pub(crate) fn put(&self, key: &Key<'_>, value: &Encoded, expires: i64) -> Result<()> {
        self.execute("DELETE FROM lease WHERE key = ?1", [key.text()])?;
        let versions = self.make_versions(key, expires)?;
        self.write(key, value, versions, expires)
    }

    /// Writes an entry if there is none; answers whether it did.
    pub(crate) fn add(
        &self,
        key: &Key<'_>,
        value: &Encoded,
        ttl: Option<Duration>,
    ) -> Result<bool> {
        if self.entry(key)?.is_some() {
            return Ok(false);
        }
        self.put(key, value, self.end(ttl))?;
        Ok(true)
    }

    /// Adds to a counter, which keeps its own end; answers nothing if the entry is not a counter, or if
    /// the sum does not fit.
    pub(crate) fn incr(
        &self,
        key: &Key<'_>,
        by: i64,
        ttl: Option<Duration>,
    ) -> Result<Option<i64>> {
        let (count, expires) = match self.entry(key)? {
            Some(entry) => (entry.kept.open::<i64>(), entry.expires),
            None => (Some(0), self.end(ttl)),
        };
        let Some(sum) = count.and_then(|count| count.checked_add(by)) else {
            return Ok(None);
        };
        // A number has a `Serialize` that may run here: it is not the user's.
        let Ok(value) = Encoded::of(&Item::of(&sum)) else {
            return Ok(None);
        };
        self.put(key, &value, expires)?;
        Ok(Some(sum))
    }

    pub(crate) fn ttl(&self, key: &Key<'_>) -> Result<Ttl> {
        Ok(match self.entry(key)? {
            None => Ttl::Absent,
            Some(entry) if entry.expires == FOREVER => Ttl::Forever,
            Some(entry) => {
                let left = entry.expires.saturating_sub(self.now).unsigned_abs();
                Ttl::Remaining(Duration::from_millis(left))
            }
        })
    }
}

/// Versions are random: mixed into one number they are as good as apart.
fn mixed(versions: Versions) -> [u8; 16] {
    (versions.group ^ versions.all ^ versions.tags).to_be_bytes()
}
