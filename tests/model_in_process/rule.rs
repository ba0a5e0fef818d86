//! The rules of the protocol, each of which can be switched off.

/// One rule of the protocol. A model without it is its negative twin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rule {
    /// The stamp that a value is stored under was taken before its body ran, not after.
    StampBeforeBody,
    /// Deleting an entry deletes its lease in the same step.
    DeleteTakesLease,
    /// Deleting an entry detaches its flight: later callers cannot join it.
    DeleteDetachesFlight,
    /// An entry is deleted in the store first and in the flight table second.
    DeleteStoreBeforeTable,
    /// A group's floor is raised before the epoch moves on to it.
    FloorFirst,
    /// A group's floor only rises: of two overlapping invalidations the later number wins.
    FloorOnlyRises,
    /// Whoever boards joins or takes over a flight only if its stamp reaches the floor.
    BoardChecksFloor,
    /// A hit's stamp must reach the floor.
    ReadChecksFloor,
    /// The entry that a leader finds instead of a lease must reach the floor.
    AcquireChecksFloor,
    /// The entry that a leader finds instead of a lease is its own: its waiters read again.
    FoundIsReadAgain,
    /// A store's stamp must reach the floor.
    StoreChecksFloor,
    /// A store's token must be that of the lease.
    StoreChecksToken,
    /// A leader that is dropped gives its lease back.
    DropReleasesLease,
    /// A leader that is dropped leaves its flight vacant.
    DropHandsOver,
    /// Taking over a vacant flight and marking it as led is one step.
    OneTakesOver,
    /// The last waiter of a vacant flight that is dropped removes the flight.
    LastWaiterRemovesFlight,
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
