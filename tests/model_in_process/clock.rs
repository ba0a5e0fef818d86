//! The two numbers that order computations and group invalidations: the epoch and the floor.

use crate::rule::{Rule, Rules};

/// The epoch, from which stamps are taken, and the group's floor, which a stamp must reach.
///
/// No lock guards them. An operation of the store or of the flight table that reads them is still one step of the
/// model: the floor only rises, so the operation may be placed at its last read of the two.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Clock {
    epoch: u8,
    floor: u8,
}

impl Clock {
    /// The stamp of what starts now.
    pub(crate) fn stamp(self) -> u8 {
        self.epoch
    }

    /// Tells whether nothing invalidated the group since the stamp was taken.
    pub(crate) fn admits(self, stamp: u8) -> bool {
        stamp >= self.floor
    }

    /// The number that an invalidation of a group aims at: the next epoch.
    pub(crate) fn aim(self) -> u8 {
        self.epoch + 1
    }

    /// Refuses every stamp below the number.
    pub(crate) fn raise(&mut self, number: u8, rules: Rules) {
        if !rules.hold(Rule::FloorOnlyRises) || number > self.floor {
            self.floor = number;
        }
    }

    /// Moves the epoch on to the number, unless another invalidation was faster.
    pub(crate) fn bump_to(&mut self, number: u8) -> bool {
        let moved = self.epoch + 1 == number;
        self.epoch += u8::from(moved);
        moved
    }

    /// Moves the epoch on, whatever it is.
    pub(crate) fn bump(&mut self) -> u8 {
        self.epoch += 1;
        self.epoch
    }
}
