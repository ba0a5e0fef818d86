//! `#[cached]` on functions that return responses: what generated code calls.
//!
//! A function that returns anything `IntoResponse` is served like any other, between two doors: what
//! its body made becomes an [`Answer`] on the way in, and a response on the way out. The kind of the
//! function says which doors; a function whose values can be kept as they are has none.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use larder_core::call::{call, call_async};
use larder_core::kind::{Fallible, Kind, Optional, Plain};
use larder_core::plan::Hooks;
use larder_core::request::Request;
use larder_core::wait::wait;

use crate::answer::{Answer, Responding};
use crate::body::MAX_BODY;
use crate::keepable::refusal;
use crate::mark::Forwarded;
use crate::stored::StoredResponse;

/// How what a body made gets in, and what callers get out.
pub trait Door<T>: Kind {
    /// What the function answers.
    type Answer;

    /// Takes what the body made.
    fn enter(made: T) -> impl Future<Output = Self::Output>;

    /// Hands out.
    fn leave(output: Self::Output) -> Self::Answer;
}

impl<T> Door<T> for Plain<T> {
    type Answer = T;

    async fn enter(made: T) -> T {
        made
    }

    fn leave(output: T) -> T {
        output
    }
}

impl<T, N> Door<Option<T>> for Optional<T, N>
where
    Self: Kind<Output = Option<T>>,
{
    type Answer = Option<T>;

    async fn enter(made: Option<T>) -> Option<T> {
        made
    }

    fn leave(output: Option<T>) -> Option<T> {
        output
    }
}

impl<K: Door<T>, T, X, E> Door<Result<T, X>> for Fallible<K, X, E>
where
    Self: Kind<Output = Result<K::Output, X>>,
{
    type Answer = Result<K::Answer, X>;

    async fn enter(made: Result<T, X>) -> Self::Output {
        match made {
            Ok(made) => Ok(K::enter(made).await),
            Err(error) => Err(error),
        }
    }

    fn leave(output: Self::Output) -> Self::Answer {
        output.map(K::leave)
    }
}

impl<T: IntoResponse> Door<T> for Responding<Body> {
    type Answer = Response;

    async fn enter(made: T) -> Answer<Body> {
        let (parts, body) = made.into_response().into_parts();
        let refusal = refusal(&parts);
        Answer::of(
            Response::from_parts(parts, body),
            MAX_BODY,
            refusal,
            StoredResponse::new,
        )
        .await
    }

    fn leave(output: Answer<Body>) -> Response {
        output.into_response(Forwarded::Miss).map(Body::new)
    }
}

/// Serves a call of an `async` function that may return a response.
pub async fn respond_async<K: Door<T>, T>(
    request: Request<'_>,
    hooks: impl Hooks<K>,
    body: impl Future<Output = T>,
) -> K::Answer {
    let entered = async move { K::enter(body.await).await };
    K::leave(call_async(request, hooks, entered).await)
}

/// Serves a call of a function without `async` that may return a response.
pub fn respond<K: Door<T>, T>(
    request: Request<'_>,
    hooks: impl Hooks<K>,
    body: impl FnOnce() -> T,
) -> K::Answer {
    K::leave(call(request, hooks, || wait(K::enter(body()))))
}
