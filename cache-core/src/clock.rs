//! Time in milliseconds, cheap to read and, in tests, movable.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock that in-process stores read on every hit.
///
/// The [`coarse`](Clock::coarse) clock is one atomic that a helper thread moves every millisecond
/// while the cache is in use, and that nobody moves while it is idle. The
/// [`manual`](Clock::manual) one stands still until a test moves it.
///
/// ```
/// use larder_core::clock::Clock;
/// use std::time::Duration;
///
/// let clock = Clock::manual();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(61));
/// assert_eq!(clock.now() - start, 61_000);
/// ```
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Coarse,
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The process-wide clock, right to a few milliseconds.
    pub fn coarse() -> Self {
        Self(Source::Coarse)
    }

    /// A clock of its own that only [`advance`](Clock::advance) moves.
    pub fn manual() -> Self {
        Self(Source::Manual(Arc::new(AtomicU64::new(1))))
    }

    /// Milliseconds since some moment before the first use of the clock.
    #[inline]
    pub fn now(&self) -> u64 {
        match &self.0 {
            Source::Coarse => coarse_now(),
            Source::Manual(now) => now.load(Ordering::Acquire),
        }
    }

    /// Milliseconds since the Unix epoch, as this clock sees it.
    pub fn unix(&self) -> u64 {
        START.unix.saturating_add(self.now())
    }

    /// Whether it is one that a test moves.
    pub fn is_manual(&self) -> bool {
        matches!(self.0, Source::Manual(_))
    }

    /// Moves a manual clock forward.
    ///
    /// # Panics
    ///
    /// Panics on the coarse clock: real time cannot be moved.
    pub fn advance(&self, by: Duration) {
        match &self.0 {
            Source::Coarse => panic!("only a manual clock can be moved"),
            Source::Manual(now) => now.fetch_add(millis(by), Ordering::AcqRel),
        };
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::coarse()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::Coarse => "Clock::coarse",
            Source::Manual(_) => "Clock::manual",
        })
    }
}

/// A duration in whole milliseconds, rounded up, so that nothing expires before its time.
pub fn millis(duration: Duration) -> u64 {
    let rest = u64::from(duration.subsec_nanos().div_ceil(1_000_000));
    duration
        .as_secs()
        .saturating_mul(1_000)
        .saturating_add(rest)
}

/// What [`NOW`] holds while nobody moves it.
const ASLEEP: u64 = 0;
/// The ticker goes to sleep when nobody has needed waking it for so many ticks.
const TICKS_AWAKE: u32 = 1_000;
const TICK: Duration = Duration::from_millis(1);

static NOW: AtomicU64 = AtomicU64::new(ASLEEP);
static START: LazyLock<Start> = LazyLock::new(Start::now);
static TICKER: Mutex<Option<Thread>> = Mutex::new(None);
static WANTED: AtomicBool = AtomicBool::new(false);

struct Start {
    instant: Instant,
    unix: u64,
}

impl Start {
    fn now() -> Self {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            instant: Instant::now(),
            unix: millis(unix),
        }
    }
}

#[inline]
fn coarse_now() -> u64 {
    match NOW.load(Ordering::Acquire) {
        ASLEEP => wake_ticker(),
        now => now,
    }
}

/// Reads the system's clock. Never [`ASLEEP`].
fn exact_now() -> u64 {
    millis(START.instant.elapsed()).max(ASLEEP + 1)
}

/// Reads the system's clock and sees to it that the next reads are cheap.
#[cold]
fn wake_ticker() -> u64 {
    let now = exact_now();
    if !WANTED.swap(true, Ordering::AcqRel) {
        let mut ticker = TICKER.lock().unwrap_or_else(PoisonError::into_inner);
        match &*ticker {
            Some(thread) => thread.unpark(),
            None => *ticker = spawn_ticker(),
        }
    }
    now
}

/// Starts the helper thread. Where a process may have no more threads, every read stays exact.
fn spawn_ticker() -> Option<Thread> {
    let named = thread::Builder::new().name("larder-clock".into());
    let handle = named.spawn(tick).ok()?;
    Some(handle.thread().clone())
}

fn tick() {
    loop {
        for _ in 0..TICKS_AWAKE {
            NOW.store(exact_now(), Ordering::Release);
            thread::sleep(TICK);
        }
        NOW.store(ASLEEP, Ordering::Release);
        WANTED.store(false, Ordering::Release);
        while !WANTED.load(Ordering::Acquire) {
            thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarse_clock_follows_the_real_one() {
        let clock = Clock::coarse();
        let (start, mut last) = (Instant::now(), clock.now());
        let first = last;
        while start.elapsed() < Duration::from_millis(1_200) {
            let now = clock.now();
            assert!(now + 2 >= last, "{last} then {now}");
            last = now;
        }
        assert!(last - first >= 600, "moved by {} ms only", last - first);
    }

    #[test]
    fn a_duration_is_rounded_up_and_clamped() {
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_millis(7)), 7);
        assert_eq!(millis(Duration::MAX), u64::MAX);
    }
}
