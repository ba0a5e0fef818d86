//! The header `cache-control`: directives, of requests and of responses.

use std::time::Duration;

use http::HeaderMap;
use http::header::{CACHE_CONTROL, PRAGMA};

/// What the header says, as far as a cache like this one is asked (RFC 9111 §5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // directives are there or not
pub(crate) struct Directives {
    pub(crate) no_store: bool,
    pub(crate) no_cache: bool,
    pub(crate) private: bool,
    pub(crate) only_if_cached: bool,
    pub(crate) max_age: Option<Duration>,
    pub(crate) shared_max_age: Option<Duration>,
}

impl Directives {
    /// Reads the header. What cannot be read is passed over, as the RFC has it; a lifetime that
    /// cannot be read is none at all.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut directives = Self::default();
        let values = headers.get_all(CACHE_CONTROL).iter();
        for value in values {
            for directive in split(&String::from_utf8_lossy(value.as_bytes())) {
                directives.add(&directive);
            }
        }
        directives
    }

    /// The same of a request, in which `pragma: no-cache` stands for the directive of that name if
    /// there is no other (RFC 9111 §5.4).
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        let mut directives = Self::of(headers);
        if !headers.contains_key(CACHE_CONTROL) {
            let pragma = headers.get(PRAGMA).and_then(|value| value.to_str().ok());
            directives.no_cache = pragma.is_some_and(|value| is(value.trim(), "no-cache"));
        }
        directives
    }

    fn add(&mut self, directive: &str) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        // Of two lifetimes the shorter one counts.
        let shorter = |said: Option<Duration>| {
            let seconds = seconds(value);
            Some(said.map_or(seconds, |said| said.min(seconds)))
        };
        if is(name, "no-store") {
            self.no_store = true;
        } else if is(name, "no-cache") {
            self.no_cache = true;
        } else if is(name, "private") {
            self.private = true;
        } else if is(name, "only-if-cached") {
            self.only_if_cached = true;
        } else if is(name, "max-age") {
            self.max_age = shorter(self.max_age);
        } else if is(name, "s-maxage") {
            self.shared_max_age = shorter(self.shared_max_age);
        }
    }
}

/// A lifetime: one that is no number is none at all, one that is too large for us has no end.
fn seconds(value: &str) -> Duration {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let too_large = if is_number { u64::MAX } else { 0 };
    Duration::from_secs(value.parse().unwrap_or(too_large))
}

fn is(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known)
}

/// Splits at the commas that are not in quotes: `private="a, b", max-age=1`.
fn split(value: &str) -> Vec<String> {
    let (mut quoted, mut escaped) = (false, false);
    let mut parts = vec![String::new()];
    for char in value.chars() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(char);
        }
    }
    if quoted {
        // Nobody knows where it was meant to end: better too many directives than too few.
        return value.split(',').map(str::to_owned).collect();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::Directives;
    use http::{HeaderMap, HeaderValue};
    use std::time::Duration;

    fn read(values: &[&'static str]) -> Directives {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("cache-control", HeaderValue::from_static(value));
        }
        Directives::of_request(&headers)
    }

    #[test]
    fn directives_are_found_in_every_spelling() {
        assert!(read(&["No-Store"]).no_store);
        assert!(read(&["max-age=5 , PRIVATE"]).private);
        assert!(read(&["public", "no-store"]).no_store);
        assert!(read(&["private=\"set-cookie, x\""]).private);
        assert_eq!(
            read(&["max-age=\"7\""]).max_age,
            Some(Duration::from_secs(7))
        );
        assert_eq!(
            read(&["s-maxage=7"]).shared_max_age,
            Some(Duration::from_secs(7))
        );
    }

    #[test]
    fn a_directive_inside_of_quotes_is_none() {
        let read = read(&["ext=\"a, no-store, \\\" no-cache\", public"]);
        assert_eq!(read, Directives::default());
    }

    #[test]
    fn a_lifetime_that_cannot_be_read_is_none_at_all() {
        for value in ["max-age=soon", "max-age=-1", "max-age"] {
            assert_eq!(read(&[value]).max_age, Some(Duration::ZERO), "{value}");
        }
    }

    #[test]
    fn the_shortest_lifetime_counts_and_a_huge_one_has_no_end() {
        let max_age = |value| read(&[value]).max_age.unwrap();
        assert_eq!(max_age("max-age=0, max-age=60"), Duration::ZERO);
        assert!(max_age("max-age=99999999999999999999") > Duration::from_secs(1 << 40));
    }

    #[test]
    fn a_quote_that_does_not_end_hides_nothing() {
        assert!(read(&["ext=\"a, private"]).private);
    }

    #[test]
    fn pragma_counts_where_nothing_else_is_said() {
        let mut headers = HeaderMap::new();
        headers.insert("pragma", HeaderValue::from_static("no-cache"));
        assert!(Directives::of_request(&headers).no_cache);
        headers.insert("cache-control", HeaderValue::from_static("max-age=5"));
        assert!(!Directives::of_request(&headers).no_cache);
    }
}
