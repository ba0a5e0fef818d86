//! Waiting for a future on a thread, without a runtime.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::thread::{self, Thread};

/// Polls `future` on this thread until it is ready, parking in between.
///
/// Works on any thread, inside a runtime or outside; on an async runtime's thread it blocks that
/// thread. A future that is ready at its first poll costs no allocation.
pub fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut idle = Context::from_waker(Waker::noop());
    let waiting = Waiting::on(idle.waker());
    if let Poll::Ready(output) = future.as_mut().poll(&mut idle) {
        return output;
    }
    drop(waiting);
    let unpark = Arc::new(Unpark {
        thread: thread::current(),
        woken: AtomicBool::new(true),
    });
    let waker = Waker::from(Arc::clone(&unpark));
    let mut context = Context::from_waker(&waker);
    let _waiting = Waiting::on(&waker);
    loop {
        if unpark.woken.swap(false, Ordering::SeqCst)
            && let Poll::Ready(output) = future.as_mut().poll(&mut context)
        {
            return output;
        }
        while !unpark.woken.load(Ordering::SeqCst) {
            thread::park();
        }
    }
}

/// Whether the task of this waker is a thread that does nothing but [`wait`]: what it polls may block
/// it.
#[must_use]
pub fn blocks(waker: &Waker) -> bool {
    WAITING.get() == Some(waker.data())
}

/// Whether this thread is inside a [`wait`]: what is called may block it. (A runtime that is run inside
/// a wait is blocked with it.)
#[must_use]
pub fn is_waiting() -> bool {
    WAITING.get().is_some()
}

thread_local! {
    /// By what the innermost wait of this thread is woken. A runtime that is run inside a wait has
    /// wakers of its own.
    static WAITING: Cell<Option<*const ()>> = const { Cell::new(None) };
}

/// A wait of this thread, as long as it lasts; then it is the one around it again.
struct Waiting(Option<*const ()>);

impl Waiting {
    fn on(waker: &Waker) -> Self {
        Self(WAITING.replace(Some(waker.data())))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.set(self.0);
    }
}

/// One waiting thread. Every wait has its own, so that a wait inside a wait loses no wake-up.
struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    async fn may_block() -> bool {
        poll_fn(|context| Poll::Ready(blocks(context.waker()))).await
    }

    #[test]
    fn a_thread_that_waits_may_be_blocked() {
        assert!(wait(may_block()));
        assert!(wait(async { is_waiting() }));
        assert!(!is_waiting());
        assert!(!blocks(Waker::noop()));
        let late = async {
            futures_timer::Delay::new(std::time::Duration::from_millis(1)).await;
            (may_block().await, wait(may_block()), may_block().await)
        };
        assert_eq!(wait(late), (true, true, true));
    }

    #[test]
    fn a_task_inside_a_wait_may_not_be_blocked() {
        let task = Waker::from(Arc::new(Unpark {
            thread: thread::current(),
            woken: AtomicBool::new(false),
        }));
        assert!(!wait(async { blocks(&task) }));
    }
}
