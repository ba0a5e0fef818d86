//! The time of a store: one that a law moves, or the real one.

use std::thread;
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// The time of one store.
#[derive(Clone)]
pub(super) struct Time {
    pub(super) clock: Clock,
    pub(super) manual: bool,
    pub(super) resolution: Duration,
}

/// A moment before which something was done.
pub(super) struct Moment(Instant);

impl Moment {
    /// Notes the moment.
    pub(super) fn now() -> Self {
        Self(Instant::now())
    }
}

impl Time {
    /// A timeout that a law can wait for.
    pub(super) fn tick(&self) -> Duration {
        if self.manual {
            Duration::from_secs(60)
        } else {
            4 * self.resolution
        }
    }

    /// Whether time can be moved, so that long timeouts can be waited for.
    pub(super) fn is_manual(&self) -> bool {
        self.manual
    }

    /// Lets time pass; a little more than asked for, where it is real.
    pub(super) fn pass(&self, by: Duration) {
        if self.manual {
            self.clock.advance(by);
        } else {
            thread::sleep(by + self.resolution);
        }
    }

    /// Whether it is certain that less than `timeout` has passed; real time on a busy machine may
    /// have run away from the law.
    pub(super) fn is_before(&self, moment: &Moment, timeout: Duration) -> bool {
        self.manual || moment.0.elapsed() < timeout / 2 + timeout / 4
    }
}
