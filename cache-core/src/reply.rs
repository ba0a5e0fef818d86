//! An answer that is there already, or comes later.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::wait::wait;

/// The answer of an operation: `.await` it, or [`wait`](Reply::wait) for it in code without async.
///
/// A store in this process answers at once, without an allocation; a remote store answers later.
/// The operation is under way when the `Reply` is handed out: dropping the `Reply` does not take
/// it back. (A computation, as of `get_or_compute`, starts when it is awaited.)
///
/// # Cancel safety
///
/// Dropping a `Reply` gives up the answer, not the operation.
#[must_use = "the operation may fail: `.await` the reply, or `.wait()` for it"]
pub struct Reply<'a, T>(State<'a, T>);

enum State<'a, T> {
    Now(Option<T>),
    Later(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

impl<'a, T> Reply<'a, T> {
    /// Makes a reply that is there already.
    #[inline]
    pub fn now(answer: T) -> Self {
        Self(State::Now(Some(answer)))
    }

    /// Makes a reply that comes later.
    pub fn later(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self(State::Later(Box::pin(future)))
    }

    /// Blocks the thread until the answer is there.
    ///
    /// Needs no runtime. On a thread of an async runtime it blocks that thread: there, `.await`.
    ///
    /// # Panics
    ///
    /// Panics if the reply was polled to its end before.
    pub fn wait(self) -> T {
        match self.0 {
            State::Now(answer) => answer.expect("a reply is taken once"),
            State::Later(future) => wait(future),
        }
    }

    /// Changes the answer when it is there.
    pub fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'a) -> Reply<'a, U>
    where
        T: 'a,
    {
        match self.0 {
            State::Now(answer) => Reply(State::Now(answer.map(change))),
            State::Later(future) => Reply::later(async move { change(future.await) }),
        }
    }

    /// Takes the answer if it is there already, and hands the reply back if it is not.
    ///
    /// # Errors
    ///
    /// The reply itself, when its answer comes later.
    #[inline]
    pub fn try_now(self) -> Result<T, Self> {
        match self.0 {
            State::Now(Some(answer)) => Ok(answer),
            other => Err(Self(other)),
        }
    }
}

// The answer is never pinned: it is moved out when it is handed over.
impl<T> Unpin for Reply<'_, T> {}

impl<T> Future for Reply<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match &mut self.0 {
            State::Now(answer) => Poll::Ready(answer.take().expect("a reply is taken once")),
            State::Later(future) => future.as_mut().poll(context),
        }
    }
}

impl<T> fmt::Debug for Reply<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Now(_) => "Reply::Now",
            State::Later(_) => "Reply::Later",
        })
    }
}
