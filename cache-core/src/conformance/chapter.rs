//! What laws are about, and what they ask of a store.

/// Laws about one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Chapter {
    /// Who may compute and store an entry.
    Leases,
    /// What was invalidated stays invalidated.
    Invalidation,
    /// Values come back as they went in.
    Values,
    /// Entries live as long as they were told to.
    Lifetimes,
    /// The operations on manual keys.
    Keys,
    /// Many threads at once.
    Races,
    /// Values are cloned, dropped, encoded and decoded outside of locks.
    UserCode,
    /// Several caches on one store.
    Sharing,
}

/// What a law asks of a store; a store that does not promise it is not held to the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing.
    Any,
    /// To keep what it is given.
    Keeping,
    /// To keep nothing at all.
    Nothing,
    /// To be one of two over one store.
    Twins,
}
