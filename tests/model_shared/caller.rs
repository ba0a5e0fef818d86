//! A caller: where its one call is.

use crate::entry::Entry;
use crate::flight::Joined;
use crate::lease::{Acquired, Grant};
use crate::names::Names;

/// A caller: what it was promised when it started, and where it is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Caller {
    /// The least version that it may get, by what had been acknowledged.
    pub(crate) owed: u8,
    /// The same, by what had returned in its own process, acknowledged or not.
    pub(crate) own: u8,
    /// Whether an entry is no answer to it: it refreshes, or an unconfirmed invalidation covers the key.
    pub(crate) anew: bool,
    /// Where it is.
    pub(crate) at: At,
}

/// Where a caller is: what it does next.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) enum At {
    /// It has not started; it will by reading the store.
    #[default]
    Idle,
    /// It waited for a flight that was not proven to it, and reads the store again.
    ReadAgain,
    /// In a cluster: one of the two reads has been answered.
    HalfRead(Half),
    /// It boards the flight table; a refresh puts a flight of its own there.
    Board { anew: bool },
    /// It waits for a flight.
    Wait(usize, Joined),
    /// It leads and asks for the lease.
    Ask(usize),
    /// It leads and waits for the answer.
    Asked(usize, Told),
    /// It leads, and somebody else holds the lease.
    HeldUp(usize),
    /// It leads, and was answered an entry of this version.
    Found(usize, u8),
    /// It leads, and its body is about to read the source.
    Body(usize, Right),
    /// It leads, its body has read this version, and it is about to store or to land.
    Finish(usize, Right, u8),
    /// It has a version that it may have, or was dropped.
    Over,
    /// It has a version that is older than it was promised.
    Old(Broken),
}

/// What a cluster has answered to the two halves of a read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Half {
    /// An entry whose group's version is in force.
    Entry(Entry),
    /// Everything's version.
    All(u8),
}

/// What the server has answered to an acquire; outside of a cluster, all at once.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Told {
    pub(crate) script: Option<Acquired>,
    pub(crate) all: Option<u8>,
}

/// By what right a leader computes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Right {
    /// It was granted the lease.
    Granted(Grant),
    /// It got tired of waiting for the lease: it will not store.
    Alone,
    /// The server did not answer: it will not store.
    Degraded,
    /// It needs none; no rule allows that.
    Lawless,
}

/// Which promise is broken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Broken {
    /// What had been acknowledged is not seen.
    Acknowledged,
    /// What had returned in the same process is not seen.
    Own,
}

impl Caller {
    /// A caller that has got a version. What it was owed is forgotten once it is over.
    pub(crate) fn ended(self, version: u8) -> Self {
        let at = if version < self.owed {
            At::Old(Broken::Acknowledged)
        } else if version < self.own {
            At::Old(Broken::Own)
        } else {
            At::Over
        };
        at.into()
    }

    /// The most that it may still ask for.
    pub(crate) fn claim(&self) -> u8 {
        self.owed.max(self.own)
    }

    pub(crate) fn rename(&mut self, names: &mut Names) {
        names.source(&mut self.owed);
        names.source(&mut self.own);
        match &mut self.at {
            At::HalfRead(Half::Entry(entry)) => entry.rename(names),
            At::HalfRead(Half::All(all)) => names.all(all),
            At::Asked(_, told) => told.rename(names),
            At::Found(_, version) => names.source(version),
            At::Body(_, right) => right.rename(names),
            At::Finish(_, right, version) => {
                right.rename(names);
                names.source(version);
            }
            _ => {}
        }
    }
}

impl From<At> for Caller {
    fn from(at: At) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }
}

impl At {
    /// The flight that the caller leads.
    pub(crate) fn leads(self) -> Option<usize> {
        match self {
            Self::Ask(flight)
            | Self::Asked(flight, _)
            | Self::HeldUp(flight)
            | Self::Found(flight, _)
            | Self::Body(flight, _)
            | Self::Finish(flight, ..) => Some(flight),
            _ => None,
        }
    }

    /// The flight that the caller waits for.
    pub(crate) fn waits_for(self) -> Option<usize> {
        match self {
            Self::Wait(flight, _) => Some(flight),
            _ => None,
        }
    }

    /// The lease that the caller knows it was granted.
    pub(crate) fn grant(self) -> Option<Grant> {
        match self {
            Self::Body(_, Right::Granted(grant)) | Self::Finish(_, Right::Granted(grant), _) => {
                Some(grant)
            }
            _ => None,
        }
    }

    /// The lease that was granted, as far as the server knows.
    pub(crate) fn token(self) -> Option<u8> {
        let granted = self.grant().map(|grant| grant.lease);
        let script = match self {
            Self::Asked(_, told) => told.script,
            _ => None,
        };
        let lease = granted.or(script.and_then(|script| script.lease));
        lease.map(|lease| lease.token)
    }

    /// Tells whether the call is over.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Over | Self::Old(_))
    }

    /// Tells whether nobody but the caller may compute.
    pub(crate) fn is_rightful(self) -> bool {
        self.grant().is_some_and(|grant| grant.lease.rightful)
    }

    /// Notes that somebody else may compute as well.
    pub(crate) fn lose_right(&mut self) {
        match self {
            Self::Body(_, Right::Granted(grant)) | Self::Finish(_, Right::Granted(grant), _) => {
                grant.lease.rightful = false;
            }
            Self::Asked(_, Told { script, .. }) => {
                let script = script.iter_mut();
                let leases = script.filter_map(|script| script.lease.as_mut());
                leases.for_each(|lease| lease.rightful = false);
            }
            _ => {}
        }
    }
}

impl Told {
    fn rename(&mut self, names: &mut Names) {
        self.script.iter_mut().for_each(|it| it.rename(names));
        self.all.iter_mut().for_each(|it| names.all(it));
    }
}

impl Right {
    fn rename(&mut self, names: &mut Names) {
        if let Self::Granted(grant) = self {
            grant.rename(names);
        }
    }
}
