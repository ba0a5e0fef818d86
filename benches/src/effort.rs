//! How long a measurement may take.

use std::time::Duration;

/// Few rounds to see that everything works, or many to believe them.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Few.
    pub quick: bool,
}

impl Effort {
    /// Rounds in which the contenders take turns.
    pub fn rounds(self) -> usize {
        self.pick(3, 21)
    }

    /// How long one contender works in one round.
    pub fn slice(self) -> Duration {
        Duration::from_millis(self.pick(2, 10))
    }

    /// One of two, by the effort.
    pub fn pick<T>(self, quick: T, full: T) -> T {
        if self.quick { quick } else { full }
    }
}
