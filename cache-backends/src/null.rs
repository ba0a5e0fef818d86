//! The store that keeps nothing.

use std::time::Duration;

use larder_core::backend::{Acquired, Backend, Claim, Lease, Profile, Scope, Seen, Stored};
use larder_core::error::Result;
use larder_core::key::Key;
use larder_core::reply::Reply;
use larder_core::timeout::Ttl;
use larder_core::value::{Item, Kept, Term};

/// Keeps nothing: every call computes. For tests, and for switching a cache off by configuration.
///
/// Callers who miss the same key at the same time still share one computation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

impl Backend for Null {
    fn profile(&self) -> Profile {
        Profile {
            shared: false,
            objects: true,
            lends: false,
        }
    }

    fn read<'a>(&'a self, _: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        Reply::now(Ok(None))
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>> {
        Reply::now(Ok(Acquired::Granted(Lease {
            token: claim.token,
            seen: Seen::Stamp(key.stamp()),
        })))
    }

    fn store<'a>(
        &'a self,
        _: &Key<'_>,
        _: Lease,
        _: Item,
        _: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        Reply::now(Ok(Stored::Refused))
    }

    fn extend<'a>(&'a self, _: &Key<'_>, _: Lease, _: Duration) -> Reply<'a, Result<bool>> {
        Reply::now(Ok(true))
    }

    fn release<'a>(&'a self, _: &Key<'_>, _: Lease) -> Reply<'a, Result<()>> {
        Reply::now(Ok(()))
    }

    fn invalidate<'a>(&'a self, _: &Scope<'_>) -> Reply<'a, Result<u64>> {
        Reply::now(Ok(0))
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        Reply::now(Ok(vec![None; keys.len()]))
    }

    fn write_many<'a>(
        &'a self,
        _: Vec<(Key<'_>, Item)>,
        _: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        Reply::now(Ok(()))
    }

    fn add<'a>(&'a self, _: &Key<'_>, _: Item, _: Option<Duration>) -> Reply<'a, Result<bool>> {
        Reply::now(Ok(true))
    }

    fn incr<'a>(&'a self, _: &Key<'_>, by: i64, _: Option<Duration>) -> Reply<'a, Result<i64>> {
        Reply::now(Ok(by))
    }

    fn term(&self, _: &Key<'_>, _: &Kept) -> Option<Term> {
        None
    }

    fn ttl<'a>(&'a self, _: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        Reply::now(Ok(Ttl::Absent))
    }
}
