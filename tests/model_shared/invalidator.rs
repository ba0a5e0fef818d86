//! An invalidator: what it invalidates, and where its one invalidation is.

use crate::names::Names;

/// What an invalidation covers.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Kind {
    /// The key's entry.
    Entry,
    /// The group that the key is in.
    Group,
    /// Everything.
    All,
}

/// What an invalidator has done so far. It writes the source just before it calls: that way, all
/// that was computed before the call is older than what the call promises.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) enum Invalidator {
    /// Nothing.
    #[default]
    Idle,
    /// It has written the source and sent its command.
    Sent {
        /// The source's version then.
        called: u8,
    },
    /// The command has taken effect; the answer is on its way.
    Answered {
        /// The source's version when the command was sent.
        called: u8,
    },
    /// It has returned, or has died with its process.
    Over,
}

impl Invalidator {
    /// What it promises when it returns, if it is under way.
    pub(crate) fn called(self) -> Option<u8> {
        match self {
            Self::Idle | Self::Over => None,
            Self::Sent { called } | Self::Answered { called } => Some(called),
        }
    }

    pub(crate) fn rename(&mut self, names: &mut Names) {
        match self {
            Self::Idle | Self::Over => {}
            Self::Sent { called } | Self::Answered { called } => names.source(called),
        }
    }
}
