//! The future of a call of an `async` function.

use std::pin::Pin;
use std::task::{Context, Poll};

/// The future of a call.
pub(crate) enum Calling<T, F> {
    Answered(Option<T>),
    UnderWay(Pin<Box<F>>),
}

// The answer is never pinned: it is moved out when it is handed over.
impl<T, F> Unpin for Calling<T, F> {}

impl<T, F: Future<Output = T>> Future for Calling<T, F> {
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.get_mut() {
            Self::Answered(answer) => Poll::Ready(answer.take().expect("polled to its end once")),
            Self::UnderWay(future) => future.as_mut().poll(context),
        }
    }
}
