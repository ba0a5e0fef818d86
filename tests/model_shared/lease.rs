//! The right to store, and what comes of asking for it and of using it.

use crate::entry::{Entry, Seen};
use crate::names::Names;

/// A lease at the server: its token, and the versions that the server knows its holder has seen.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Held {
    pub(crate) token: u8,
    pub(crate) group: u8,
    /// In a cluster the server does not know that.
    pub(crate) all: Option<u8>,
}

/// The right to store.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Lease {
    pub(crate) token: u8,
    /// Whether its holder alone may compute: nothing was invalidated, lost or refreshed since.
    pub(crate) rightful: bool,
}

/// A lease, and the versions that were in force before it was granted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Grant {
    pub(crate) lease: Lease,
    pub(crate) seen: Seen,
}

/// The script's answer to a leader that asks for the lease.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Acquired {
    /// The entry that is there.
    pub(crate) entry: Option<Entry>,
    pub(crate) group: u8,
    /// In a cluster, which keeps it elsewhere, another command answers that.
    pub(crate) all: Option<u8>,
    /// Nothing if somebody holds it, or if there is an entry.
    pub(crate) lease: Option<Lease>,
}

/// The script's answer to a leader that wants to store.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Stored {
    /// The lease is not the caller's any more: nothing was written.
    Lost,
    /// A version has changed meanwhile: nothing was written.
    Moved,
    /// The entry is written.
    Kept,
}

impl Held {
    pub(crate) fn rename(&mut self, names: &mut Names) {
        names.token(&mut self.token);
        names.group(&mut self.group);
        self.all.iter_mut().for_each(|it| names.all(it));
    }
}

impl Lease {
    pub(crate) fn rename(&mut self, names: &mut Names) {
        names.token(&mut self.token);
    }
}

impl Grant {
    pub(crate) fn rename(&mut self, names: &mut Names) {
        self.lease.rename(names);
        self.seen.rename(names);
    }
}

impl Acquired {
    pub(crate) fn rename(&mut self, names: &mut Names) {
        self.entry.iter_mut().for_each(|it| it.rename(names));
        names.group(&mut self.group);
        self.all.iter_mut().for_each(|it| names.all(it));
        self.lease.iter_mut().for_each(|it| it.rename(names));
    }
}
