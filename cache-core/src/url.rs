//! A cache from a URL: `memory://?max_entries=1000&timeout=60`.

use std::env;
use std::fmt;
use std::time::Duration;

use crate::backend::Backend;
use crate::cache::Cache;
use crate::error::{Error, Result};
use crate::timeout::Timeout;

/// The environment variable that [`Cache::from_env`] reads.
pub const ENV: &str = "LARDER_URL";

/// A store's URL, taken apart: `scheme://rest?option=value&option=value`.
///
/// `Debug` and errors show the scheme only: the rest may hold a password.
pub struct StoreUrl {
    scheme: String,
    rest: String,
    /// Names, and values as they are written.
    options: Vec<(String, String)>,
}

/// Opens stores by URL.
///
/// The `larder` crate implements it once, for all stores that it was built with, so that
/// [`Cache::from_url`] knows them although this crate does not: `M` is inferred because there is
/// one implementation. (Implementing it elsewhere would make that ambiguous.)
#[diagnostic::on_unimplemented(
    message = "no stores are known here: `from_url` and `from_env` need the `larder` crate"
)]
pub trait OpenStore<M> {
    /// Opens the store that a URL names, taking the options that it knows.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::error::ErrorKind::Config) if the URL names no store or misconfigures it.
    fn open(url: &mut StoreUrl) -> Result<Box<dyn Backend>>;
}

/// The stores that `from_url` knows.
#[derive(Debug)]
pub struct Stores;

impl Cache {
    /// Makes a cache from a URL, such as `memory://?max_entries=1000&timeout=60`.
    ///
    /// `prefix` and `timeout` (seconds, or `never`) are the cache's; other options are the
    /// store's. An unknown option is an error.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::error::ErrorKind::Config) if the URL cannot be understood, names a store
    /// that is not there, or misconfigures it. The message does not repeat the URL, which may hold
    /// a password.
    pub fn from_url<M>(url: &str) -> Result<Self>
    where
        Stores: OpenStore<M>,
    {
        let mut url = StoreUrl::parse(url)?;
        let mut builder = Self::builder();
        if let Some(prefix) = url.take("prefix") {
            builder = builder.key_prefix(prefix);
        }
        if let Some(timeout) = url.take("timeout") {
            builder = builder.default_timeout(parse_timeout(&timeout)?);
        }
        let backend = Stores::open(&mut url)?;
        url.expect_empty()?;
        builder.boxed_backend(backend).build()
    }

    /// Makes a cache from the URL in the environment variable `LARDER_URL`.
    ///
    /// # Errors
    ///
    /// As for [`from_url`](Cache::from_url), and if the variable is not set.
    pub fn from_env<M>() -> Result<Self>
    where
        Stores: OpenStore<M>,
    {
        let url = env::var(ENV).map_err(|error| {
            Error::config(format!("the environment variable {ENV} is not usable"))
                .with_source(error)
        })?;
        Self::from_url(&url)
    }
}

fn parse_timeout(text: &str) -> Result<Timeout> {
    if text == "never" {
        return Ok(Timeout::Never);
    }
    let wrong = || Error::config(format!("timeout={text} is neither seconds nor `never`"));
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
    Ok(Timeout::After(duration))
}

impl StoreUrl {
    /// Takes a URL apart.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::error::ErrorKind::Config) if it has no scheme, or an option without a
    /// value or twice.
    pub fn parse(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| {
            Error::config("a store's URL starts with its scheme, as in `memory://`")
        })?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut options: Vec<(String, String)> = Vec::new();
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').ok_or_else(|| {
                // Not repeated: it may be the rest of a password with a question mark in it.
                Error::config("an option of a store's URL has no value: write `name=value`")
            })?;
            if options.iter().any(|(other, _)| other == name) {
                return Err(Error::config(format!("the option `{name}` is given twice")));
            }
            decode(value)?;
            options.push((name.to_owned(), value.to_owned()));
        }
        Ok(Self {
            scheme: scheme.to_ascii_lowercase(),
            rest: rest.to_owned(),
            options,
        })
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// What stands between `://` and `?`.
    pub fn rest(&self) -> &str {
        &self.rest
    }

    /// What stands between `://` and `?`, with percent encoding undone.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::error::ErrorKind::Config) if it is not UTF-8.
    pub fn path(&self) -> Result<String> {
        decode(&self.rest)
    }

    /// Takes an option out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        decode(&self.take_raw(name)?).ok()
    }

    /// Takes an option out as it is written, percent encoding and all.
    pub fn take_raw(&mut self, name: &str) -> Option<String> {
        let at = self.options.iter().position(|(other, _)| other == name)?;
        Some(self.options.remove(at).1)
    }

    /// Takes an option out that is a number.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::error::ErrorKind::Config) if it is not one.
    pub fn take_number(&mut self, name: &str) -> Result<Option<u64>> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        let wrong = |_| Error::config(format!("{name}={text} is not a whole number"));
        text.parse().map(Some).map_err(wrong)
    }

    fn expect_empty(&self) -> Result<()> {
        match self.options.first() {
            None => Ok(()),
            Some((name, _)) => Err(Error::config(format!(
                "`{}://` knows no option `{name}`",
                self.scheme
            ))),
        }
    }
}

/// Undoes percent encoding.
fn decode(text: &str) -> Result<String> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded
        .map(String::from)
        .map_err(|error| Error::config("a part of a store's URL is not UTF-8").with_source(error))
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({}://..)", self.scheme)
    }
}
