//! Being woken at a time, for those who seldom come to that.
//!
//! Setting an alarm and taking it back is a lock each: no thread is woken for it, as for a timer that is
//! right to the microsecond. A thread looks at the alarms every few milliseconds, as long as there are
//! any now and then.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use crate::random::ticket;

const TICK: Duration = Duration::from_millis(5);
/// The thread ends when there has been no alarm for so many ticks.
const IDLE_TICKS: u32 = 400;

static BOOK: Mutex<Book> = Mutex::new(Book {
    alarms: BTreeMap::new(),
    attended: false,
});

struct Book {
    alarms: BTreeMap<(Instant, u64), Waker>,
    /// A thread looks at them.
    attended: bool,
}

fn book() -> MutexGuard<'static, Book> {
    BOOK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An alarm of one task or thread. Dropped, it does not ring.
pub(crate) struct Alarm {
    at: Instant,
    number: u64,
}

impl Alarm {
    /// An alarm at a time, or a few milliseconds later.
    pub(crate) fn at(at: Instant) -> Self {
        let number = ticket();
        Self { at, number }
    }

    /// Whether the time has come; if not, the task is woken when it has.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.at {
            return Poll::Ready(());
        }
        // A waker is cloned and dropped when the lock is not held.
        let (waker, before);
        waker = context.waker().clone();
        let mut book = book();
        before = book.alarms.insert((self.at, self.number), waker);
        let attended = std::mem::replace(&mut book.attended, true);
        drop(book);
        drop(before);
        if !attended {
            attend(context.waker());
        }
        Poll::Pending
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let waker = book().alarms.remove(&(self.at, self.number));
        drop(waker);
    }
}

/// Starts the thread. Where a process may have no more of them, who waits looks at the clock himself.
#[cold]
fn attend(waker: &Waker) {
    let named = thread::Builder::new().name("larder-alarm".into());
    if named.spawn(ring).is_err() {
        book().attended = false;
        waker.wake_by_ref();
    }
}

fn ring() {
    let mut idle = 0;
    while idle <= IDLE_TICKS {
        thread::sleep(TICK);
        let mut book = book();
        let later = book.alarms.split_off(&(Instant::now(), 0));
        let due = std::mem::replace(&mut book.alarms, later);
        let is_idle = due.is_empty() && book.alarms.is_empty();
        idle = if is_idle { idle + 1 } else { 0 };
        book.attended = idle <= IDLE_TICKS;
        drop(book);
        for waker in due.into_values() {
            // A panic of a runtime's code has been reported by the panic hook; the others are woken.
            drop(catch_unwind(AssertUnwindSafe(|| waker.wake())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::wait;
    use std::future::poll_fn;

    fn after(millis: u64) -> Alarm {
        Alarm::at(Instant::now() + Duration::from_millis(millis))
    }

    #[test]
    fn alarms_ring_in_their_order_and_not_before_their_time() {
        let start = Instant::now();
        let (mut first, mut second) = (after(20), after(40));
        let far = after(60_000);
        wait(poll_fn(|context| second.poll(context)));
        assert!(start.elapsed() >= Duration::from_millis(40));
        wait(poll_fn(|context| first.poll(context)));
        drop(far);
    }

    #[test]
    fn an_alarm_that_is_dropped_leaves_nothing_behind() {
        let mut alarm = after(60_000);
        let key = (alarm.at, alarm.number);
        let mut context = Context::from_waker(Waker::noop());
        assert!(alarm.poll(&mut context).is_pending());
        assert!(book().alarms.contains_key(&key));
        drop(alarm);
        assert!(!book().alarms.contains_key(&key));
    }
}
