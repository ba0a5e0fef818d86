//! A response as a value: what a cache keeps of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{AGE, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::hop::strip;

/// A response that can be kept: status, headers and the whole body.
///
/// It is a cheap clone. Headers that are about one connection (RFC 9110 §7.6.1) are left out, and so
/// are the response's extensions.
///
/// ```
/// use larder_http::StoredResponse;
///
/// let response = http::Response::builder().header("content-type", "text/plain").body("hello");
/// let stored = StoredResponse::new(response?);
/// assert_eq!(stored.status(), 200);
/// assert_eq!(stored.body(), "hello");
/// # Ok::<_, http::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Wire", try_from = "Wire")]
pub struct StoredResponse(Arc<Inner>);

struct Inner {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// When it was made, in milliseconds of Unix time on the clock of who made it.
    made: u64,
    /// The request that it answers, as its key was made of; empty for a handler's.
    target: Box<str>,
}

impl StoredResponse {
    /// Makes a value of a response, as of now.
    pub fn new(response: Response<impl Into<Bytes>>) -> Self {
        Self::answering("", response)
    }

    /// The same, of the response to a request.
    pub(crate) fn answering(target: &str, response: Response<impl Into<Bytes>>) -> Self {
        let (parts, body) = response.into_parts();
        let (mut headers, body) = (parts.headers, body.into());
        strip(&mut headers);
        let age = take_age(&mut headers).as_millis();
        headers.remove(CONTENT_LENGTH);
        let body = if body.len() < COPIED {
            Bytes::copy_from_slice(&body)
        } else {
            body
        };
        Self(Arc::new(Inner {
            status: parts.status,
            headers,
            body,
            made: now().saturating_sub(u64::try_from(age).unwrap_or(u64::MAX)),
            target: target.into(),
        }))
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The headers, as they were when it was made.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// How long ago it was made.
    ///
    /// By the clock of the process that made it and the clock of this one, as the age of RFC 9111
    /// §4.2.3: it is shown, and nothing is decided by it but what a client asks for.
    pub fn age(&self) -> Duration {
        Duration::from_millis(now().saturating_sub(self.0.made))
    }

    /// Makes a response of it, with its `content-length`.
    pub fn to_response(&self) -> Response<Bytes> {
        let mut response = Response::new(self.body().clone());
        *response.status_mut() = self.status();
        *response.headers_mut() = self.headers().clone();
        if self.status() != StatusCode::NO_CONTENT {
            let length = HeaderValue::from(self.body().len());
            response.headers_mut().insert(CONTENT_LENGTH, length);
        }
        response
    }

    /// The request that it answers.
    pub(crate) fn target(&self) -> &str {
        &self.0.target
    }
}

impl fmt::Debug for StoredResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredResponse")
            .field("status", &self.status())
            .field("headers", self.headers())
            .field("body", &format_args!("{} bytes", self.body().len()))
            .finish()
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// A shorter body is copied: it may be a small part of a large buffer, which it would keep.
const COPIED: usize = 64 << 10;

/// The age that a cache further in says.
fn take_age(headers: &mut HeaderMap) -> Duration {
    let age = headers.remove(AGE);
    let seconds = age.and_then(|age| age.to_str().ok()?.trim().parse().ok());
    Duration::from_secs(seconds.unwrap_or(0))
}

/// The form of [`Wire`]. Another one is never read as this one.
const VERSION: u8 = 1;

/// What a store of bytes keeps.
#[derive(Serialize, Deserialize)]
struct Wire {
    version: u8,
    status: u16,
    made: u64,
    target: Box<str>,
    headers: Vec<(String, Bytes)>,
    body: Bytes,
}

impl From<StoredResponse> for Wire {
    fn from(response: StoredResponse) -> Self {
        let inner = &response.0;
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            let value = Bytes::copy_from_slice(value.as_bytes());
            (name.as_str().to_owned(), value)
        };
        Self {
            version: VERSION,
            status: inner.status.as_u16(),
            made: inner.made,
            target: inner.target.clone(),
            headers: inner.headers.iter().map(text).collect(),
            body: inner.body.clone(),
        }
    }
}

impl TryFrom<Wire> for StoredResponse {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Self, String> {
        if wire.version != VERSION {
            return Err(format!("a response of version {}", wire.version));
        }
        let mut headers = HeaderMap::with_capacity(wire.headers.len());
        for (name, value) in wire.headers {
            let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
            let value = HeaderValue::from_maybe_shared(value).map_err(|error| error.to_string())?;
            headers.append(name, value);
        }
        Ok(Self(Arc::new(Inner {
            status: StatusCode::from_u16(wire.status).map_err(|error| error.to_string())?,
            headers,
            body: wire.body,
            made: wire.made,
            target: wire.target,
        })))
    }
}
