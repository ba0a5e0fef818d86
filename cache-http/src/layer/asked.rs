//! A request, as the cache understands it.

use std::time::Duration;

use http::header::{
    AUTHORIZATION, CONTENT_LENGTH, COOKIE, HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PROXY_AUTHORIZATION, RANGE, TRANSFER_ENCODING,
    UPGRADE,
};
use http::request::Parts;
use http::{Method, Request, Version};

use crate::control::Directives;
use crate::layer::forgetting;
use crate::layer::known::Known;
use crate::layer::policy::Policy;
use crate::layer::target::{is_ambiguous, paths, target};
use crate::mark::Forwarded;
use crate::stored::StoredResponse;

/// A request that the cache answers.
pub(crate) struct Asked {
    /// What it asks for.
    pub(crate) target: String,
    /// Its path, as the client asked for it: what can be read in the store.
    pub(crate) path: String,
    /// What it is forgotten with.
    pub(crate) tags: Vec<String>,
    pub(crate) is_head: bool,
    /// It asks for a new response.
    pub(crate) refresh: bool,
    /// It takes none that is older.
    pub(crate) max_age: Option<Duration>,
    /// It takes none that has to be made.
    pub(crate) only_kept: bool,
    /// What it has already.
    pub(crate) known: Known,
}

impl Asked {
    /// Understands a request.
    ///
    /// # Errors
    ///
    /// Why it goes past the cache.
    pub(crate) fn of(
        policy: &Policy,
        parts: &Parts,
        length: Option<u64>,
    ) -> Result<Self, Forwarded> {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return Err(Forwarded::Method);
        }
        let has_body = length.map_or_else(|| may_have_body(parts), |length| length > 0);
        let directives = if policy.request_directives {
            Directives::of_request(&parts.headers)
        } else {
            Directives::default()
        };
        let is_past = has_body
            || directives.no_store
            || asks_for_more(&parts.headers)
            || is_personal(&parts.headers, &policy.vary)
            || is_ambiguous(parts)
            || policy.goes_past(parts);
        if is_past {
            return Err(Forwarded::Bypass);
        }
        Ok(Self {
            target: target(policy, parts),
            tags: forgetting::tags(policy, parts),
            path: paths(parts).next().unwrap_or_default().to_owned(),
            is_head: parts.method == Method::HEAD,
            refresh: directives.no_cache || directives.max_age == Some(Duration::ZERO),
            max_age: directives.max_age,
            only_kept: directives.only_if_cached,
            known: Known::of(&parts.headers),
        })
    }

    /// The request that a response to all who ask for the same is made of: one for the whole of it.
    pub(crate) fn for_all<B>(mut parts: Parts, body: B) -> Request<B> {
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

/// Whether there can be a body of which nobody knows the length: in HTTP/1 it is said that there is one (RFC 9112 §6).
fn may_have_body(parts: &Parts) -> bool {
    let length = parts.headers.get(CONTENT_LENGTH);
    parts.version >= Version::HTTP_2
        || length.is_some_and(|length| length != "0")
        || parts.headers.contains_key(TRANSFER_ENCODING)
}

/// Whether a request says who sends it, in a header that is not part of the key.
fn is_personal(headers: &HeaderMap, keyed: &[HeaderName]) -> bool {
    let personal = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION];
    personal
        .iter()
        .any(|name| headers.contains_key(name) && !keyed.contains(name))
}
