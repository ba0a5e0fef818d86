//! Paths as tags, so that one invalidation covers a path with all its queries, or all that is below it.
//!
//! A response to `/a/b?c=1` has the tags `http:/a/b`, `http:/a/b/*`, `http:/a/*` and `http:/*`. What is
//! the same path to anybody has the same tags: paths are decoded until nothing is left to decode, end where
//! a query would begin, and have no empty segments. So too much may be forgotten, never too little.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Below this depth a path is forgotten with what is beside it: each tag is one more version to look at.
const DEPTH: usize = 4;
/// Nobody encodes a path more often.
const ENCODINGS: usize = 8;

/// The tags of a response to a path.
pub(crate) fn tags(path: &str) -> Vec<String> {
    let path = normal(path);
    let depth = segments(&path).count().min(DEPTH);
    let above = (0..=depth).map(|depth| subtree(&path, depth));
    std::iter::once(own(&path)).chain(above).collect()
}

/// The tag that an invalidation of `path` or of `path/*` names. The path may be a whole URL.
pub(crate) fn covered(path: &str) -> String {
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |start| &rest[start..]),
        None => path,
    };
    match path.strip_suffix('*') {
        Some(root) if root.is_empty() || root.ends_with('/') => {
            let root = normal(root);
            let depth = segments(&root).count().min(DEPTH);
            subtree(&root, depth)
        }
        _ => own(&normal(path)),
    }
}

/// The tag of the path itself.
fn own(path: &str) -> String {
    let mut tag = String::from("http:");
    for segment in segments(path) {
        tag.push('/');
        tag.push_str(segment);
    }
    tag
}

/// The tag of everything below the first segments of a path.
fn subtree(path: &str, depth: usize) -> String {
    let mut tag = String::from("http:");
    for segment in segments(path).take(depth) {
        tag.push('/');
        tag.push_str(segment);
    }
    tag + "/*"
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// A path as all its spellings have it.
fn normal(path: &str) -> Cow<'_, str> {
    let mut path = Cow::Borrowed(path);
    for _ in 0..ENCODINGS {
        let decoded = percent_decode_str(&path).decode_utf8_lossy().into_owned();
        if decoded == *path {
            break;
        }
        path = Cow::Owned(decoded);
    }
    match path.find(['?', '#']) {
        Some(end) => Cow::Owned(path[..end].to_owned()),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::{covered, tags};

    fn covers(scope: &str, path: &str) -> bool {
        tags(path).contains(&covered(scope))
    }

    #[test]
    fn a_path_is_covered_by_itself_and_by_what_it_is_below() {
        for scope in ["/a/b", "/a/b/*", "/a/*", "/*", "/a/b?c=1"] {
            assert!(covers(scope, "/a/b"), "{scope}");
        }
        for scope in ["/a", "/a/b/c", "/a/b/c/*", "/b/*", "/a/bc", "/a/b*"] {
            assert!(!covers(scope, "/a/b"), "{scope}");
        }
    }

    #[test]
    fn the_root_is_a_path_like_others() {
        assert!(covers("/", "/"));
        assert!(covers("/*", "/"));
        assert!(!covers("/", "/a"));
    }

    #[test]
    fn slashes_and_encodings_hide_nothing() {
        assert!(covers("/a/*", "/a/"));
        assert!(covers("/a", "/a/"));
        assert!(covers("/a/", "/a"));
        assert!(covers("a", "/a"));
        assert!(covers("http://example.com/a?b", "/a"));
        assert!(covers("http://example.com", "/"));
        assert!(covers("*", "/a"));
        assert!(covers("", "/"));
        assert!(covers("/a/*", "//a//b"));
        assert!(covers("/user/jürgen", "/user/j%C3%BCrgen"));
        assert!(covers("/user/j%c3%bcrgen", "/user/j%C3%BCrgen"));
        assert!(covers("/a%2Fb", "/a%2fb"));
        assert!(covers("/100%", "/100%"));
        // As an extractor gives them.
        assert!(covers("/user/%41", "/user/%2541"));
        assert!(covers("/user/a?b", "/user/a%3Fb"));
        assert!(covers("/user/a#b", "/user/a%23b"));
    }

    #[test]
    fn a_deep_path_is_covered_by_its_front() {
        let deep = "/a".repeat(100);
        assert_eq!(tags(&deep).len(), 6);
        assert!(covers(&deep, &deep));
        assert!(covers(&format!("{deep}/*"), &format!("{deep}/b")));
    }
}
