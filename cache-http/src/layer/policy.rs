//! What a layer was told.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use http::request::Parts;
use larder_core::cache::Cache;
use larder_core::scope;
use larder_core::site::{NOT_GENERIC, Place, Site, Spec};
use larder_core::timeout::Timeout;

use crate::body::MAX_BODY;
use crate::layer::passing::Passing;
use crate::lifetime::lifetime;
use crate::stored::StoredResponse;

/// Something asked of a request.
type OfRequest<T> = Arc<dyn Fn(&Parts) -> T + Send + Sync>;
/// Something asked of a response.
type OfResponse<T> = Arc<dyn Fn(&StoredResponse) -> T + Send + Sync>;

/// What a layer was told, and what it learned.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) cache: Option<Cache>,
    default: fn() -> &'static Cache,
    /// The group, as a cached function's.
    pub(crate) site: Arc<Site>,
    pub(crate) timeout: Timeout,
    /// Sorted, each once.
    pub(crate) vary: Vec<HeaderName>,
    pub(crate) key: Option<OfRequest<String>>,
    pub(crate) tags: Vec<OfRequest<Vec<String>>>,
    pub(crate) unless: Vec<OfRequest<bool>>,
    pub(crate) cache_if: Vec<OfResponse<bool>>,
    pub(crate) max_body: usize,
    pub(crate) request_directives: bool,
    pub(crate) passing: Arc<Passing>,
}

/// The layer is one place, wherever it is put.
static PATH: &str = "larder_http::layer";

impl Policy {
    pub(crate) fn new(default: fn() -> &'static Cache) -> Self {
        Self {
            cache: None,
            default,
            site: site("http"),
            timeout: Timeout::Default,
            vary: Vec::new(),
            key: None,
            tags: Vec::new(),
            unless: Vec::new(),
            cache_if: Vec::new(),
            max_body: MAX_BODY,
            request_directives: true,
            passing: Arc::default(),
        }
    }

    pub(crate) fn rename(&mut self, name: &'static str) {
        self.site = site(name);
    }

    pub(crate) fn cache(&self) -> &Cache {
        self.cache.as_ref().unwrap_or_else(|| (self.default)())
    }

    /// The cache that serves the running code.
    pub(crate) fn serving(&self) -> Cache {
        scope::cache().unwrap_or_else(|| self.cache().clone())
    }

    pub(crate) fn place() -> Place<'static> {
        Place {
            path: PATH,
            generics: NOT_GENERIC,
        }
    }

    pub(crate) fn goes_past(&self, parts: &Parts) -> bool {
        self.unless.iter().any(|unless| unless(parts))
    }

    pub(crate) fn refuses(&self, response: &StoredResponse) -> bool {
        !self.cache_if.iter().all(|cache_if| cache_if(response))
    }

    /// How long a response lives, if it says less than the layer: what a shared cache goes by (RFC 9111
    /// §4.2.1), less the age that it came with.
    pub(crate) fn own_lifetime(&self, response: &StoredResponse) -> Option<Duration> {
        let left = lifetime(response.headers())?.saturating_sub(response.age());
        let longest = match self.timeout {
            Timeout::After(longest) => Some(longest),
            Timeout::Never => None,
            Timeout::Default => self.cache().default_timeout(),
        };
        longest.is_none_or(|longest| left < longest).then_some(left)
    }
}

fn site(name: &'static str) -> Arc<Site> {
    let spec = Spec::new("layer", "layer").prefix(name).version(1);
    Arc::new(Site::new(spec))
}
