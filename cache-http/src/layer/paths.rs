//! Paths as tags, so that one invalidation covers a path with all its queries, or all that is below it.
//!
//! A response to `/a/b?c=1` has the tags `http:/a/b`, `http:/a/b/*`, `http:/a/*` and `http:/*`. Paths are
//! decoded first: what differs only in its encoding is forgotten together.

use percent_encoding::percent_decode_str;

/// Below this depth a path is forgotten with what is beside it: tags cost a read each.
const DEPTH: usize = 8;

/// The tags of a response to a path.
pub(crate) fn tags(path: &str) -> Vec<String> {
    let path = decoded(path);
    let own = format!("http:{path}");
    let above = (0..=segments(&path).count().min(DEPTH)).map(|depth| subtree(&path, depth));
    std::iter::once(own).chain(above).collect()
}

/// The tag that an invalidation of `path` or of `path/*` names.
pub(crate) fn covered(path: &str) -> String {
    if let Some(root) = path.strip_suffix("/*") {
        let root = decoded(root);
        let depth = segments(&root).count().min(DEPTH);
        return subtree(&root, depth);
    }
    let path = path.split(['?', '#']).next().unwrap_or(path);
    format!("http:{}", decoded(path))
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

/// Empty segments do not count: `/a/` is below `/a/*` as `/a` is.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
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
        for scope in ["/a", "/a/b/c", "/a/b/c/*", "/b/*", "/a/bc", "/a/b/"] {
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
        assert!(covers("/a/*", "//a//b"));
        assert!(covers("/user/jürgen", "/user/j%C3%BCrgen"));
        assert!(covers("/user/j%c3%bcrgen", "/user/j%C3%BCrgen"));
        assert!(covers("/a%2Fb", "/a%2fb"));
        assert!(covers("/100%", "/100%"));
    }

    #[test]
    fn a_deep_path_is_covered_by_its_front() {
        let deep = "/a".repeat(100);
        assert_eq!(tags(&deep).len(), 10);
        assert!(covers(&deep, &deep));
        assert!(covers(&format!("{deep}/*"), &format!("{deep}/b")));
    }
}
