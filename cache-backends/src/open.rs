//! Stores by URL.

use larder_core::backend::Backend;
use larder_core::error::{Error, ErrorKind, Result};
use larder_core::url::StoreUrl;

/// Opens the store that a URL names, among those that the crate was built with.
///
/// # Errors
///
/// [`Config`](ErrorKind::Config) if there is no such store, or if it is misconfigured.
pub fn open(url: &mut StoreUrl) -> Result<Box<dyn Backend>> {
    match url.scheme() {
        #[cfg(feature = "memory")]
        "memory" => memory(url),
        "null" => null(url),
        #[cfg(feature = "memcached")]
        "memcache" => memcached(url),
        #[cfg(feature = "redis")]
        "redis" | "rediss" | "redis+unix" => redis(url),
        other => Err(config(format!(
            "no store is called `{other}://` here; there are {KNOWN}"
        ))),
    }
}

/// What there is, for who asks for something else.
const KNOWN: &str = match (cfg!(feature = "memory"), cfg!(feature = "redis")) {
    (true, true) => {
        "`memory://`, `null://`, `redis://`, `redis+unix://` and, with the feature `redis-tls`, `rediss://`"
    }
    (true, false) => "`memory://` and `null://`; `redis://` with the feature `redis`",
    (false, true) => "`null://`, `redis://` and `redis+unix://`",
    (false, false) => "`null://`",
};

#[cfg(feature = "memory")]
fn memory(url: &mut StoreUrl) -> Result<Box<dyn Backend>> {
    expect_no_place(url)?;
    let mut builder = crate::memory::Memory::builder();
    if let Some(max) = url.take_number("max_entries")? {
        builder = builder.max_entries(max);
    }
    if let Some(max) = url.take_number("max_bytes")? {
        builder = builder.max_bytes(max);
    }
    Ok(Box::new(builder.build()?))
}

fn null(url: &StoreUrl) -> Result<Box<dyn Backend>> {
    expect_no_place(url)?;
    Ok(Box::new(crate::null::Null))
}

/// `memcache://host:port,host:port`, with what the store can be told in milliseconds and bytes.
#[cfg(feature = "memcached")]
fn memcached(url: &mut StoreUrl) -> Result<Box<dyn Backend>> {
    use std::time::Duration;

    let servers = crate::memcached::servers_of(&format!("memcache://{}", url.rest()))?;
    let mut builder = crate::memcached::Memcached::builder(servers);
    if let Some(millis) = url.take_number("operation_timeout_ms")? {
        builder = builder.operation_timeout(Duration::from_millis(millis));
    }
    if let Some(millis) = url.take_number("connect_timeout_ms")? {
        builder = builder.connect_timeout(Duration::from_millis(millis));
    }
    if let Some(bytes) = take_size(url, "compress_above")? {
        builder = builder.compress_above(bytes);
    }
    if let Some(bytes) = take_size(url, "max_value")? {
        builder = builder.max_value(bytes);
    }
    Ok(Box::new(builder.lazy()?))
}

/// `redis://user:password@host:port/db`, with what the store can be told in milliseconds and bytes.
#[cfg(feature = "redis")]
fn redis(url: &mut StoreUrl) -> Result<Box<dyn Backend>> {
    use std::time::Duration;

    // What the redis crate itself reads from a URL stays in it.
    let own: &[&str] = match url.scheme() {
        "redis+unix" => &["db", "user", "pass", "protocol"],
        _ => &["protocol"],
    };
    let own: Vec<_> = own
        .iter()
        .filter_map(|name| Some(format!("{name}={}", url.take_raw(name)?)))
        .collect();
    let place = format!("{}://{}?{}", url.scheme(), url.rest(), own.join("&"));
    let mut builder = crate::redis::Redis::builder(place.trim_end_matches('?'));
    if let Some(millis) = url.take_number("operation_timeout_ms")? {
        builder = builder.operation_timeout(Duration::from_millis(millis));
    }
    if let Some(millis) = url.take_number("connect_timeout_ms")? {
        builder = builder.connect_timeout(Duration::from_millis(millis));
    }
    if let Some(bytes) = take_size(url, "compress_above")? {
        builder = builder.compress_above(bytes);
    }
    if let Some(bytes) = take_size(url, "max_value")? {
        builder = builder.max_value(bytes);
    }
    if let Some(seconds) = url.take_number("max_timeout")? {
        builder = builder.max_timeout(Duration::from_secs(seconds));
    }
    Ok(Box::new(builder.lazy()?))
}

#[cfg(any(feature = "redis", feature = "memcached"))]
fn take_size(url: &mut StoreUrl, name: &str) -> Result<Option<usize>> {
    let size = url.take_number(name)?;
    Ok(size.map(|size| usize::try_from(size).unwrap_or(usize::MAX)))
}

/// A store in this process is nowhere else.
fn expect_no_place(url: &StoreUrl) -> Result<()> {
    if url.rest().trim_matches('/').is_empty() {
        return Ok(());
    }
    Err(config(format!(
        "`{}://` takes options only, as in `{0}://?timeout=60`",
        url.scheme()
    )))
}

fn config(what: String) -> Error {
    Error::new(ErrorKind::Config, what)
}
