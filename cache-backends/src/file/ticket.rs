//! Waiting for a piece of work in the line.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use larder_core::wait::blocks;

use super::queue::Queue;

/// The answer of work that is in the line.
pub(super) struct Ticket<T> {
    queue: Arc<Queue>,
    answer: Answer<T>,
}

/// Where an answer is put.
pub(super) struct Answer<T>(Arc<Mutex<Slot<T>>>);

struct Slot<T> {
    answer: Option<T>,
    waker: Option<Waker>,
}

impl<T> Ticket<T> {
    pub(super) fn new(queue: &Arc<Queue>) -> Self {
        let slot = Slot {
            answer: None,
            waker: None,
        };
        Self {
            queue: Arc::clone(queue),
            answer: Answer(Arc::new(Mutex::new(slot))),
        }
    }

    pub(super) fn answer(&self) -> Answer<T> {
        Answer(Arc::clone(&self.answer.0))
    }
}

impl<T> Answer<T> {
    /// Gives the answer, and wakes who waits for it.
    pub(super) fn give(&self, answer: T) {
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
