//! Saying the same in the log now and then, not with every call.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines about one function.
const PAUSE: Duration = Duration::from_secs(60);

/// When something was last said in the log.
#[derive(Default)]
pub(crate) struct LastLog(Mutex<Option<Instant>>);

impl LastLog {
    /// Whether it is to be said now; then it is not for a while.
    pub(crate) fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= PAUSE);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}
