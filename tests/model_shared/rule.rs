//! The rules of the protocol, each of which can be switched off.

/// One rule of the protocol. A model without it is its negative twin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rule {
    /// The versions that a value is stored under were read before its body ran, not after.
    SeenBeforeBody,
    /// Deleting an entry deletes its lease in the same step.
    DeleteTakesLease,
    /// A store's token must be that of the lease.
    StoreComparesLease,
    /// A store's versions must be those in force.
    StoreComparesVersions,
    /// A store compares and writes in one step at the server.
    StoreIsOneStep,
    /// An absent version is a miss; otherwise it matches everything.
    AbsentIsMiss,
    /// An invalidation deletes the version; otherwise it puts a new one in its place.
    VersionIsDeleted,
    /// A version is new each time; otherwise it counts up from zero.
    VersionsAreRandom,
    /// A command that is sent again brings new versions.
    VersionsAreNewWhenSentAgain,
    /// A command that is sent again brings a new token.
    TokenIsNewWhenSentAgain,
    /// A refresh computes under a lease, like everybody.
    RefreshTakesLease,
    /// A lease is granted while there is none.
    LeaseIsExclusive,
    /// A lease that was granted under versions that have moved is granted anew.
    VoidLeaseHoldsNobodyUp,
    /// In a cluster: a leader that was answered a void entry asks again past the entry, not past the lease.
    PastEntryIsNotPastLease,
    /// The lease of a dead holder expires.
    LeaseExpires,
    /// A leader that is dropped gives its lease back.
    DropReleasesLease,
    /// A lease is given back only by its holder.
    ReleaseComparesLease,
    /// A lease is extended only if it is still its holder's.
    BeatComparesLease,
    /// A flight's result is handed only to waiters that had joined before a command proved it.
    ResultIsProven,
    /// Had joined: before the store was sent. Otherwise, before it was answered.
    StoreProvesFromSending,
    /// Had joined: before the acquire was sent. Otherwise, before the body ran.
    AcquireProvesFromSending,
    /// A result whose store could not be asked is handed only to waiters that had joined before the acquire was sent.
    OutageProvesNothing,
    /// An entry that a leader finds is its own; otherwise it is handed to those whom the acquire proves.
    FoundIsReadAgain,
    /// An entry that a leader finds is never handed to those who joined after the acquire was sent.
    FoundIsProven,
    /// In a cluster, everything's version is read together with the store.
    StoreReadsAll,
    /// An invalidation that was not acknowledged does not answer `Ok`.
    OkIsAcknowledged,
    /// An invalidation voids its process's flights before it is sent.
    VoidsBefore,
    /// An invalidation voids its process's flights when its answer has arrived, or has failed to.
    VoidsAfter,
    /// A computation whose group was invalidated in its own process is not stored.
    VoidIsNotStored,
    /// An unconfirmed invalidation is remembered: its process does not read what it covers.
    UnconfirmedIsRemembered,
    /// It is forgotten for a stored value only if that was computed after it.
    OldValuesConfirmNothing,
    /// A call that does not read what it covers does not read it either after it was held up.
    HeldUpStaysAnew,
}

/// The rules in force: all but a few.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    without: &'static [Rule],
}

impl Rules {
    /// Every rule but those.
    pub(crate) fn without(rules: &'static [Rule]) -> Self {
        Self { without: rules }
    }

    /// Tells whether the rule is in force.
    pub(crate) fn hold(self, rule: Rule) -> bool {
        !self.without.contains(&rule)
    }
}
