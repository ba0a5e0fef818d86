//! A caller: where its one call is.

/// A caller: what it was promised when it started, and where it is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Caller {
    /// The least version that it may get.
    pub(crate) owed: u8,
    /// Where it is.
    pub(crate) at: At,
}

/// Where a caller is: what it does next.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) enum At {
    /// It starts by reading the store.
    #[default]
    Read,
    /// It waited for a leader that found an entry, and reads the store again.
    ReadAgain,
    /// It boards the flight table.
    Board,
    /// It waits for a flight.
    Wait(usize),
    /// It leads the flight and asks for the lease.
    Acquire(usize),
    /// It leads and runs the body, under a stamp if it was granted the lease.
    Body(usize, Option<u8>),
    /// It leads and stores.
    Store {
        /// Its flight.
        flight: usize,
        /// What its body read.
        version: u8,
        /// What it was granted.
        stamp: u8,
    },
    /// It leads and answers the waiters; the version is its own.
    Land(usize, Answer, u8),
    /// It was dropped while it led, has given its lease back, and leaves the flight vacant.
    Vacate(usize),
    /// It was dropped.
    Gone,
    /// It has a version that it may have.
    Done(Way),
    /// It has a version that is older than it was promised.
    Stale {
        /// The version.
        got: u8,
    },
}

/// Whether a flight's result is for its waiters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Answer {
    /// It is.
    Shared,
    /// The leader found an entry: each waiter reads for itself.
    Unproven,
}

/// How a caller came by its value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Way {
    /// From the store.
    Hit,
    /// From the flight that it led.
    Led,
    /// From the flight that it waited for.
    Followed,
}

impl Caller {
    /// A caller that has got a version. What it was owed is forgotten once it is paid.
    pub(crate) fn ended(self, version: u8, way: Way) -> Self {
        let owed = self.owed;
        if version >= owed {
            let at = At::Done(way);
            Self { owed: 0, at }
        } else {
            let at = At::Stale { got: version };
            Self { owed, at }
        }
    }
}

impl At {
    /// The flight that the caller leads.
    pub(crate) fn leads(self) -> Option<usize> {
        match self {
            Self::Acquire(flight)
            | Self::Body(flight, _)
            | Self::Store { flight, .. }
            | Self::Land(flight, ..) => Some(flight),
            _ => None,
        }
    }

    /// The flight that the caller computes for: its body is about to run, or its value about to be stored.
    pub(crate) fn computes(self) -> Option<usize> {
        match self {
            Self::Body(flight, _) | Self::Store { flight, .. } => Some(flight),
            _ => None,
        }
    }

    /// The flight that the caller will still do something with.
    pub(crate) fn refers_to(self) -> Option<usize> {
        match self {
            Self::Wait(flight) | Self::Vacate(flight) => Some(flight),
            other => other.leads(),
        }
    }

    /// Tells whether the call is over.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Gone | Self::Done(_) | Self::Stale { .. })
    }

    /// How far the call has come. Only an unproven landing sends waiters back, and that ends its leader's call.
    pub(crate) fn rank(self) -> usize {
        match self {
            Self::Read => 0,
            Self::ReadAgain => 1,
            Self::Board => 2,
            Self::Wait(_) => 3,
            Self::Acquire(_) => 4,
            Self::Body(..) => 5,
            Self::Store { .. } => 6,
            Self::Land(..) => 7,
            Self::Vacate(_) => 8,
            Self::Gone | Self::Done(_) | Self::Stale { .. } => 9,
        }
    }
}
