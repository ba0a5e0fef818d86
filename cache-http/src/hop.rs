//! Headers that are about one connection, or about one passing through a cache.

use http::header::{
    CONNECTION, HeaderMap, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};

use crate::mark::{CACHE_STATUS, X_CACHE};

/// Removes what is not part of the response itself (RFC 9111 §3.1).
pub(crate) fn strip(headers: &mut HeaderMap) {
    let connections = headers.get_all(CONNECTION).iter();
    let named: Vec<HeaderName> = connections
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let always = [
        CONNECTION,
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        X_CACHE,
        CACHE_STATUS,
    ];
    for name in always.into_iter().chain(named) {
        headers.remove(name);
    }
}
