//! A command, and to whom its answer goes.

use crate::entry::Entry;
use crate::invalidator::Kind;
use crate::lease::Held;
use crate::names::Names;

/// What a client tells the server.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Command {
    /// Asks for the lease.
    Acquire { claim: Claim, draw: Draw },
    /// In a cluster: asks for everything's version, made if it is absent.
    SeeAll { draw: Draw },
    /// Stores under the lease.
    Store { token: u8, entry: Entry },
    /// In a cluster: asks whether everything's version is still this.
    ProveAll { all: u8 },
    /// Writes without a lease; no rule allows that.
    Put { version: u8 },
    /// Writes what the client has compared; no rule allows that.
    PutCompared { entry: Entry },
    /// Gives the lease back.
    Release { token: u8 },
    /// Extends the lease.
    Extend { lease: Held },
    /// Invalidates.
    Invalidate { kind: Kind, draw: Draw },
}

/// What keeps a leader from the lease.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Claim {
    /// A valid entry, or another's lease.
    Polite,
    /// Another's lease: the entry is known to be void.
    PastEntry,
    /// Nothing.
    Steal,
}

/// The random numbers that a command brings along. What it does not bring, the server draws: that
/// is the same, unless the command arrives twice.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Draw {
    pub(crate) token: Option<u8>,
    pub(crate) group: Option<u8>,
    pub(crate) all: Option<u8>,
}

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum To {
    Nobody,
    /// Who gives back what is granted to a caller that was dropped.
    Dropped,
    Caller(usize),
    Flight(usize),
    Invalidator(usize),
    /// A process that has an invalidation tried again.
    Process(usize),
}

/// A command on its way.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Parcel {
    pub(crate) to: To,
    pub(crate) command: Command,
}

impl Command {
    pub(crate) fn rename(&mut self, names: &mut Names) {
        match self {
            Self::Acquire { draw, .. } | Self::SeeAll { draw } | Self::Invalidate { draw, .. } => {
                draw.rename(names);
            }
            Self::Store { token, entry } => {
                names.token(token);
                entry.rename(names);
            }
            Self::ProveAll { all } => names.all(all),
            Self::Put { version } => names.source(version),
            Self::PutCompared { entry } => entry.rename(names),
            Self::Release { token } => names.token(token),
            Self::Extend { lease } => lease.rename(names),
        }
    }
}

impl Draw {
    fn rename(&mut self, names: &mut Names) {
        self.token.iter_mut().for_each(|it| names.token(it));
        self.group.iter_mut().for_each(|it| names.group(it));
        self.all.iter_mut().for_each(|it| names.all(it));
    }
}
