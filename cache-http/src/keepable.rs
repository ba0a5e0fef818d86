//! Which responses may be kept.

use http::header::{SET_COOKIE, VARY};
use http::response::Parts;
use http::{HeaderMap, HeaderName, StatusCode};

use crate::control::Directives;

/// Why a response is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is not a success, or only a part of something.
    Status,
    /// It sets a cookie: it is for one user.
    SetCookie,
    /// It says `no-store`.
    NoStore,
    /// It says `private`.
    Private,
    /// It says `no-cache`, to a layer.
    NoCache,
    /// It depends on what is not in the key.
    Vary,
    /// Nobody knows how long it will be, or it has trailers.
    Streaming,
    /// Its body is over the limit.
    TooLarge,
    /// Its body broke off.
    Broken,
    /// It says that it is stale already: `max-age=0`.
    Stale,
    /// The layer's `cache_if` said no.
    Refused,
}

impl Reason {
    /// The word for it in `cache-status`.
    pub(crate) fn token(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::SetCookie => "set-cookie",
            Self::NoStore => "no-store",
            Self::Private => "private",
            Self::NoCache => "no-cache",
            Self::Vary => "vary",
            Self::Streaming => "streaming",
            Self::TooLarge => "too-large",
            Self::Broken => "broken-body",
            Self::Stale => "stale",
            Self::Refused => "cache-if",
        }
    }
}

/// Why a handler's response is not to be kept, by its head.
///
/// What the response depends on is in the key: the handler's arguments. Only `vary: *` says that it
/// is not.
#[cfg(feature = "axum")]
pub(crate) fn refusal(parts: &Parts) -> Option<Reason> {
    refused(parts, &Directives::of(&parts.headers))
}

/// Why a response that came through a layer is not to be kept, by its head: it may depend on any
/// header of the request that it names, and only those in `keyed` are in the key.
pub(crate) fn refusal_of_layer(parts: &Parts, keyed: &[HeaderName]) -> Option<Reason> {
    let directives = Directives::of(&parts.headers);
    let is_keyed = |name: &String| {
        let mut keyed = keyed.iter();
        keyed.any(|known| name.eq_ignore_ascii_case(known.as_str()))
    };
    refused(parts, &directives).or_else(|| {
        if directives.no_cache {
            Some(Reason::NoCache)
        } else if varies(&parts.headers).iter().all(is_keyed) {
            None
        } else {
            Some(Reason::Vary)
        }
    })
}

fn refused(parts: &Parts, directives: &Directives) -> Option<Reason> {
    if !parts.status.is_success() || parts.status == StatusCode::PARTIAL_CONTENT {
        Some(Reason::Status)
    } else if parts.headers.contains_key(SET_COOKIE) {
        Some(Reason::SetCookie)
    } else if directives.no_store {
        Some(Reason::NoStore)
    } else if directives.private {
        Some(Reason::Private)
    } else if varies(&parts.headers).iter().any(|name| name == "*") {
        Some(Reason::Vary)
    } else {
        None
    }
}

/// The names in `vary`. A name that is no text is one that nobody has.
pub(crate) fn varies(headers: &HeaderMap) -> Vec<String> {
    let mut names = Vec::new();
    for value in headers.get_all(VARY) {
        let text = String::from_utf8_lossy(value.as_bytes());
        let listed = text.split(',').map(str::trim);
        names.extend(listed.filter(|name| !name.is_empty()).map(str::to_owned));
    }
    names
}

#[cfg(all(test, feature = "axum"))]
mod tests {
    use super::{Reason, refusal, refusal_of_layer};
    use http::{HeaderName, Response};

    fn head(status: u16, headers: &[(&str, &str)]) -> http::response::Parts {
        let builder = Response::builder().status(status);
        let builder = headers
            .iter()
            .fold(builder, |b, (name, value)| b.header(*name, *value));
        builder.body(()).unwrap().into_parts().0
    }

    #[test]
    fn successes_are_kept_and_nothing_else() {
        for status in [200, 201, 203, 204] {
            assert_eq!(refusal(&head(status, &[])), None, "{status}");
        }
        for status in [100, 206, 301, 304, 400, 401, 404, 500, 503] {
            assert_eq!(
                refusal(&head(status, &[])),
                Some(Reason::Status),
                "{status}"
            );
        }
    }

    #[test]
    fn what_is_for_one_user_is_not_kept() {
        let cases = [
            (("set-cookie", "a=b"), Reason::SetCookie),
            (("cache-control", "max-age=60, no-store"), Reason::NoStore),
            (("cache-control", "Private"), Reason::Private),
            (("cache-control", "private=\"x-user\""), Reason::Private),
            (("vary", "accept, *"), Reason::Vary),
        ];
        for (header, reason) in cases {
            assert_eq!(refusal(&head(200, &[header])), Some(reason), "{header:?}");
        }
    }

    #[test]
    fn a_layer_keeps_only_what_depends_on_its_key() {
        let keyed = [HeaderName::from_static("accept-language")];
        let kept = head(200, &[("vary", "Accept-Language")]);
        assert_eq!(refusal_of_layer(&kept, &keyed), None);
        let other = head(200, &[("vary", "accept-language, accept-encoding")]);
        assert_eq!(refusal_of_layer(&other, &keyed), Some(Reason::Vary));
        let checked = head(200, &[("cache-control", "no-cache")]);
        assert_eq!(refusal_of_layer(&checked, &keyed), Some(Reason::NoCache));
    }
}
