//! How long a follower waits.

use std::task::{Context, Poll};
use std::time::Duration;

/// When a follower began to wait.
#[cfg(not(shuttle))]
pub(super) type Since = std::time::Instant;

/// An explored schedule has no time.
#[cfg(shuttle)]
pub(super) type Since = ();

/// The patience of one follower. A timer is dear: he has none before he needs one.
#[derive(Default)]
pub(super) struct Patience {
    since: Option<Since>,
    timer: Option<Timer>,
}

#[cfg(not(shuttle))]
type Timer = futures_timer::Delay;

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
        let since = self.since();
        let start = || Timer::new(limit.saturating_sub(since.elapsed()));
        std::pin::Pin::new(self.timer.get_or_insert_with(start)).poll(context)
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
