//! How long a response says that it is fresh.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, EXPIRES, HeaderName};

use crate::control::Directives;

/// The lifetime that a shared cache goes by (RFC 9111 §4.2.1): `s-maxage`, or `max-age`, or the time from
/// `date` to `expires`. An `expires` that cannot be read is over.
pub(crate) fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    let directives = Directives::of(headers);
    let said = directives.shared_max_age.or(directives.max_age);
    said.or_else(|| {
        headers.contains_key(EXPIRES).then(|| {
            let expires = date(headers, &EXPIRES).unwrap_or(SystemTime::UNIX_EPOCH);
            let made = date(headers, &DATE).unwrap_or_else(SystemTime::now);
            expires.duration_since(made).unwrap_or_default()
        })
    })
}

/// The date in a header.
pub(crate) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::lifetime;
    use http::Response;
    use std::time::Duration;

    fn of(headers: &[(&str, &str)]) -> Option<u64> {
        let response = headers
            .iter()
            .fold(Response::builder(), |b, (name, value)| {
                b.header(*name, *value)
            });
        let response = response.body(()).unwrap();
        lifetime(response.headers()).map(|lifetime: Duration| lifetime.as_secs())
    }

    #[test]
    fn the_most_particular_header_counts() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let later = ("expires", "Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[date, later]), Some(60));
        assert_eq!(of(&[date, later, ("cache-control", "max-age=5")]), Some(5));
        let shared = ("cache-control", "max-age=5, s-maxage=7");
        assert_eq!(of(&[date, later, shared]), Some(7));
    }

    #[test]
    fn what_is_over_or_cannot_be_read_is_no_lifetime() {
        assert_eq!(of(&[("expires", "0")]), Some(0));
        assert_eq!(of(&[("expires", "Sun, 06 Nov 1994 08:49:37 GMT")]), Some(0));
    }
}
