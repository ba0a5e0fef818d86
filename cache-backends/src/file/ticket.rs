//! Giving work to the line, and waiting for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use larder_core::error::Result;
use larder_core::reply::Reply;
use larder_core::wait::{blocks, is_waiting};

use super::failure::panicked;
use super::queue::{Concern, Queue};

/// How work comes into the line.
impl Queue {
    /// Does some work in its turn, whether or not anybody waits for it.
    pub(super) fn start<T: Send + 'static>(
        self: &Arc<Self>,
        concern: Concern,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        if is_waiting() && self.is_empty() {
            return Reply::now(work());
        }
        self.enqueue(concern, work)
    }

    /// Reads something: at once, unless what comes first concerns it.
    pub(super) fn look<T: Send + 'static>(
        self: &Arc<Self>,
        concern: Concern,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        if self.is_clear(concern) {
            return Reply::now(work());
        }
        self.enqueue(concern, work)
    }

    fn enqueue<T: Send + 'static>(
        self: &Arc<Self>,
        concern: Concern,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        let ticket = Ticket::new(self);
        let answer = ticket.answer();
        let job = move || {
            // A panic would leave who waits without an answer, and the line without its thread.
            let done = catch_unwind(AssertUnwindSafe(work));
            answer.give(done.unwrap_or_else(|_| Err(panicked())));
        };
        self.push(concern, Box::new(job));
        Reply::later(ticket)
    }
}

/// The answer of work that is in the line.
struct Ticket<T> {
    queue: Arc<Queue>,
    answer: Answer<T>,
}

/// Where an answer is put.
struct Answer<T>(Arc<Mutex<Slot<T>>>);

struct Slot<T> {
    answer: Option<T>,
    waker: Option<Waker>,
}

impl<T> Ticket<T> {
    fn new(queue: &Arc<Queue>) -> Self {
        let slot = Slot {
            answer: None,
            waker: None,
        };
        Self {
            queue: Arc::clone(queue),
            answer: Answer(Arc::new(Mutex::new(slot))),
        }
    }

    fn answer(&self) -> Answer<T> {
        Answer(Arc::clone(&self.answer.0))
    }
}

impl<T> Answer<T> {
    /// Gives the answer, and wakes who waits for it.
    fn give(&self, answer: T) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.answer = Some(answer);
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn take(&self, waker: &Waker) -> Option<T> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.answer.is_none() {
            slot.waker = Some(waker.clone());
        }
        slot.answer.take()
    }
}

impl<T> Future for Ticket<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        loop {
            if let Some(answer) = self.answer.take(context.waker()) {
                return Poll::Ready(answer);
            }
            // What is ahead is done by who may block, instead of waiting for the store's thread.
            if !blocks(context.waker()) || !self.queue.work_once() {
                return Poll::Pending;
            }
        }
    }
}
