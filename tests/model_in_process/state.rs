//! A state of the model: the shared numbers and rows, and where each caller and invalidator is.

use crate::caller::{At, Caller, Way};
use crate::clock::Clock;
use crate::invalidator::Invalidator;
use crate::store::Store;
use crate::table::{CALLERS, Table};

/// The invalidators of the largest model.
pub(crate) const INVALIDATORS: usize = 3;

/// Everything there is.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct State {
    /// The source's version, bumped by the user's writes.
    pub(crate) source: u8,
    /// The epoch and the floor.
    pub(crate) clock: Clock,
    /// The store's row.
    pub(crate) store: Store,
    /// The flight table's row.
    pub(crate) table: Table,
    /// The callers; each makes one call.
    pub(crate) callers: [Caller; CALLERS],
    /// The invalidators; each invalidates once.
    pub(crate) invalidators: [Invalidator; INVALIDATORS],
    /// The version that the invalidations that have returned promise to later callers.
    pub(crate) promised: u8,
    /// How many callers have been dropped.
    pub(crate) dropped: u8,
}

impl State {
    /// Ends a call with a version.
    pub(crate) fn end(&mut self, caller: usize, version: u8, way: Way) {
        self.callers[caller] = self.callers[caller].ended(version, way);
    }

    /// The callers that wait for the flight.
    pub(crate) fn waiters(&self, flight: usize) -> Vec<usize> {
        let waits = |caller: &usize| self.callers[*caller].at == At::Wait(flight);
        (0..CALLERS).filter(waits).collect()
    }

    /// Forgets what cannot matter any more, so that equal situations are equal states.
    pub(crate) fn sweep(&mut self) {
        let at = self.callers.map(|caller| caller.at.refers_to());
        self.table.sweep(|flight| at.contains(&Some(flight)));
    }

    /// How far everybody has come. Each step adds to it, so that no run is endless.
    pub(crate) fn progress(&self) -> (usize, usize) {
        let over = self.callers.iter().filter(|caller| caller.at.is_over());
        let callers: usize = self.callers.iter().map(|it| it.at.rank()).sum();
        let invalidators: usize = self.invalidators.iter().map(|it| it.rank()).sum();
        (over.count(), callers + invalidators)
    }
}
