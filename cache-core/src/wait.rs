//! Waiting for a future on a thread, without a runtime.

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
    if let Poll::Ready(output) = future.as_mut().poll(&mut idle) {
        return output;
    }
    let unpark = Arc::new(Unpark {
        thread: thread::current(),
        woken: AtomicBool::new(true),
    });
    let waker = Waker::from(Arc::clone(&unpark));
    let mut context = Context::from_waker(&waker);
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
