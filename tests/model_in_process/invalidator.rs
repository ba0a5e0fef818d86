//! An invalidator: what it invalidates, and where its one invalidation is.

/// What an invalidator invalidates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The key's entry.
    Entry,
    /// The group that the key is in.
    Group,
    /// Another group, which shares the epoch and nothing else.
    OtherGroup,
}

/// What an invalidator has done so far.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) enum Invalidator {
    /// Nothing.
    #[default]
    Idle,
    /// It has written the source.
    Written,
    /// It has made the first step of the invalidation.
    Halfway {
        /// The source's version when the invalidation was called.
        called: u8,
        /// The group's new number; zero for an entry.
        number: u8,
    },
    /// It has raised the floor, and is about to move the epoch.
    Raised {
        /// The source's version when the invalidation was called.
        called: u8,
        /// The group's new number.
        number: u8,
    },
    /// The invalidation has returned.
    Returned,
}

impl Invalidator {
    /// How far it has come.
    pub(crate) fn rank(self) -> usize {
        match self {
            Self::Idle => 0,
            Self::Written => 1,
            // An invalidation that was too slow starts again, at a higher number.
            Self::Halfway { number, .. } => 2 + 2 * usize::from(number),
            Self::Raised { number, .. } => 3 + 2 * usize::from(number),
            Self::Returned => 100,
        }
    }
}
