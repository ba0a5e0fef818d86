//! The names of the arguments, an example of each, and what people write in their place.

use proc_macro2::Ident;
use syn::Error;

/// Every argument and how it is written.
const ARGUMENTS: [(&str, &str); 19] = [
    ("timeout", "timeout = 60"),
    ("key_prefix", "key_prefix = \"homepage\""),
    ("key", "key = (tenant, id)"),
    ("skip", "skip(db)"),
    ("tags", "tags = [format!(\"user:{id}\")]"),
    ("cache", "cache = SESSIONS"),
    ("unless", "unless = is_admin"),
    ("refresh", "refresh = is_forced"),
    ("cache_if", "cache_if = |value| !value.is_empty()"),
    ("is_stale", "is_stale = |value| value.is_old()"),
    ("cache_none", "cache_none"),
    ("cache_err", "cache_err = 5"),
    ("jitter", "jitter = 0.1"),
    ("version", "version = 2"),
    ("name", "name = \"square\""),
    ("flight", "flight = process"),
    ("local", "local"),
    ("helpers", "helpers = false"),
    ("crate", "crate = my::larder"),
];

/// Arguments that are planned.
const LATER: [&str; 4] = ["stale", "stale_on_error", "compute_timeout", "early"];

/// Names in other caches, and ours.
const ELSEWHERE: [(&str, &str); 14] = [
    ("ttl", "timeout"),
    ("time", "timeout"),
    ("expire", "timeout"),
    ("expires", "timeout"),
    ("expires_in", "timeout"),
    ("duration", "timeout"),
    ("prefix", "key_prefix"),
    ("args", "key"),
    ("convert", "key"),
    ("ignore", "skip"),
    ("exclude", "skip"),
    ("bypass", "unless"),
    ("force", "refresh"),
    ("sync_writes", "flight"),
];

/// How an argument is written.
pub(crate) fn example(name: &Ident) -> &'static str {
    let rows = ARGUMENTS.iter();
    let mut rows = rows.filter(|(known, _)| name == known);
    rows.next().map_or("", |(_, example)| example)
}

/// The error for a name that is no argument.
pub(crate) fn unknown(name: &Ident) -> Error {
    let text = name.to_string();
    let message = if LATER.contains(&text.as_str()) {
        format!(
            "`{text}` is not there yet: this version of larder has no such argument; leave it out"
        )
    } else if let Some(meant) = meant(&text) {
        format!("unknown argument `{text}`: did you mean `{meant}`?")
    } else {
        let known: Vec<_> = ARGUMENTS.iter().map(|(name, _)| *name).collect();
        format!("unknown argument `{text}`; there are {}", known.join(", "))
    };
    Error::new(name.span(), message)
}

/// The argument that a name stands for elsewhere, or that it is a typing error away from.
fn meant(text: &str) -> Option<&'static str> {
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == text);
    elsewhere.map(|(_, ours)| *ours).or_else(|| nearest(text))
}

fn nearest(text: &str) -> Option<&'static str> {
    let known = ARGUMENTS
        .iter()
        .map(|(name, _)| (distance(text, name), *name));
    let (distance, name) = known.min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= name.len()).then_some(name)
}

/// The edits from one word to another (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, b) in other.bytes().enumerate() {
            let replaced = corner + usize::from(a != b);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, meant};

    #[test]
    fn a_distance_counts_edits() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("timeout", "timeout"), 0);
        assert_eq!(distance("timout", "timeout"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_name_is_guessed_if_it_is_near() {
        assert_eq!(meant("timout"), Some("timeout"));
        assert_eq!(meant("keyprefix"), Some("key_prefix"));
        assert_eq!(meant("ttl"), Some("timeout"));
        assert_eq!(meant("banana"), None);
        assert_eq!(meant("x"), None);
    }
}
