//! A store that counts how often it is asked.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use larder::backends::{Acquired, Backend, Claim, Item, Kept, Key, Lease, Memory};
use larder::backends::{Profile, Scope, Stored, Term};
use larder::{Reply, Result, Ttl};

/// A [`Memory`] store behind a counter.
pub(crate) struct Counted {
    inner: Memory,
    reads: Arc<AtomicU64>,
    /// How often it was asked for how long a hit may be remembered.
    pub(crate) terms: Arc<AtomicU64>,
}

/// The store, and how often it was read.
pub(crate) fn counted(inner: Memory) -> (Counted, Arc<AtomicU64>) {
    let reads = Arc::default();
    let store = Counted {
        inner,
        reads: Arc::clone(&reads),
        terms: Arc::default(),
    };
    (store, reads)
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Backend for Counted {
    fn profile(&self) -> Profile {
        self.inner.profile()
    }

    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.inner.read(key)
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>> {
        self.inner.acquire(key, claim)
    }

    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        self.inner.store(key, lease, item, ttl)
    }

    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, by: Duration) -> Reply<'a, Result<bool>> {
        self.inner.extend(key, lease, by)
    }

    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>> {
        self.inner.release(key, lease)
    }

    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        self.inner.invalidate(scope)
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        self.inner.read_many(keys)
    }

    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        self.inner.write_many(entries, ttl)
    }

    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>> {
        self.inner.add(key, item, ttl)
    }

    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>> {
        self.inner.incr(key, by, ttl)
    }

    fn term(&self, key: &Key<'_>, kept: &Kept) -> Option<Term> {
        self.terms.fetch_add(1, Ordering::SeqCst);
        self.inner.term(key, kept)
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        self.inner.ttl(key)
    }
}
