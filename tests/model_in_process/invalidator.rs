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
    /// It has made the first of the invalidation's two steps.
    Halfway {
        /// The source's version when the invalidation was called.
        called: u8,
        /// The group's new number; zero for an entry.
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
            Self::Halfway { .. } => 2,
            Self::Returned => 3,
        }
    }
}
