//! A request, as the cache understands it.

use std::time::Duration;

use http::header::{
    AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PROXY_AUTHORIZATION, RANGE, UPGRADE,
};
use http::request::Parts;
use http::{Method, Request};

use crate::control::Directives;
use crate::layer::etag;
use crate::layer::policy::Policy;
use crate::layer::target::{path, target};
use crate::mark::Forwarded;
use crate::stored::StoredResponse;

/// A request that the cache answers.
pub(crate) struct Asked {
    /// What it asks for.
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) is_head: bool,
    /// It asks for a new response.
    pub(crate) refresh: bool,
    /// It takes none that is older.
    pub(crate) max_age: Option<Duration>,
    /// What it has already.
    pub(crate) known: Vec<HeaderValue>,
}

impl Asked {
    /// Understands a request.
    ///
    /// # Errors
    ///
    /// Why it goes past the cache.
    pub(crate) fn of(policy: &Policy, parts: &Parts, has_body: bool) -> Result<Self, Forwarded> {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return Err(Forwarded::Method);
        }
        let directives = if policy.request_directives {
            Directives::of_request(&parts.headers)
        } else {
            Directives::default()
        };
        let is_past = has_body
            || directives.no_store
            || asks_for_more(&parts.headers)
            || is_personal(&parts.headers, &policy.vary)
            || policy.goes_past(parts);
        if is_past {
            return Err(Forwarded::Bypass);
        }
        Ok(Self {
            target: target(policy, parts),
            path: path(parts).to_owned(),
            is_head: parts.method == Method::HEAD,
            refresh: directives.no_cache || directives.max_age == Some(Duration::ZERO),
            max_age: directives.max_age,
            known: etag::asked(&parts.headers),
        })
    }

    /// The request that a response to all who ask for the same is made of: a `GET` for the whole of it.
    pub(crate) fn for_all<B>(mut parts: Parts, body: B) -> Request<B> {
        parts.method = Method::GET;
        for name in [IF_NONE_MATCH, IF_MODIFIED_SINCE] {
            parts.headers.remove(name);
        }
        Request::from_parts(parts, body)
    }

    /// Whether a response is one to this request, and not too old for it.
    pub(crate) fn takes(&self, response: &StoredResponse) -> bool {
        let is_young = |max_age| response.age() <= max_age;
        response.target() == self.target && self.max_age.is_none_or(is_young)
    }

    /// Why a response was made, if it was.
    pub(crate) fn forwarded(&self) -> Forwarded {
        if self.refresh {
            Forwarded::Request
        } else {
            Forwarded::Miss
        }
    }
}

/// Whether a request asks for something else than the whole response.
fn asks_for_more(headers: &HeaderMap) -> bool {
    let more = [RANGE, IF_RANGE, IF_MATCH, IF_UNMODIFIED_SINCE, UPGRADE];
    more.iter().any(|name| headers.contains_key(name))
}

/// Whether a request says who sends it, in a header that is not part of the key.
fn is_personal(headers: &HeaderMap, keyed: &[HeaderName]) -> bool {
    let personal = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION];
    personal
        .iter()
        .any(|name| headers.contains_key(name) && !keyed.contains(name))
}
