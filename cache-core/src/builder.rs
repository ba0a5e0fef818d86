//! Configuring a cache in code.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::Backend;
use crate::cache::Cache;
use crate::engine::{Engine, Settings};
use crate::error::{Error, Result};
use crate::freshness::Realm;
use crate::observer::Observer;
use crate::timeout::Timeout;

/// Configures a [`Cache`]. Nothing connects and nothing is checked before
/// [`build`](Builder::build).
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    backend: Option<Box<dyn Backend>>,
    key_prefix: String,
    hash_seed: [u8; 16],
    default_timeout: Timeout,
    wait_limit: Duration,
    observer: Option<Arc<dyn Observer>>,
}

/// How long a value lives where nobody says it.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);
/// How long a caller waits for another's computation where nobody says it.
const WAIT_LIMIT: Duration = Duration::from_secs(30);

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            backend: None,
            key_prefix: String::new(),
            hash_seed: [0; 16],
            default_timeout: Timeout::Default,
            wait_limit: WAIT_LIMIT,
            observer: None,
        }
    }

    /// The store. Required.
    pub fn backend(self, backend: impl Backend) -> Self {
        self.boxed_backend(Box::new(backend))
    }

    pub(crate) fn boxed_backend(mut self, backend: Box<dyn Backend>) -> Self {
        self.backend = Some(backend);
        self
    }

    /// What every key starts with in a shared store, which refuses to be built without. Caches
    /// with different prefixes never see each other.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// How long a value lives where nobody says it: 300 s unless set.
    pub fn default_timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.default_timeout = timeout.into();
        self
    }

    /// Seeds the hash of every key, for caches that hostile input can reach: whoever does not know
    /// the seed cannot make two keys meet. Processes that share a store need the same seed.
    pub fn hash_seed(mut self, seed: [u8; 16]) -> Self {
        self.hash_seed = seed;
        self
    }

    /// How long a caller waits for another's computation of the same key before it computes for
    /// itself, without keeping the result: 30 s unless set.
    pub fn wait_limit(mut self, limit: Duration) -> Self {
        self.wait_limit = limit;
        self
    }

    /// Who is told what the cache does.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Checks everything and builds the cache. Connects to nothing.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::error::ErrorKind::Config) if there is no backend, if a shared store has no
    /// `key_prefix`, if the prefix contains braces, or if the default timeout is zero.
    pub fn build(self) -> Result<Cache> {
        let settings = Settings {
            default_timeout: default_timeout(self.default_timeout)?,
            wait_limit: self.wait_limit,
            observer: self.observer,
        };
        let missing = || Error::config("no store: give the builder a `.backend(..)`");
        let backend = self.backend.ok_or_else(missing)?;
        check_prefix(&self.key_prefix, backend.profile().shared)?;
        let realm = Arc::new(Realm::new(&self.key_prefix, self.hash_seed));
        Ok(Cache::from_engine(Engine::new(realm, backend, settings)))
    }
}

impl Cache {
    /// Starts to configure a cache.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

fn default_timeout(timeout: Timeout) -> Result<Option<Duration>> {
    match timeout {
        Timeout::Default => Ok(Some(DEFAULT_TIMEOUT)),
        Timeout::Never => Ok(None),
        Timeout::After(Duration::ZERO) => Err(Error::config(
            "a default timeout of 0 would keep nothing: use `Timeout::Never` to keep for ever, or the `Null` store to keep nothing",
        )),
        Timeout::After(duration) => Ok(Some(duration)),
    }
}

fn check_prefix(prefix: &str, shared: bool) -> Result<()> {
    if shared && prefix.is_empty() {
        return Err(Error::config(
            "a shared store needs a `.key_prefix(..)`, such as \"my_app_v1:\": without one, two applications on one store would read each other's entries",
        ));
    }
    if prefix.contains(['{', '}']) {
        return Err(Error::config(format!(
            "the key prefix {prefix:?} contains a brace: braces mark the group in a key",
        )));
    }
    Ok(())
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("backend", &self.backend)
            .field("key_prefix", &self.key_prefix)
            .field("default_timeout", &self.default_timeout)
            .finish_non_exhaustive()
    }
}
