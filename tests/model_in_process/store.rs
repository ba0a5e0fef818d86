//! The store's row of the key: its entry and its lease, under one lock.

use crate::clock::Clock;
use crate::rule::{Rule, Rules};

/// A stored value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Entry {
    /// The version of the source that the body read.
    pub(crate) version: u8,
    /// The epoch that the computation started in.
    pub(crate) stamp: u8,
}

/// The right to store.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Lease {
    /// Its holder's number: a caller acquires once, so that this is as good as a random token.
    token: usize,
    stamp: u8,
}

/// The answer to a leader that asks for the lease.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Acquired {
    /// A valid entry is there; this is its version.
    Fresh(u8),
    /// Somebody else may store.
    Held,
    /// The lease is the caller's, under this stamp.
    Granted(u8),
}

/// The answer to a leader that wants to store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stored {
    /// The lease is not the caller's any more: nothing was written.
    Lost,
    /// The group was invalidated meanwhile: nothing was written.
    Moved,
    /// The entry is written.
    Written,
}

/// The row. Each method is one step.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Store {
    entry: Option<Entry>,
    lease: Option<Lease>,
}

impl Store {
    /// A row that holds an entry.
    pub(crate) fn warm(entry: Entry) -> Self {
        Self {
            entry: Some(entry),
            lease: None,
        }
    }

    /// Looks the key up: the version of a hit.
    pub(crate) fn read(&self, clock: Clock, rules: Rules) -> Option<u8> {
        let entry = self.entry?;
        let valid = clock.admits(entry.stamp) || !rules.hold(Rule::ReadChecksFloor);
        valid.then_some(entry.version)
    }

    /// Tells whether somebody may store.
    pub(crate) fn is_leased(&self) -> bool {
        self.lease.is_some()
    }

    /// Asks for the lease.
    pub(crate) fn acquire(&mut self, token: usize, clock: Clock, rules: Rules) -> Acquired {
        if let Some(entry) = self.entry
            && (clock.admits(entry.stamp) || !rules.hold(Rule::AcquireChecksFloor))
        {
            return Acquired::Fresh(entry.version);
        }
        if self.lease.is_some_and(|lease| clock.admits(lease.stamp)) {
            return Acquired::Held;
        }
        let stamp = clock.stamp();
        self.lease = Some(Lease { token, stamp });
        Acquired::Granted(stamp)
    }

    /// Gives the lease back and writes the entry, if both are still allowed.
    pub(crate) fn store(
        &mut self,
        token: usize,
        entry: Entry,
        clock: Clock,
        rules: Rules,
    ) -> Stored {
        let own = self.lease.is_some_and(|lease| lease.token == token);
        if !own && rules.hold(Rule::StoreChecksToken) {
            return Stored::Lost;
        }
        self.lease = None;
        if !clock.admits(entry.stamp) && rules.hold(Rule::StoreChecksFloor) {
            return Stored::Moved;
        }
        self.entry = Some(entry);
        Stored::Written
    }

    /// Gives the lease back without storing, if it is the caller's.
    pub(crate) fn release(&mut self, token: usize, rules: Rules) {
        if rules.hold(Rule::DropReleasesLease) {
            self.lease = self.lease.filter(|lease| lease.token != token);
        }
    }

    /// Deletes the entry and, with it, the lease.
    pub(crate) fn remove(&mut self, rules: Rules) {
        self.entry = None;
        if rules.hold(Rule::DeleteTakesLease) {
            self.lease = None;
        }
    }
}
