//! Work that goes on whether or not anybody waits for it.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// Work under way. Who waits for it drives it: it wakes nobody else. Dropped, it goes on in the store's
/// runtime.
pub(crate) struct Errand<T: Send + 'static> {
    work: Option<Work<T>>,
    runtime: Handle,
}

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send + 'static> Errand<T> {
    pub(crate) fn new(work: Work<T>, runtime: &Handle) -> Self {
        Self {
            work: Some(work),
            runtime: runtime.clone(),
        }
    }
}

impl<T: Send + 'static> Future for Errand<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken out, so that work which panics is over.
        let mut work = self.work.take().expect("an answer is taken once");
        let answer = work.as_mut().poll(context);
        if answer.is_pending() {
            self.work = Some(work);
        }
        answer
    }
}

impl<T: Send + 'static> Drop for Errand<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.runtime.spawn(work);
        }
    }
}
