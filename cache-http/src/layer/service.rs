//! The service that a layer makes of another.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body::Body;
use larder_core::call::{call_async, peek};
use larder_core::flight::FlightMode;
use larder_core::kind::{Fallible, Skip};
use larder_core::parts::Parts;
use larder_core::plan::{Hooks, Plan};
use larder_core::probe::Found;
use larder_core::request::{Before, Request as Wanted};
use larder_core::scope;
use larder_core::timeout::Timeout;
use tower_service::Service;

use crate::answer::{Answer, Responding};
use crate::body::CachedBody;
use crate::layer::asked::Asked;
use crate::layer::forgetting::{changed_by, forget};
use crate::layer::known;
use crate::layer::making::make;
use crate::layer::policy::Policy;
use crate::mark::{Mark, mark};

/// A service whose responses are kept. Made by a [`CacheLayer`](crate::CacheLayer).
#[derive(Clone)]
pub struct CacheService<S> {
    inner: S,
    policy: Arc<Policy>,
}

impl<S> CacheService<S> {
    pub(crate) fn new(inner: S, policy: Arc<Policy>) -> Self {
        Self { inner, policy }
    }
}

impl<S: fmt::Debug> fmt::Debug for CacheService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, B, R> Service<Request<B>> for CacheService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send + 'static,
    B: Body + Send + 'static,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Send,
{
    type Response = Response<CachedBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    /// Always ready: a hit needs nothing of the inner service, which is waited for where it is called.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (inner, policy) = (self.inner.clone(), Arc::clone(&self.policy));
        Box::pin(async move { serve(&policy, inner, request).await })
    }
}

/// Answers a request, with or without the cache.
async fn serve<S, B, R>(
    policy: &Policy,
    inner: S,
    request: Request<B>,
) -> Result<Response<CachedBody<R>>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: Body,
    R: Body<Data = Bytes>,
{
    let length = length(request.body());
    let (parts, body) = request.into_parts();
    match Asked::of(policy, &parts, length) {
        Ok(asked) if asked.is_head || asked.only_kept => {
            look(policy, &asked, inner, parts, body).await
        }
        Ok(asked) => {
            let request = Asked::for_all(parts, body);
            let answer = answer(policy, &asked, inner, request).await?;
            Ok(finish(&asked, answer.into_response(asked.forwarded())))
        }
        Err(why) => {
            let changes = changed_by(&parts);
            let response = call(inner, Request::from_parts(parts, body)).await?;
            forget(policy, changes, response.status()).await;
            Ok(past(response, Mark::Past(why)))
        }
    }
}

/// How long a request's body is, if that is known.
fn length(body: &impl Body) -> Option<u64> {
    if body.is_end_stream() {
        return Some(0);
    }
    body.size_hint().exact()
}

/// Calls the inner service when it is ready.
async fn call<S: Service<Request<B>>, B>(
    mut inner: S,
    request: Request<B>,
) -> Result<S::Response, S::Error> {
    poll_fn(|context| inner.poll_ready(context)).await?;
    inner.call(request).await
}

/// A response that goes through as it is.
fn past<R: Body<Data = Bytes>>(response: Response<R>, how: Mark) -> Response<CachedBody<R>> {
    let mut response = response.map(CachedBody::passed);
    mark(response.headers_mut(), how);
    response
}

/// Answers with what is kept. For a `HEAD` the inner service may know what is not; it may have a handler of its own
/// for it, so that its answer is not that to a `GET`, and is not kept.
async fn look<S, B, R>(
    policy: &Policy,
    asked: &Asked,
    inner: S,
    parts: http::request::Parts,
    body: B,
) -> Result<Response<CachedBody<R>>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body<Data = Bytes>,
{
    let kept = peek(wanted(policy, asked), plan::<R, S::Error>(policy, asked)).await;
    match kept {
        Some(Ok(answer)) => Ok(finish(asked, answer.into_response(asked.forwarded()))),
        _ if asked.only_kept => {
            let mut response = Response::new(CachedBody::absent());
            *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
            Ok(response)
        }
        _ => {
            let response = call(inner, Asked::for_all(parts, body)).await?;
            Ok(finish(asked, past(response, Mark::Made(asked.forwarded()))))
        }
    }
}

/// Finds the answer to a request, or has it made.
async fn answer<S, B, R>(
    policy: &Policy,
    asked: &Asked,
    inner: S,
    request: Request<B>,
) -> Result<Answer<R>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body<Data = Bytes>,
{
    let mut unasked = Some((inner, request));
    let made = async {
        match unasked.take() {
            Some((inner, request)) => make(policy, asked, call(inner, request)).await,
            None => unreachable!("a body runs once"),
        }
    };
    let found = find(policy, asked, made).await?;
    // Somebody made two requests with one hash, and the other one's response was under way.
    let is_anothers = matches!(&found, Answer::Kept(kept) if kept.target() != asked.target);
    match unasked {
        Some((inner, request)) if is_anothers => make(policy, asked, call(inner, request)).await,
        _ => Ok(found),
    }
}

/// The call into the cache.
async fn find<R: Body<Data = Bytes>, E>(
    policy: &Policy,
    asked: &Asked,
    made: impl Future<Output = Result<Answer<R>, E>>,
) -> Result<Answer<R>, E> {
    let call = async {
        let mut wanted = wanted(policy, asked);
        call_async(&mut wanted, plan::<R, E>(policy, asked), made).await
    };
    if asked.refresh {
        scope::refresh(call).await
    } else {
        call.await
    }
}

/// The key.
fn wanted<'a>(policy: &'a Policy, asked: &Asked) -> Wanted<'a> {
    let (place, before) = (Policy::place(), Before::NOTHING);
    let mut wanted = Wanted::begin(&policy.site, place, || policy.cache(), before);
    wanted.gather(|parts: &mut Parts| {
        parts.part(&*asked.target);
        parts.label(shortened(&asked.path));
        asked.tags.iter().for_each(|tag| parts.tag(tag));
    });
    wanted
}

/// So much of a path can be read in the store.
const LABEL: usize = 120;

fn shortened(path: &str) -> &str {
    let end = (0..=path.len().min(LABEL))
        .rev()
        .find(|end| path.is_char_boundary(*end));
    &path[..end.unwrap_or(0)]
}

/// How long, and for whom.
fn plan<R: Body<Data = Bytes>, E>(
    policy: &Policy,
    asked: &Asked,
) -> impl Hooks<Fallible<Responding<R>, E, Skip>> {
    let flight = if policy.passing.knows(&asked.target) {
        FlightMode::None
    } else {
        FlightMode::Global
    };
    let found = Found::<Fallible<Responding<R>, E, Skip>>::new();
    Plan::new(found.shared())
        .timeout(policy.timeout)
        .timeout_of(|response| policy.own_lifetime(response).map(Timeout::After))
        .is_stale(|response| !asked.takes(response))
        .flight(flight)
}

/// The response to one who asked: the whole, its head, or that he has it already.
fn finish<R: Body<Data = Bytes>>(
    asked: &Asked,
    mut response: Response<CachedBody<R>>,
) -> Response<CachedBody<R>> {
    if asked.known.is(&response) {
        return known::not_modified(response, CachedBody::absent());
    }
    if asked.is_head {
        let length = response.body().size_hint().exact();
        let length = length.filter(|length| *length > 0).map(HeaderValue::from);
        if let Some(length) = length {
            let headers = response.headers_mut();
            headers.entry(CONTENT_LENGTH).or_insert(length);
        }
        *response.body_mut() = CachedBody::absent();
    }
    response
}
