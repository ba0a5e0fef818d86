//! How long a follower waits.

use std::task::{Context, Poll};
use std::time::Duration;
#[cfg(not(shuttle))]
use std::time::Instant;

#[cfg(not(shuttle))]
use crate::clock::Clock;

/// When a follower began to wait, by the coarse clock.
pub(super) type Since = u64;

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

impl Patience {
    /// Whether there is a timer.
    pub(super) fn has_timer(&self) -> bool {
        self.timer.is_some()
    }
}

#[cfg(not(shuttle))]
impl Patience {
    /// When it began: now, the first time.
    pub(super) fn since(&mut self) -> Since {
        *self.since.get_or_insert_with(|| Clock::coarse().now())
    }

    /// Whether it is over; if not, the follower is woken when it is.
    pub(super) fn poll(&mut self, limit: Duration, context: &mut Context<'_>) -> Poll<()> {
        if self.timer.is_none() {
            let waited = Clock::coarse().now().saturating_sub(self.since());
            let rest = limit.saturating_sub(Duration::from_millis(waited));
            self.timer = Instant::now().checked_add(rest).map(Timer::at);
        }
        // Whose limit is past the end of time waits for ever.
        let timer = self.timer.as_mut();
        timer.map_or(Poll::Pending, |timer| timer.poll(context))
    }
}

/// An explored schedule has no time.
#[cfg(shuttle)]
impl Patience {
    pub(super) fn since(&mut self) -> Since {
        *self.since.get_or_insert(0)
    }

    pub(super) fn poll(&mut self, _: Duration, _: &mut Context<'_>) -> Poll<()> {
        self.timer.get_or_insert(());
        Poll::Pending
    }
}
