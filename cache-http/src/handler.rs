//! `#[cached]` on functions that return responses: what generated code calls.
//!
//! A function that returns anything `IntoResponse` is served like any other, between two doors: what
//! its body made becomes an [`Answer`] on the way in, and a response on the way out. The kind of the
//! function says which doors; a function whose values can be kept as they are has none.
//!
//! What the body made is [`taken`] in generated code, and not in a function here: inside of a generic
//! future, rustc cannot prove of `Html<&'static str>` that it is `IntoResponse` for any lifetime.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use larder_core::call::{call, call_async};
use larder_core::kind::{Fallible, Kind, Optional, Plain};
use larder_core::plan::{Hooks, Plan};
use larder_core::probe::Found;
use larder_core::request::Request;
use larder_core::wait::wait;

use crate::answer::{Answer, Responding};
use crate::body::MAX_BODY;
use crate::keepable::refusal;
use crate::mark::{Forwarded, Mark, mark};
use crate::stored::StoredResponse;

/// How what a body made gets in, and what callers get out.
pub trait Door: Kind {
    /// What is taken of what the body made: the value, or the response.
    type Taken;
    /// What the function answers.
    type Answer;

    /// Lets it in.
    fn enter(taken: Self::Taken) -> impl Future<Output = Self::Output>;

    /// Hands it out.
    fn leave(output: Self::Output, forwarded: Forwarded) -> Self::Answer;

    /// Takes it past the cache.
    fn pass(taken: Self::Taken) -> Self::Answer;
}

/// A door for what a body made.
pub trait Takes<T>: Door {
    /// Takes it.
    fn take(made: T) -> Self::Taken;
}

impl<T> Door for Plain<T> {
    type Taken = T;
    type Answer = T;

    async fn enter(taken: T) -> T {
        taken
    }

    fn leave(output: T, _: Forwarded) -> T {
        output
    }

    fn pass(taken: T) -> T {
        taken
    }
}

impl<T> Takes<T> for Plain<T> {
    fn take(made: T) -> T {
        made
    }
}

impl<T, N> Door for Optional<T, N>
where
    Self: Kind<Output = Option<T>>,
{
    type Taken = Option<T>;
    type Answer = Option<T>;

    async fn enter(taken: Option<T>) -> Option<T> {
        taken
    }

    fn leave(output: Option<T>, _: Forwarded) -> Option<T> {
        output
    }

    fn pass(taken: Option<T>) -> Option<T> {
        taken
    }
}

impl<T, N> Takes<Option<T>> for Optional<T, N>
where
    Self: Kind<Output = Option<T>>,
{
    fn take(made: Option<T>) -> Option<T> {
        made
    }
}

impl<K: Door, X, E> Door for Fallible<K, X, E>
where
    Self: Kind<Output = Result<K::Output, X>>,
{
    type Taken = Result<K::Taken, X>;
    type Answer = Result<K::Answer, X>;

    async fn enter(taken: Self::Taken) -> Self::Output {
        match taken {
            Ok(taken) => Ok(K::enter(taken).await),
            Err(error) => Err(error),
        }
    }

    fn leave(output: Self::Output, forwarded: Forwarded) -> Self::Answer {
        output.map(|output| K::leave(output, forwarded))
    }

    fn pass(taken: Self::Taken) -> Self::Answer {
        taken.map(K::pass)
    }
}

impl<K: Takes<T>, T, X, E> Takes<Result<T, X>> for Fallible<K, X, E>
where
    Self: Kind<Output = Result<K::Output, X>>,
{
    fn take(made: Result<T, X>) -> Self::Taken {
        made.map(K::take)
    }
}

impl Door for Responding<Body> {
    type Taken = Response;
    type Answer = Response;

    async fn enter(taken: Response) -> Answer<Body> {
        let (parts, body) = taken.into_parts();
        let refusal = refusal(&parts);
        let response = Response::from_parts(parts, body);
        Answer::of(response, MAX_BODY, refusal, StoredResponse::new).await
    }

    fn leave(output: Answer<Body>, forwarded: Forwarded) -> Response {
        output.into_response(forwarded).map(Body::new)
    }

    fn pass(mut taken: Response) -> Response {
        mark(taken.headers_mut(), Mark::Past(Forwarded::Bypass));
        taken
    }
}

impl<T: IntoResponse> Takes<T> for Responding<Body> {
    fn take(made: T) -> Response {
        made.into_response()
    }
}

/// The kind that a plan is for.
pub fn kind_of<K: Kind, T, C, S>(_: &Plan<K, T, C, S>) -> Found<K> {
    Found::new()
}

/// Takes what a body made.
pub fn taken<K: Takes<T>, T>(_: Found<K>, made: T) -> K::Taken {
    K::take(made)
}

/// Serves a call of an `async` function that may return a response.
pub async fn respond_async<K: Door>(
    request: &mut Request<'_>,
    hooks: impl Hooks<K>,
    body: impl Future<Output = K::Taken>,
) -> K::Answer {
    let Some(forwarded) = forwarded(request) else {
        return K::pass(body.await);
    };
    let entered = async move { K::enter(body.await).await };
    K::leave(call_async(request, hooks, entered).await, forwarded)
}

/// Serves a call of a function without `async` that may return a response.
pub fn respond<K: Door>(
    request: &mut Request<'_>,
    hooks: &impl Hooks<K>,
    body: impl FnOnce() -> K::Taken,
) -> K::Answer {
    let Some(forwarded) = forwarded(request) else {
        return K::pass(body());
    };
    let output = call(request, hooks, || wait(K::enter(body())));
    K::leave(output, forwarded)
}

/// Why the body runs, if it does; nothing if the call goes past the cache.
fn forwarded(request: &Request<'_>) -> Option<Forwarded> {
    match (request.is_bypass(), request.is_refresh()) {
        (true, _) => None,
        (false, true) => Some(Forwarded::Request),
        (false, false) => Some(Forwarded::Miss),
    }
}
