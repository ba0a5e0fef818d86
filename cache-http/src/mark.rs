//! What a response says of the cache that it came through: `x-cache`, `age`, and `cache-status` (RFC
//! 9211).

use std::time::Duration;

use http::header::AGE;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::keepable::Reason;

pub(crate) const X_CACHE: HeaderName = HeaderName::from_static("x-cache");
pub(crate) const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// How a response came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It was kept, and is so old.
    Hit(Duration),
    /// It was made now.
    Made(Forwarded),
    /// It was made now, and is not kept, for this reason.
    Unkept(Forwarded, Reason),
    /// The cache had nothing to do with it.
    Past(Forwarded),
}

/// Why a request went on to whoever makes responses: RFC 9211 §2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarded {
    /// There was nothing.
    Miss,
    /// The request asked for a new one.
    Request,
    /// The method is not one that is cached.
    Method,
    /// The cache is not for such requests.
    Bypass,
}

impl Forwarded {
    fn token(self) -> &'static str {
        match self {
            Self::Miss => "miss",
            Self::Request => "request",
            Self::Method => "method",
            Self::Bypass => "bypass",
        }
    }
}

/// Writes the headers.
pub(crate) fn mark(headers: &mut HeaderMap, mark: Mark) {
    let (word, status) = match mark {
        Mark::Hit(age) => {
            headers.insert(AGE, HeaderValue::from(age.as_secs()));
            (Some("HIT"), "larder; hit".to_owned())
        }
        Mark::Made(forwarded) => (Some("MISS"), format!("larder; fwd={}", forwarded.token())),
        Mark::Unkept(forwarded, reason) => (
            Some("MISS"),
            format!(
                "larder; fwd={}; detail={}",
                forwarded.token(),
                reason.token()
            ),
        ),
        Mark::Past(forwarded) => (None, format!("larder; fwd={}", forwarded.token())),
    };
    if let Some(word) = word {
        headers.insert(X_CACHE, HeaderValue::from_static(word));
    }
    if let Ok(status) = HeaderValue::try_from(status) {
        headers.append(CACHE_STATUS, status);
    }
}
