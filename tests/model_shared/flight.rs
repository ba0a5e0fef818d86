//! A flight: one computation that callers of one process share.

use crate::lease::Stored;
use crate::names::Names;

/// A flight, from boarding to landing. It outlives its leader's call while its store is under way.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Flight {
    /// What was invalidated in its process since its leader began.
    pub(crate) void: Void,
    pub(crate) phase: Phase,
}

/// What was invalidated in a flight's process since its leader began.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Void {
    /// Nothing.
    No,
    /// Its entry: the flight is detached.
    Detached,
    /// Its group or everything: its stamp is below the floor as well.
    BelowFloor,
}

/// Where a flight is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Phase {
    /// A caller leads it.
    Led,
    /// Its leader was dropped.
    Vacant,
    /// Its leader has returned, and the store is on its way.
    Storing {
        /// What the body read.
        version: u8,
        /// The lease that it stores under.
        token: u8,
        /// What was answered so far.
        heard: Heard,
    },
}

/// What the server has answered to a store.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Heard {
    /// The script's answer.
    pub(crate) stored: Option<Stored>,
    /// Whether everything's version is unchanged; in a cluster another command answers that.
    pub(crate) unchanged: Option<bool>,
}

/// For whom a flight's result is proven to be fresh.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Proof {
    /// For who had joined before the acquire was sent: the body ran after that.
    Acquire,
    /// For who had joined before the store was sent.
    Store,
    /// For nobody.
    Nobody,
    /// For everybody; no rule allows that.
    Everybody,
}

/// When a waiter joined its flight.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Joined {
    /// After every command that was sent.
    Late,
    /// Before the store was sent.
    BeforeStore,
    /// Before the acquire was sent.
    BeforeAcquire,
}

impl Flight {
    /// A flight with a leader that is about to begin.
    pub(crate) fn led() -> Self {
        Self {
            void: Void::No,
            phase: Phase::Led,
        }
    }

    /// A flight without a leader.
    pub(crate) fn vacant() -> Self {
        Self {
            void: Void::No,
            phase: Phase::Vacant,
        }
    }

    pub(crate) fn is_vacant(self) -> bool {
        self.phase == Phase::Vacant
    }

    /// The result of a flight whose store has been answered.
    pub(crate) fn answered(self) -> Option<(u8, Stored, bool)> {
        let Phase::Storing { version, heard, .. } = self.phase else {
            return None;
        };
        Some((version, heard.stored?, heard.unchanged?))
    }

    /// What the server has answered so far, if it is being asked to store.
    pub(crate) fn heard(&mut self) -> Option<&mut Heard> {
        match &mut self.phase {
            Phase::Storing { heard, .. } => Some(heard),
            Phase::Led | Phase::Vacant => None,
        }
    }

    /// The lease under which it stores, until that is answered.
    pub(crate) fn token(self) -> Option<u8> {
        match self.phase {
            Phase::Storing { token, heard, .. } if heard.stored.is_none() => Some(token),
            _ => None,
        }
    }

    pub(crate) fn rename(&mut self, names: &mut Names) {
        if let Phase::Storing {
            version,
            token,
            heard,
        } = &mut self.phase
        {
            names.source(version);
            if heard.stored.is_none() {
                names.token(token);
            } else {
                *token = 0;
            }
        }
    }
}

impl Proof {
    /// Tells whether a waiter may have the result.
    pub(crate) fn admits(self, joined: Joined) -> bool {
        match self {
            Self::Acquire => joined >= Joined::BeforeAcquire,
            Self::Store => joined >= Joined::BeforeStore,
            Self::Nobody => false,
            Self::Everybody => true,
        }
    }
}
