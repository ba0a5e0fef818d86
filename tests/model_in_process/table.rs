//! The flight table's row of the key: the flight that can be joined, and those that were detached from it.

use crate::clock::Clock;
use crate::rule::{Rule, Rules};

/// The callers of the largest model, and so the most flights that can be alive.
pub(crate) const CALLERS: usize = 4;

/// One computation that callers share.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Flight {
    /// The epoch that it was opened in.
    pub(crate) stamp: u8,
    /// Whether it has a leader; vacant otherwise. A landed flight is gone at once, its waiters answered.
    pub(crate) led: bool,
}

/// What boarding came to, and which flight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Boarded {
    /// The caller leads the flight.
    Leads(usize),
    /// The caller waits for the flight.
    Waits(usize),
}

/// The row. Each method but `sweep` is one step.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Table {
    flights: [Option<Flight>; CALLERS],
    current: Option<usize>,
}

impl Table {
    /// The flight, which must be alive.
    pub(crate) fn flight(&self, flight: usize) -> Flight {
        self.flights[flight].expect("a flight that somebody refers to is alive")
    }

    /// The flight that callers can join, whatever its stamp.
    pub(crate) fn current(&self) -> Option<usize> {
        self.current
    }

    /// Joins the current flight, takes over its lead, or puts a new one in its place.
    pub(crate) fn board(&mut self, clock: Clock, rules: Rules) -> Boarded {
        if let Some(flight) = self.current {
            let Flight { stamp, led } = self.flight(flight);
            if clock.admits(stamp) || !rules.hold(Rule::BoardChecksFloor) {
                if led {
                    return Boarded::Waits(flight);
                }
                self.take_over(flight, rules);
                return Boarded::Leads(flight);
            }
        }
        Boarded::Leads(self.open(clock.stamp()))
    }

    /// Makes the caller the leader of a vacant flight.
    pub(crate) fn take_over(&mut self, flight: usize, rules: Rules) {
        let stamp = self.flight(flight).stamp;
        let led = rules.hold(Rule::OneTakesOver);
        self.flights[flight] = Some(Flight { stamp, led });
    }

    /// Hands a flight over whose leader was dropped, or removes it if nobody waits.
    pub(crate) fn vacate(&mut self, flight: usize, waiters: usize, rules: Rules) {
        if !rules.hold(Rule::DropHandsOver) {
            return;
        }
        let stamp = self.flight(flight).stamp;
        self.flights[flight] = Some(Flight { stamp, led: false });
        if waiters == 0 {
            self.land(flight);
        }
    }

    /// Lets a waiter go that was dropped; so many wait on.
    pub(crate) fn leave(&mut self, flight: usize, waiters: usize, rules: Rules) {
        let deserted = waiters == 0 && !self.flight(flight).led;
        if deserted && rules.hold(Rule::LastWaiterRemovesFlight) {
            self.land(flight);
        }
    }

    /// Ends a flight: nobody can join it any more.
    pub(crate) fn land(&mut self, flight: usize) {
        self.current = self.current.filter(|&current| current != flight);
    }

    /// Detaches the current flight on behalf of an invalidation of its entry.
    pub(crate) fn detach(&mut self, rules: Rules) {
        if rules.hold(Rule::DeleteDetachesFlight) {
            self.current = None;
        }
    }

    /// Forgets the flights that nobody can reach, so that equal situations are equal states.
    pub(crate) fn sweep(&mut self, referred: impl Fn(usize) -> bool) {
        for flight in 0..CALLERS {
            if self.current != Some(flight) && !referred(flight) {
                self.flights[flight] = None;
            }
        }
    }

    fn open(&mut self, stamp: u8) -> usize {
        let free = self.flights.iter().position(Option::is_none);
        let flight = free.expect("each live flight has a caller of its own");
        self.flights[flight] = Some(Flight { stamp, led: true });
        self.current = Some(flight);
        flight
    }
}
