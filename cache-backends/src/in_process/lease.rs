//! Leases: who has the right to store, and what they saw when they got it.

use std::collections::hash_map::Entry;
use std::time::Duration;

use larder_core::backend::{Acquired, Claim, Lease, Seen, Stored, Token};
use larder_core::key::Key;
use larder_core::value::Item;

use super::{InProcess, Leases};
use crate::table::{Leftovers, Table};

impl<T: Table> InProcess<T> {
    /// Grants a lease, unless there is an entry or somebody holds one.
    pub(super) fn grant(&self, key: &Key<'_>, claim: Claim) -> Acquired {
        let mut leases = self.lock(key);
        if !claim.steal
            && !claim.anew
            && let Some(kept) = self.value(key)
        {
            return Acquired::Fresh(kept);
        }
        let held = leases.entry(key.id());
        if let Entry::Occupied(held) = &held
            && !claim.steal
            && key.admits(held.get().1)
        {
            return Acquired::Held;
        }
        let stamp = key.stamp();
        held.insert_entry((claim.token, stamp));
        Acquired::Granted(Lease {
            token: claim.token,
            seen: Seen::Stamp(stamp),
        })
    }

    /// Stores under a lease: compares and writes in one step.
    pub(super) fn store_under(
        &self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Stored {
        let Some(stamp) = lease.seen.stamp() else {
            return Stored::Lost;
        };
        let slot = self.make_slot(key, item, stamp, self.expires(ttl));
        let mut out = Leftovers::default();
        let mut leases = self.lock(key);
        if !take_lease(&mut leases, key, lease.token) {
            return Stored::Lost;
        }
        if !key.admits(stamp) {
            return Stored::Moved;
        }
        if self.table.insert(key.id(), slot, &mut out) {
            Stored::Kept
        } else {
            Stored::Refused
        }
    }
}

/// Whether the lease is the holder's.
pub(super) fn holds_lease(leases: &Leases, key: &Key<'_>, token: Token) -> bool {
    leases.get(&key.id()).is_some_and(|held| held.0 == token)
}

/// Takes the lease out if it is the holder's.
pub(super) fn take_lease(leases: &mut Leases, key: &Key<'_>, token: Token) -> bool {
    match leases.entry(key.id()) {
        Entry::Occupied(held) if held.get().0 == token => {
            held.remove();
            true
        }
        _ => false,
    }
}
