//! What a client has already, and says so (RFC 9110 §8.8, §13.1).

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use larder_core::key::KeyHasher;

use crate::lifetime::date;

/// What a client has already.
pub(crate) struct Known {
    tags: Vec<HeaderValue>,
    since: Option<SystemTime>,
}

impl Known {
    /// Reads the headers of a request. A date counts only where there are no tags.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let tags: Vec<_> = headers.get_all(IF_NONE_MATCH).iter().cloned().collect();
        let since = date(headers, &IF_MODIFIED_SINCE).filter(|_| tags.is_empty());
        Self { tags, since }
    }

    /// Whether it is this response.
    pub(crate) fn is<B>(&self, response: &Response<B>) -> bool {
        let headers = response.headers();
        let is_old = |since| date(headers, &LAST_MODIFIED).is_some_and(|last| last <= since);
        response.status().is_success()
            && (is_listed(&self.tags, headers) || self.since.is_some_and(is_old))
    }
}

/// Gives a response an entity tag, if it has none: the hash of its body and of what says how to read it. It
/// is a weak one, since what stands before the cache may still compress the body.
pub(crate) fn ensure_tag(response: &mut Response<Bytes>) {
    if response.headers().contains_key(ETAG) {
        return;
    }
    let mut hasher = KeyHasher::new(0);
    hasher.run(response.body());
    hasher.text(response.status().as_str());
    for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE] {
        let value = response.headers().get(name);
        hasher.run(value.map_or(b"", HeaderValue::as_bytes));
    }
    if let Ok(tag) = HeaderValue::try_from(format!("W/\"{:032x}\"", hasher.finish())) {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// Whether a response's tag is in a list.
fn is_listed(tags: &[HeaderValue], headers: &HeaderMap) -> bool {
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok());
    tag.map(opaque).is_some_and(|tag| {
        let lists = tags.iter().filter_map(|value| value.to_str().ok());
        let mut listed = lists.flat_map(listed);
        listed.any(|one| one == "*" || opaque(one) == tag)
    })
}

/// Turns a response into one that says that nothing has changed (RFC 9110 §15.4.5).
pub(crate) fn not_modified<B>(mut response: Response<B>, empty: B) -> Response<B> {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = empty;
    let about_the_body = [
        CONTENT_ENCODING,
        CONTENT_LANGUAGE,
        CONTENT_LENGTH,
        CONTENT_RANGE,
        CONTENT_TYPE,
        TRANSFER_ENCODING,
    ];
    for name in about_the_body {
        response.headers_mut().remove(name);
    }
    response
}

/// The tags in a list. A comma may be inside of one.
fn listed(list: &str) -> impl Iterator<Item = &str> {
    let mut rest = list;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let open = rest.find('"').filter(|open| rest[..*open].len() <= 2);
        let end = match open {
            Some(open) => rest[open + 1..].find('"').map(|close| open + close + 2),
            None => rest.find(','),
        };
        let (one, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        (!one.is_empty()).then(|| one.trim())
    })
}

/// Weak and strong tags compare alike.
fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::{Known, ensure_tag};
    use bytes::Bytes;
    use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
    use http::{HeaderMap, HeaderValue, Response};

    fn known(asked: &[&'static str], tag: &'static str) -> bool {
        let response = Response::builder().header(ETAG, tag).body(()).unwrap();
        let mut headers = HeaderMap::new();
        for value in asked {
            headers.append(IF_NONE_MATCH, HeaderValue::from_static(value));
        }
        Known::of(&headers).is(&response)
    }

    #[test]
    fn a_date_counts_where_there_is_no_tag() {
        const EARLY: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        const LATE: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
        let known = |since, last, tag: Option<&'static str>| {
            let response = Response::builder()
                .header(LAST_MODIFIED, last)
                .body(())
                .unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_static(since));
            if let Some(tag) = tag {
                headers.insert(IF_NONE_MATCH, HeaderValue::from_static(tag));
            }
            Known::of(&headers).is(&response)
        };
        assert!(known(EARLY, EARLY, None));
        assert!(known(LATE, EARLY, None));
        assert!(!known(EARLY, LATE, None));
        assert!(!known("soon", EARLY, None));
        assert!(!known(LATE, EARLY, Some("\"a\"")));
    }

    #[test]
    fn tags_compare_weakly() {
        assert!(known(&["\"a\""], "\"a\""));
        assert!(known(&["W/\"a\""], "\"a\""));
        assert!(known(&["\"a\""], "W/\"a\""));
        assert!(!known(&["\"b\""], "\"a\""));
        assert!(!known(&["\"a"], "\"a\""));
        assert!(!known(&[], "\"a\""));
    }

    #[test]
    fn any_of_a_list_will_do() {
        assert!(known(&["\"x\", W/\"y\" ,\"a\""], "\"a\""));
        assert!(known(&["\"x\"", "\"a\""], "\"a\""));
        assert!(known(&["*"], "\"a\""));
        assert!(known(&["\"x,\", \"a,b\""], "\"a,b\""));
        assert!(!known(&["\"x,a\", \"b\""], "\"a\""));
    }

    #[test]
    fn a_body_gives_its_tag() {
        let tagged = |body: &'static str| {
            let mut response = Response::new(Bytes::from(body));
            ensure_tag(&mut response);
            response.headers()[ETAG].clone()
        };
        assert_eq!(tagged("a"), tagged("a"));
        assert_ne!(tagged("a"), tagged("b"));
        assert!(tagged("a").to_str().unwrap().starts_with("W/\""));
    }
}
