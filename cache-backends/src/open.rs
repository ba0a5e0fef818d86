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
        #[cfg(feature = "file")]
        "file" => file(url),
        #[cfg(feature = "memory")]
        "memory" => memory(url),
        "null" => null(url),
        #[cfg(feature = "memcached")]
        "memcache" => memcached(url),
        #[cfg(feature = "redis")]
        "redis" | "rediss" | "redis+unix" => redis(url),
        other => Err(config(format!(
            "no store is called `{other}://` here; there are {}",
            known()
        ))),
    }
}

/// Every scheme with the feature that brings it, and whether it is here: a row a scheme.
const SCHEMES: &[(&str, &str, bool)] = &[
    ("memory", "memory", cfg!(feature = "memory")),
    ("null", "", true),
    ("file", "file", cfg!(feature = "file")),
    ("memcache", "memcached", cfg!(feature = "memcached")),
    ("redis", "redis", cfg!(feature = "redis")),
    ("redis+unix", "redis", cfg!(feature = "redis")),
    ("rediss", "redis-tls", cfg!(feature = "redis-tls")),
];

/// What there is, and what there could be, for who asks for something else.
fn known() -> String {
    let here = SCHEMES.iter().filter(|(.., here)| *here);
    let here: Vec<_> = here.map(|(name, ..)| format!("`{name}://`")).collect();
    let more = SCHEMES.iter().filter(|(.., here)| !here);
    let more = more.map(|(name, feature, _)| format!("; `{name}://` with the feature `{feature}`"));
    here.join(", ") + &more.collect::<String>()
}

/// `file:///path/of/a/directory`, percent-encoded, with what the store can be told in bytes and
/// milliseconds.
#[cfg(feature = "file")]
fn file(url: &mut StoreUrl) -> Result<Box<dyn Backend>> {
    use std::time::Duration;

    let path = url.path()?;
    if !path.starts_with('/') {
        let what = "`file://` takes the whole path of a directory, as in `file:///var/cache/tool`";
        return Err(config(what.to_owned()));
    }
    let mut builder = crate::file::File::builder(path);
    if let Some(bytes) = url.take_number("max_bytes")? {
        builder = builder.max_bytes(bytes);
    }
    if let Some(bytes) = take_size(url, "max_value")? {
        builder = builder.max_value(bytes);
    }
    if let Some(bytes) = take_size(url, "compress_above")? {
        builder = builder.compress_above(bytes);
    }
    if let Some(millis) = url.take_number("operation_timeout_ms")? {
        builder = builder.operation_timeout(Duration::from_millis(millis));
    }
    if let Some(word) = url.take("sync") {
        builder = builder.sync(sync(&word)?);
    }
    Ok(Box::new(builder.open()?))
}

#[cfg(feature = "file")]
fn sync(word: &str) -> Result<crate::file::Sync> {
    match word {
        "none" => Ok(crate::file::Sync::None),
        "data" => Ok(crate::file::Sync::Data),
        "all" => Ok(crate::file::Sync::All),
        other => Err(config(format!(
            "sync={other} is neither `none`, `data` nor `all`"
        ))),
    }
}

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

#[cfg(any(feature = "file", feature = "memcached", feature = "redis"))]
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
