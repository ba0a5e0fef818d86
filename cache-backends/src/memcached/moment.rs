//! Lifetimes as memcached has them: whole seconds, by its own clock.
//!
//! A lifetime is rounded up, and the frame says to the millisecond when it is over. So a value lives no
//! longer than the server lets it, whatever the clocks of the processes say; what they decide is the
//! last second or two.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use larder_core::backend::Versions;
use larder_core::clock::millis;
use larder_core::frame::{self, Frame};

/// A longer lifetime is a moment in the protocol, in seconds since the Unix epoch.
const THIRTY_DAYS: u64 = 30 * 24 * 60 * 60;

/// The system's time, in milliseconds since the Unix epoch: whatever it is set to, all processes of a machine
/// agree.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    millis(since.unwrap_or_default())
}

/// When something expires that lives so long from now on, as the protocol says it.
pub(super) fn expires(life: Option<Duration>) -> u32 {
    expires_after(life, now())
}

/// The same as a frame says it.
pub(super) fn end(life: Option<Duration>) -> u64 {
    life.map_or(frame::NEVER, |life| now().saturating_add(millis(life)))
}

/// Whether a frame was written under these versions and has not expired, of which the server says that it
/// lives so many seconds more. The clocks of the processes decide only when those are about over.
pub(super) fn holds(frame: &Frame<'_>, left: i64, versions: Versions) -> bool {
    let alive = left >= CERTAIN || frame.expires == frame::NEVER || frame.expires > now();
    alive && frame.versions == versions
}

/// With so many seconds left in the server, which has been told a second more and counts whole ones, a
/// lifetime is certainly not over.
const CERTAIN: i64 = 3;

fn expires_after(life: Option<Duration>, now: u64) -> u32 {
    let Some(life) = life else {
        return NEVER;
    };
    in_seconds(whole_seconds(life), now)
}

/// When something expires of which the server says that it lives so many seconds more: when it would have
/// expired anyway.
pub(super) fn as_before(left: i64) -> u32 {
    ends_after(left, now())
}

fn ends_after(left: i64, now: u64) -> u32 {
    u64::try_from(left).map_or(NEVER, |left| in_seconds(left.max(1), now))
}

fn in_seconds(seconds: u64, now: u64) -> u32 {
    if seconds <= THIRTY_DAYS {
        return u32::try_from(seconds).unwrap_or(NEVER);
    }
    // Past 2038 the server counts no further: then the frame alone says when it is over.
    let moment = (now / 1_000).saturating_add(seconds);
    i32::try_from(moment).map_or(NEVER, i32::unsigned_abs)
}

/// Never, as the protocol says it.
const NEVER: u32 = 0;

/// Seconds that are certainly no shorter: the server's clock ticks once a second, so that the first of
/// them may be over at once.
pub(super) fn whole_seconds(life: Duration) -> u64 {
    life.as_secs()
        .saturating_add(u64::from(life.subsec_nanos() > 0))
        .saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn of(seconds: u64) -> u32 {
        expires_after(Some(Duration::from_secs(seconds)), NOW)
    }

    #[test]
    fn lifetimes_are_rounded_up() {
        assert_eq!(expires_after(None, NOW), 0);
        assert_eq!(expires_after(Some(Duration::from_millis(1)), NOW), 2);
        assert_eq!(of(1), 2);
        assert_eq!(of(3_600), 3_601);
    }

    #[test]
    fn more_than_thirty_days_are_a_moment() {
        assert_eq!(of(THIRTY_DAYS - 1), 2_592_000);
        assert_eq!(of(THIRTY_DAYS), 1_800_000_000 + 2_592_001);
    }

    #[test]
    fn what_is_written_again_ends_when_it_would_have_ended() {
        assert_eq!(ends_after(-1, NOW), 0);
        assert_eq!(ends_after(0, NOW), 1, "0 would be never");
        assert_eq!(ends_after(60, NOW), 60);
        assert_eq!(ends_after(2_592_001, NOW), 1_800_000_000 + 2_592_001);
    }

    #[test]
    fn what_the_server_cannot_count_never_expires_there() {
        assert_eq!(of(400_000_000), 0);
        assert_eq!(expires_after(Some(Duration::MAX), NOW), 0);
    }
}
