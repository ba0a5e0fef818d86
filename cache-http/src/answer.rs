//! A response on its way through the cache.

use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AGE, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::Body;
use larder_core::kind::{Keepable, Kind, Shareable, View};

use crate::body::{CachedBody, collect};
use crate::keepable::Reason;
use crate::mark::{CACHE_STATUS, Forwarded, Mark, mark};
use crate::stored::StoredResponse;

/// A response that was made or found.
pub enum Answer<B: Body> {
    /// It was made now, and may be kept; with what caches further in say of it.
    Made(StoredResponse, Vec<HeaderValue>),
    /// It was made now, and is for this caller only.
    Passed(Passed<B>),
    /// It was kept, or made for another caller.
    Kept(StoredResponse),
}

/// A response that is for one caller only.
pub struct Passed<B: Body> {
    response: Box<Response<CachedBody<B>>>,
    reason: Reason,
}

impl<B: Body<Data = Bytes>> Answer<B> {
    /// Looks at a response that was made: reads its body, if nothing in its head speaks against it,
    /// and makes a value of it.
    pub(crate) async fn of(
        response: Response<B>,
        limit: usize,
        refusal: Option<Reason>,
        seal: impl FnOnce(Response<Bytes>) -> StoredResponse,
    ) -> Self {
        let (parts, body) = response.into_parts();
        let collected = match refusal {
            Some(reason) => Err((reason, CachedBody::passed(body))),
            None => collect(body, limit, declared(&parts.headers)).await,
        };
        match collected {
            Ok(body) => {
                let said = parts.headers.get_all(CACHE_STATUS).iter().cloned();
                let said = said.collect();
                Self::Made(seal(Response::from_parts(parts, body)), said)
            }
            Err((reason, body)) => Self::passed(Response::from_parts(parts, body), reason),
        }
    }

    /// A response that is for one caller only.
    fn passed(response: Response<CachedBody<B>>, reason: Reason) -> Self {
        let response = Box::new(response);
        Self::Passed(Passed { response, reason })
    }

    /// The same answer, but for one caller only, if there is a reason.
    pub(crate) fn unless(self, refusal: impl FnOnce(&StoredResponse) -> Option<Reason>) -> Self {
        match self {
            Self::Made(stored, said) => match refusal(&stored) {
                Some(reason) => Self::passed(as_made(&stored, said), reason),
                None => Self::Made(stored, said),
            },
            other => other,
        }
    }

    /// The response to send. `forwarded` says why it was made, if it was.
    pub(crate) fn into_response(self, forwarded: Forwarded) -> Response<CachedBody<B>> {
        let (mut response, how) = match self {
            Self::Made(stored, said) => (as_made(&stored, said), Mark::Made(forwarded)),
            Self::Kept(stored) => {
                let age = stored.age();
                (whole(&stored), Mark::Hit(age))
            }
            Self::Passed(Passed { response, reason }) => {
                (*response, Mark::Unkept(forwarded, reason))
            }
        };
        mark(response.headers_mut(), how);
        response
    }
}

/// The length that a response says.
fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A response that was made now. It may have come from a cache further in, and be older.
fn as_made<B: Body<Data = Bytes>>(
    stored: &StoredResponse,
    said: Vec<HeaderValue>,
) -> Response<CachedBody<B>> {
    let (mut response, age) = (whole(stored), stored.age());
    if age >= Duration::from_secs(1) {
        let age = HeaderValue::from(age.as_secs());
        response.headers_mut().insert(AGE, age);
    }
    for value in said {
        response.headers_mut().append(CACHE_STATUS, value);
    }
    response
}

fn whole<B: Body<Data = Bytes>>(stored: &StoredResponse) -> Response<CachedBody<B>> {
    let is_empty = stored.status() == StatusCode::NO_CONTENT;
    let body = |body| {
        if is_empty {
            CachedBody::absent()
        } else {
            CachedBody::whole(body)
        }
    };
    stored.to_response().map(body)
}

/// The kind of a response: what is kept of it is a [`StoredResponse`].
pub struct Responding<B>(PhantomData<fn() -> B>);

impl<B: Body> Kind for Responding<B> {
    type Output = Answer<B>;
    type Value = StoredResponse;
    type Fault = ();
    type Kept = StoredResponse;

    const SHARES_UNKEPT: bool = false;

    fn view(output: &Answer<B>) -> View<'_, StoredResponse> {
        match output {
            Answer::Made(stored, _) | Answer::Kept(stored) => View::Value(stored),
            Answer::Passed(_) => View::Private,
        }
    }

    fn restore(kept: StoredResponse) -> Answer<B> {
        Answer::Kept(kept)
    }

    fn value(kept: &StoredResponse) -> Option<&StoredResponse> {
        Some(kept)
    }

    fn nothing() -> Option<Answer<B>> {
        None
    }
}

impl<B: Body> Keepable for Responding<B> {
    fn keep(output: &Answer<B>) -> Option<StoredResponse> {
        match output {
            Answer::Made(stored, _) | Answer::Kept(stored) => Some(stored.clone()),
            Answer::Passed(_) => None,
        }
    }
}

impl<B: Body> Shareable for Responding<B> {}
