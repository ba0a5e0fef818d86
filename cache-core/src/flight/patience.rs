//! How long a follower waits.

use std::task::{Context, Poll};
use std::time::Duration;

/// When a follower began to wait.
#[cfg(not(shuttle))]
pub(super) type Since = std::time::Instant;

/// An explored schedule has no time.
#[cfg(shuttle)]
pub(super) type Since = ();

/// The patience of one follower. He has no timer before he needs one.
#[derive(Default)]
pub(super) struct Patience {
    since: Option<Since>,
    timer: Option<Timer>,
}

#[cfg(not(shuttle))]
type Timer = crate::alarm::Alarm;

#[cfg(shuttle)]
type Timer = ();

#[cfg(not(shuttle))]
impl Patience {
    /// When it began: now, the first time.
    pub(super) fn since(&mut self) -> Since {
        *self.since.get_or_insert_with(Since::now)
    }

    /// Whether it is over; if not, the follower is woken when it is.
    pub(super) fn poll(&mut self, limit: Duration, context: &mut Context<'_>) -> Poll<()> {
        // Whose limit is past the end of time waits for ever.
        let Some(at) = self.since().checked_add(limit) else {
            return Poll::Pending;
        };
        self.timer
            .get_or_insert_with(|| Timer::at(at))
            .poll(context)
    }
}

#[cfg(shuttle)]
impl Patience {
    pub(super) fn since(&mut self) -> Since {
        *self.since.get_or_insert(())
    }

    pub(super) fn poll(&mut self, _: Duration, _: &mut Context<'_>) -> Poll<()> {
        self.timer.get_or_insert(());
        Poll::Pending
    }
}

impl Patience {
    /// Whether there is a timer.
    pub(super) fn has_timer(&self) -> bool {
        self.timer.is_some()
    }
}
