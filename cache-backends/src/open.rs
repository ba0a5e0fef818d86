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
        other => Err(config(format!(
            "no store is called `{other}://` here; there are {KNOWN}"
        ))),
    }
}

const KNOWN: &str = if cfg!(feature = "memory") {
    "`memory://` and `null://`"
} else {
    "`null://`"
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
