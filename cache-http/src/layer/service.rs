//! The service that a layer makes of another.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue, VARY};
use http::{Request, Response};
use http_body::Body;
use larder_core::call::call_async;
use larder_core::flight::FlightMode;
use larder_core::kind::{Fallible, Skip};
use larder_core::plan::{Hooks, Plan};
use larder_core::probe::Found;
use larder_core::request::{Before, Parts, Request as Wanted};
use larder_core::scope;
use larder_core::timeout::Timeout;
use tower_service::Service;

use crate::answer::{Answer, Responding};
use crate::body::CachedBody;
use crate::keepable::{Reason, refusal_of_layer};
use crate::layer::asked::Asked;
use crate::layer::policy::Policy;
use crate::layer::{etag, paths};
use crate::mark::{Forwarded, Mark, mark};
use crate::stored::StoredResponse;

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

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // What is ready is this service, not its clone.
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        let policy = Arc::clone(&self.policy);
        Box::pin(async move { serve(&policy, inner, request).await })
    }
}

/// Answers a request, with or without the cache.
async fn serve<S, B, R>(
    policy: &Policy,
    mut inner: S,
    request: Request<B>,
) -> Result<Response<CachedBody<R>>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: Body,
    R: Body<Data = Bytes>,
{
    let (parts, body) = request.into_parts();
    match Asked::of(policy, &parts, !body.is_end_stream()) {
        Ok(asked) => {
            let request = Asked::for_all(parts, body);
            let answer = answer(policy, &asked, inner, request).await?;
            Ok(finish(&asked, answer))
        }
        Err(why) => {
            let response = inner.call(Request::from_parts(parts, body)).await?;
            Ok(past(response, why))
        }
    }
}

/// A response that the cache had nothing to do with.
fn past<R: Body<Data = Bytes>>(response: Response<R>, why: Forwarded) -> Response<CachedBody<R>> {
    let mut response = response.map(CachedBody::passed);
    mark(response.headers_mut(), Mark::Past(why));
    response
}

/// Finds the answer to a request, or has it made.
async fn answer<S, B, R>(
    policy: &Policy,
    asked: &Asked,
    mut inner: S,
    request: Request<B>,
) -> Result<Answer<R>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body<Data = Bytes>,
{
    let mut request = Some(request);
    let made = async {
        match request.take() {
            Some(request) => make(policy, asked, inner.call(request)).await,
            None => unreachable!("a body runs once"),
        }
    };
    let found = find(policy, asked, made).await?;
    // Somebody made two requests with one hash, and the other one's response was under way.
    let is_anothers = matches!(&found, Answer::Kept(kept) if kept.target() != asked.target);
    match request {
        Some(request) if is_anothers => make(policy, asked, inner.call(request)).await,
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
        let wanted = wanted(policy, asked);
        call_async(wanted, plan::<R, E>(policy, asked), made).await
    };
    if asked.refresh {
        scope::refresh(call).await
    } else {
        call.await
    }
}

/// The key.
fn wanted<'a>(policy: &'a Policy, asked: &Asked) -> Wanted<'a> {
    let key = |parts: &mut Parts| {
        parts.part(&*asked.target)?;
        parts.label(shortened(&asked.path));
        for tag in paths::tags(&asked.path) {
            parts.tag(&tag);
        }
        Ok(())
    };
    Wanted::new(
        &policy.site,
        Policy::place(),
        || policy.cache(),
        Before::default(),
        key,
    )
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

/// Makes an answer of what the inner service responds.
async fn make<R: Body<Data = Bytes>, E>(
    policy: &Policy,
    asked: &Asked,
    response: impl Future<Output = Result<Response<R>, E>>,
) -> Result<Answer<R>, E> {
    let (head, body) = response.await?.into_parts();
    let refusal = refusal_of_layer(&head, &policy.vary);
    let response = Response::from_parts(head, body);
    let seal = |mut response: Response<Bytes>| {
        etag::ensure(&mut response);
        add_vary(&mut response, &policy.vary);
        StoredResponse::answering(&asked.target, response)
    };
    let answer = Answer::of(response, policy.max_body, refusal, seal).await;
    let answer = answer.unless(|response| {
        let is_stale = policy
            .own_lifetime(response)
            .is_some_and(|left| left.is_zero());
        if is_stale {
            Some(Reason::Stale)
        } else {
            policy.refuses(response).then_some(Reason::Refused)
        }
    });
    match &answer {
        Answer::Passed(_) => policy.passing.note(&asked.target),
        Answer::Made(_) | Answer::Kept(_) => policy.passing.forget(&asked.target),
    }
    Ok(answer)
}

/// Names what the response depends on, for caches further out.
fn add_vary<B>(response: &mut Response<B>, names: &[HeaderName]) {
    let values = response.headers().get_all(VARY).iter();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).to_lowercase() + ",";
    let said: String = values.map(text).collect();
    for name in names {
        let is_there = said.split(',').any(|known| known.trim() == name.as_str());
        if !is_there {
            response
                .headers_mut()
                .append(VARY, HeaderValue::from(name.clone()));
        }
    }
}

/// The response to one who asked: the whole, its head, or that he has it already.
fn finish<R: Body<Data = Bytes>>(asked: &Asked, answer: Answer<R>) -> Response<CachedBody<R>> {
    let mut response = answer.into_response(asked.forwarded());
    let empty = || CachedBody::whole(Bytes::new());
    if etag::is_known(&asked.known, &response) {
        return etag::not_modified(response, empty());
    }
    if asked.is_head {
        let length = response.body().size_hint().exact();
        if let (Some(length), false) = (length, response.headers().contains_key(CONTENT_LENGTH)) {
            let length = HeaderValue::from(length);
            response.headers_mut().insert(CONTENT_LENGTH, length);
        }
        *response.body_mut() = empty();
    }
    response
}
