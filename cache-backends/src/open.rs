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
    use crate::file::{Builder, File};

    let path = url.path()?;
    if !path.starts_with('/') {
        let what = "`file://` takes the whole path of a directory, as in `file:///var/cache/tool`";
        return Err(config(what.to_owned()));
    }
    let sync = url.take("sync").map(|word| sync(&word)).transpose()?;
    let builder = File::builder(path);
    let builder = told(builder, url.take_number("max_bytes")?, Builder::max_bytes);
    let builder = told(builder, take_size(url, "max_value")?, Builder::max_value);
    let above = take_size(url, "compress_above")?;
    let builder = told(builder, above, Builder::compress_above);
    let timeout = take_millis(url, "operation_timeout_ms")?;
    let builder = told(builder, timeout, Builder::operation_timeout);
    Ok(Box::new(told(builder, sync, Builder::sync).open()?))
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
    use crate::memory::{Builder, Memory};

    expect_no_place(url)?;
    let builder = Memory::builder();
    let entries = url.take_number("max_entries")?;
    let builder = told(builder, entries, Builder::max_entries);
    let bytes = url.take_number("max_bytes")?;
    Ok(Box::new(told(builder, bytes, Builder::max_bytes).build()?))
}

fn null(url: &StoreUrl) -> Result<Box<dyn Backend>> {
    expect_no_place(url)?;
    Ok(Box::new(crate::null::Null))
}

/// `memcache://host:port,host:port`, with what the store can be told in milliseconds and bytes.
#[cfg(feature = "memcached")]
fn memcached(url: &mut StoreUrl) -> Result<Box<dyn Backend>> {
    use crate::memcached::{Builder, Memcached, servers_of};

    let builder = Memcached::builder(servers_of(&format!("memcache://{}", url.rest()))?);
    let timeout = take_millis(url, "operation_timeout_ms")?;
    let builder = told(builder, timeout, Builder::operation_timeout);
    let timeout = take_millis(url, "connect_timeout_ms")?;
    let builder = told(builder, timeout, Builder::connect_timeout);
    let above = take_size(url, "compress_above")?;
    let builder = told(builder, above, Builder::compress_above);
    let most = take_size(url, "max_value")?;
    Ok(Box::new(told(builder, most, Builder::max_value).lazy()?))
}

/// `redis://user:password@host:port/db`, with what the store can be told in milliseconds and bytes.
#[cfg(feature = "redis")]
fn redis(url: &mut StoreUrl) -> Result<Box<dyn Backend>> {
    use crate::redis::{Builder, Redis};
    use std::time::Duration;

    let builder = Redis::builder(place_of(url));
    let timeout = take_millis(url, "operation_timeout_ms")?;
    let builder = told(builder, timeout, Builder::operation_timeout);
    let timeout = take_millis(url, "connect_timeout_ms")?;
    let builder = told(builder, timeout, Builder::connect_timeout);
    let above = take_size(url, "compress_above")?;
    let builder = told(builder, above, Builder::compress_above);
    let builder = told(builder, take_size(url, "max_value")?, Builder::max_value);
    let longest = url.take_number("max_timeout")?.map(Duration::from_secs);
    let builder = told(builder, longest, Builder::max_timeout);
    Ok(Box::new(builder.lazy()?))
}

/// The URL without what the store is told: what the redis crate itself reads from one stays in it.
#[cfg(feature = "redis")]
fn place_of(url: &mut StoreUrl) -> String {
    let own: &[&str] = match url.scheme() {
        "redis+unix" => &["db", "user", "pass", "protocol"],
        _ => &["protocol"],
    };
    let own = own
        .iter()
        .filter_map(|name| Some(format!("{name}={}", url.take_raw(name)?)));
    let own: Vec<_> = own.collect();
    let place = format!("{}://{}?{}", url.scheme(), url.rest(), own.join("&"));
    place.trim_end_matches('?').to_owned()
}

/// The builder with what the URL says, if it says it.
#[cfg(any(
    feature = "file",
    feature = "memcached",
    feature = "memory",
    feature = "redis"
))]
fn told<B, V>(builder: B, said: Option<V>, set: impl FnOnce(B, V) -> B) -> B {
    match said {
        Some(value) => set(builder, value),
        None => builder,
    }
}

#[cfg(any(feature = "file", feature = "memcached", feature = "redis"))]
fn take_millis(url: &mut StoreUrl, name: &str) -> Result<Option<std::time::Duration>> {
    let millis = url.take_number(name)?;
    Ok(millis.map(std::time::Duration::from_millis))
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
