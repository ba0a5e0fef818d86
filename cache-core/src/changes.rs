//! What has changed, as one number that never comes back.
//!
//! What remembers an entry beside the store notes this number before it reads the store, and does not use
//! what it remembers when the number is another. It is the sum of counters that only grow: the floors of
//! everything and of the entry's group, and the count of changes of single entries, which some of them share.
//! So it is the same only if nothing that covers the entry was invalidated, deleted, written or computed anew.

use crate::freshness::{Group, Realm};
use crate::sync::atomic::{AtomicU64, Ordering};

const STRIPES: usize = 64;

/// The changes of single entries of one cache.
pub(crate) struct Changes([AtomicU64; STRIPES]);

/// The part of the entries that an entry shares its count with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stripe(pub(crate) u8);

impl Stripe {
    /// The stripe of an entry.
    #[allow(clippy::cast_possible_truncation)] // the low bits of a hash
    pub(crate) fn of(id: u128) -> Self {
        Self((id % STRIPES as u128) as u8)
    }
}

impl Changes {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }

    /// The number for entries of a group in a stripe. To be asked before the store is.
    ///
    /// Its low half: what is remembered is forgotten after a second or so, in which nobody changes
    /// anything four thousand million times.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // as said
    pub(crate) fn number(&self, realm: &Realm, group: &Group, stripe: Stripe) -> u32 {
        let count = self.0[usize::from(stripe.0) % STRIPES].load(Ordering::SeqCst);
        let floors = realm.floor().wrapping_add(group.floor());
        floors.wrapping_add(count) as u32
    }

    /// Notes a change: after the entry is another, and before anybody is told.
    pub(crate) fn note(&self, id: u128) {
        let count = &self.0[usize::from(Stripe::of(id).0)];
        count.fetch_add(1, Ordering::SeqCst);
    }
}
