//! Lifetimes as memcached has them: whole seconds, by its own clock.
//!
//! A lifetime is rounded up, and the frame says to the millisecond when it is over. So a value lives no
//! longer than the server lets it, whatever the clocks of the processes say; what they decide is the
//! last second or two.

use std::time::Duration;

/// A longer lifetime is a moment in the protocol, in seconds since the Unix epoch.
const THIRTY_DAYS: u64 = 30 * 24 * 60 * 60;

/// When something expires that lives so long from now on, as the protocol says it. `now` is in
/// milliseconds since the Unix epoch.
pub(super) fn expires(life: Option<Duration>, now: u64) -> u32 {
    let Some(life) = life else {
        return NEVER;
    };
    let seconds = whole_seconds(life);
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
        expires(Some(Duration::from_secs(seconds)), NOW)
    }

    #[test]
    fn lifetimes_are_rounded_up() {
        assert_eq!(expires(None, NOW), 0);
        assert_eq!(expires(Some(Duration::from_millis(1)), NOW), 2);
        assert_eq!(of(1), 2);
        assert_eq!(of(3_600), 3_601);
    }

    #[test]
    fn more_than_thirty_days_are_a_moment() {
        assert_eq!(of(THIRTY_DAYS - 1), 2_592_000);
        assert_eq!(of(THIRTY_DAYS), 1_800_000_000 + 2_592_001);
    }

    #[test]
    fn what_the_server_cannot_count_never_expires_there() {
        assert_eq!(of(400_000_000), 0);
        assert_eq!(expires(Some(Duration::MAX), NOW), 0);
    }
}
