//! Entity tags, and requests that name them (RFC 9110 §8.8.3, §13.1.2).

use bytes::Bytes;
use http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use larder_core::key::KeyHasher;

/// Gives a response an entity tag, if it has none: the hash of its body. It is a weak one, since what
/// stands before the cache may still compress the body.
pub(crate) fn ensure(response: &mut Response<Bytes>) {
    if response.headers().contains_key(ETAG) {
        return;
    }
    let mut hasher = KeyHasher::new(0);
    hasher.run(response.body());
    if let Ok(tag) = HeaderValue::try_from(format!("W/\"{:032x}\"", hasher.finish())) {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// Whether a request with these headers has the response already.
pub(crate) fn is_known<B>(asked: &[HeaderValue], response: &Response<B>) -> bool {
    let tag = response.headers().get(ETAG);
    let tag = tag.and_then(|tag| tag.to_str().ok()).map(opaque);
    let asked = asked.iter().filter_map(|value| value.to_str().ok());
    response.status().is_success()
        && tag.is_some_and(|tag| {
            let mut asked = asked.flat_map(listed);
            asked.any(|one| one == "*" || opaque(one) == tag)
        })
}

/// The values of `if-none-match`.
pub(crate) fn asked(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers.get_all(IF_NONE_MATCH).iter().cloned().collect()
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
    use super::{ensure, is_known};
    use bytes::Bytes;
    use http::header::ETAG;
    use http::{HeaderValue, Response};

    fn known(asked: &[&'static str], tag: &'static str) -> bool {
        let response = Response::builder().header(ETAG, tag).body(()).unwrap();
        let asked: Vec<_> = asked
            .iter()
            .map(|value| HeaderValue::from_static(value))
            .collect();
        is_known(&asked, &response)
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
            ensure(&mut response);
            response.headers()[ETAG].clone()
        };
        assert_eq!(tagged("a"), tagged("a"));
        assert_ne!(tagged("a"), tagged("b"));
        assert!(tagged("a").to_str().unwrap().starts_with("W/\""));
    }
}
