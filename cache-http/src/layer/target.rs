//! What a request asks for, as one text: what its key is made of.
//!
//! ```text
//! example.com            host
//! /report                path, as it came
//! a=1&b=2                query, its parameters sorted by name
//! accept-language: de    each header in `vary`, each of its values
//! cookie                 a header in `vary` that the request has not
//! ```
//!
//! No part can have a line break in it, so that no two requests have one text. It is kept with the
//! response and compared: even a request whose hash was made to collide gets no other's response.

use std::fmt::Write as _;

use http::header::HOST;
use http::request::Parts;

use crate::layer::policy::Policy;

/// The text of a request.
pub(crate) fn target(policy: &Policy, parts: &Parts) -> String {
    let mut text = String::new();
    if policy.key.is_none() {
        let (path, query) = path_and_query(parts);
        let _infallible = write!(text, "{}\n{path}\n{}", host(parts), sorted(query));
    }
    for name in &policy.vary {
        let mut values = parts.headers.get_all(name).iter().peekable();
        if values.peek().is_none() {
            let _infallible = write!(text, "\n{name}");
        }
        for value in values {
            let _infallible = write!(text, "\n{name}: {}", value.as_bytes().escape_ascii());
        }
    }
    if let Some(key) = &policy.key {
        let _infallible = write!(text, "\n\n{}", key(parts));
    }
    text
}

/// The path that the client asked for: inside a nested router the request's own has lost its front.
pub(crate) fn path(parts: &Parts) -> &str {
    path_and_query(parts).0
}

fn path_and_query(parts: &Parts) -> (&str, &str) {
    #[cfg(feature = "axum")]
    let uri = {
        let original = parts.extensions.get::<axum::extract::OriginalUri>();
        original.map_or(&parts.uri, |original| &original.0)
    };
    #[cfg(not(feature = "axum"))]
    let uri = &parts.uri;
    (uri.path(), uri.query().unwrap_or_default())
}

/// The host, in lower case: of the request's target, or of its header (RFC 9110 §7.2).
fn host(parts: &Parts) -> String {
    let header = || {
        let host = parts.headers.get(HOST)?;
        Some(host.as_bytes().escape_ascii().to_string())
    };
    let authority = parts.uri.authority().map(ToString::to_string);
    authority.or_else(header).unwrap_or_default().to_lowercase()
}

/// Sorts parameters by name. Those of one name keep their order: it may matter.
fn sorted(query: &str) -> String {
    let mut parameters: Vec<&str> = query.split('&').filter(|one| !one.is_empty()).collect();
    parameters.sort_by_key(|one| one.split('=').next().unwrap_or(one));
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
    }
}
