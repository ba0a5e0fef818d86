//! What a remote store does while its server is out of reach: how long it waits before it tries again, and
//! what it says of that.

use std::fmt::Display;
use std::time::{Duration, Instant};

use larder_core::random::random;

/// Between two attempts to connect.
pub(crate) struct Pause(Duration);

/// Between the first attempts.
const SHORTEST: Duration = Duration::from_millis(20);
/// Between the later ones: a server that is back is found within this.
const LONGEST: Duration = Duration::from_millis(500);

impl Default for Pause {
    fn default() -> Self {
        Self(SHORTEST)
    }
}

impl Pause {
    /// How long to wait after a connection that lasted so long, or an attempt that came to nothing.
    pub(crate) fn after(&mut self, lasted: Duration) -> Duration {
        if lasted > LONGEST * 4 {
            self.0 = SHORTEST;
        }
        let pause = spread(self.0);
        self.0 = LONGEST.min(self.0 * 2);
        pause
    }
}

/// So that many processes do not come back all at once.
fn spread(pause: Duration) -> Duration {
    #[allow(clippy::cast_possible_truncation)] // less than 1 000
    let part = (random() % 500) as u32;
    pause / 1_000 * (750 + part)
}

/// What is said in the log of a server: once that it is out of reach, once that it answers again.
#[derive(Default)]
pub(crate) struct Voice {
    /// It was said that the server is out of reach.
    out: bool,
    /// When that was said last.
    said: Option<Instant>,
}

/// Between two lines in the log that say the same.
const QUIET: Duration = Duration::from_secs(10);

impl Voice {
    /// The server is out of reach; to be told as long as it is.
    pub(crate) fn complain(&mut self, server: impl Display, reason: &str) {
        if self.out {
            return;
        }
        if self.said.is_some_and(|said| said.elapsed() < QUIET) {
            log::debug!("{server}: {reason}");
            return;
        }
        log::warn!("{server}: {reason}: calls go on without it");
        (self.out, self.said) = (true, Some(Instant::now()));
    }

    /// The server answers.
    pub(crate) fn relax(&mut self, server: impl Display) {
        if std::mem::take(&mut self.out) {
            log::info!("{server}: it answers again");
        }
    }
}
