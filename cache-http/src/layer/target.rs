//! What a request asks for, as one text: what its key is made of.
//!
//! ```text
//! example.com            host, with its port; with the scheme, if that is another than http
//! /report                path, as it came
//! a=1&b=2                query, its parameters sorted by name
//! /tenant/report         the path and the query that the service sees, if they are others
//! accept-language: de    each header in `vary`, each of its values
//! cookie                 a header in `vary` that the request has not
//!
//! 7                      behind an empty line: a key of the user's own, instead of host and queries
//! ```
//!
//! No part can have a line break in it, so that no two requests have one text. It is kept with the
//! response and compared: even a request whose hash was made to collide gets no other's response.

use std::fmt::Write as _;

use http::Uri;
use http::header::HOST;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::layer::policy::Policy;

/// The text of a request.
pub(crate) fn target(policy: &Policy, parts: &Parts) -> String {
    let mut text = String::new();
    let key = policy.key.as_ref();
    if key.is_none() {
        let _infallible = writeln!(text, "{}", host(parts));
    }
    for uri in uris(parts) {
        let _infallible = writeln!(text, "{}", uri.path());
        if key.is_none() {
            let _infallible = writeln!(text, "{}", sorted(uri.query().unwrap_or_default()));
        }
    }
    for name in &policy.vary {
        let mut values = parts.headers.get_all(name).iter().peekable();
        if values.peek().is_none() {
            let _infallible = writeln!(text, "{name}");
        }
        for value in values {
            let _infallible = writeln!(text, "{name}: {}", value.as_bytes().escape_ascii());
        }
    }
    if let Some(key) = key {
        let _infallible = write!(text, "\n{}", key(parts));
    }
    text
}

/// The paths of a request: as the client asked for it, and as the service sees it, if that is another.
pub(crate) fn paths(parts: &Parts) -> impl Iterator<Item = &str> {
    uris(parts).map(Uri::path)
}

/// What the client asked for, and what the service sees, if that is another: a nested router hides the
/// front of a path, and a middleware may rewrite all of it.
fn uris(parts: &Parts) -> impl Iterator<Item = &Uri> {
    #[cfg(feature = "axum")]
    let original = parts.extensions.get::<axum::extract::OriginalUri>();
    #[cfg(feature = "axum")]
    let original = original.map(|original| &original.0);
    #[cfg(not(feature = "axum"))]
    let original: Option<&Uri> = None;
    let seen = Some(&parts.uri).filter(|seen| {
        let same = |original: &Uri| original.path_and_query() == seen.path_and_query();
        !original.is_some_and(same)
    });
    original.into_iter().chain(seen)
}

/// The host, in lower case: of the request's target, or of its header (RFC 9110 §7.2).
fn host(parts: &Parts) -> String {
    let header = || {
        let host = parts.headers.get(HOST)?;
        Some(host.as_bytes().escape_ascii().to_string())
    };
    let authority = parts.uri.authority().map(ToString::to_string);
    let host = authority.or_else(header).unwrap_or_default().to_lowercase();
    match parts.uri.scheme_str() {
        None | Some("http") => host,
        Some(scheme) => format!("{scheme}://{host}"),
    }
}

/// Whether a request names two hosts: nobody knows which of them the service believes.
pub(crate) fn is_ambiguous(parts: &Parts) -> bool {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    let differs = match (parts.uri.authority(), first) {
        (Some(authority), Some(host)) => {
            let named = authority.as_str().rsplit('@').next().unwrap_or_default();
            !host.as_bytes().eq_ignore_ascii_case(named.as_bytes())
        }
        _ => false,
    };
    second.is_some() || differs
}

/// Sorts parameters by name. Those of one name keep their order: it may matter.
fn sorted(query: &str) -> String {
    let mut parameters: Vec<&str> = query.split('&').filter(|one| !one.is_empty()).collect();
    parameters.sort_by_cached_key(|one| {
        let name = one.split('=').next().unwrap_or(one).replace('+', " ");
        percent_decode_str(&name).collect::<Vec<u8>>()
    });
    parameters.join("&")
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn parameters_are_sorted_by_name_and_repeats_keep_their_order() {
        assert_eq!(sorted("b=2&a=1"), "a=1&b=2");
        assert_eq!(sorted("a=2&b=0&a=1"), "a=2&a=1&b=0");
        assert_eq!(sorted("a=1&&b"), "a=1&b");
        assert_eq!(sorted(""), "");
        assert_eq!(sorted("a-b=1&a=2"), "a=2&a-b=1");
        assert_eq!(sorted("b&%61=1&a=2"), "%61=1&a=2&b");
        assert_eq!(sorted("b&a=2&%61=1"), "a=2&%61=1&b");
    }
}
