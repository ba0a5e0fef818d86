//! A cache before any tower service: [`CacheLayer`].

mod asked;
mod forgetting;
mod known;
mod making;
mod passing;
mod paths;
mod policy;
mod service;
mod target;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use http::HeaderName;
use http::request::Parts;
use larder_core::cache::Cache;
use larder_core::error::Result;
use larder_core::reply::Reply;
use larder_core::timeout::Timeout;
use tower_layer::Layer;

use crate::layer::policy::Policy;
use crate::stored::StoredResponse;

pub use crate::layer::service::CacheService;

/// Where a layer finds its cache that names none.
pub trait DefaultCache {
    /// The cache.
    fn cache() -> &'static Cache;
}

/// Keeps the responses of the service behind it.
///
/// The key is the host (with its port), the path and the query, whose parameters are sorted by name. One
/// request computes for all that come meanwhile, in every process that shares the store. Responses say how
/// they came about: `x-cache: HIT` or `MISS`, `age`, and `cache-status` (RFC 9211).
///
/// Under axum, switch the feature `axum` on: without it, the layer does not know the whole path inside of a nested
/// router. Services that share a cache, and answer differently for one host and path, need layers with
/// different [`name`](Self::name)s: a client may send any `host`.
///
/// # What is kept
///
/// Answers to `GET` with a 2xx status, but
///
/// * none to a request with `authorization` or `cookie`, unless [`vary`](Self::vary) names them;
/// * none that sets a cookie, or that says `no-store`, `private` or `no-cache`;
/// * none whose `vary` names a header that is not in the key;
/// * none whose length is not known beforehand, as of a stream, or is another than was said, or is over
///   [`max_body`](Self::max_body);
/// * none to a request with a range, a body, `if-match`, `if-unmodified-since`, or two hosts.
///
/// What is not kept is not handed to those who wait either: each request is answered for itself.
/// A response lives for the [`timeout`](Self::timeout), or for as long as it says itself (`s-maxage`, `max-age`,
/// `expires`), if that is shorter. A `HEAD` is answered from a kept `GET`, or goes to the service. A request
/// with another method that succeeds forgets what is kept for its path (RFC 9111 §4.4).
///
/// Strangers decide how many different requests there are: give the store a bound in bytes, as
/// `Memory::builder().max_bytes(..)`.
///
/// # What clients can say
///
/// `if-none-match` and `if-modified-since` are answered with 304; a response without an `etag` gets a weak one.
/// `cache-control: no-cache` makes the response anew, and whatever cached functions it is made of;
/// `max-age=30` takes none that is older; `only-if-cached` takes none that has to be made; `no-store` goes
/// past the cache. [`request_directives`](Self::request_directives) switches these off.
///
/// # Cancel safety
///
/// A client that hangs up while its request computes hands the computation over to one that waits.
pub struct CacheLayer<D> {
    policy: Policy,
    default: PhantomData<fn() -> D>,
}

impl<D: DefaultCache> CacheLayer<D> {
    /// A layer over the default cache, with its default timeout.
    #[allow(clippy::new_without_default)] // nothing is put where a layer is expected by default
    pub fn new() -> Self {
        Self {
            policy: Policy::new(D::cache),
            default: PhantomData,
        }
    }
}

impl<D> CacheLayer<D> {
    /// How long a response lives: seconds, or a `Duration`. The cache's default timeout unless set.
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.policy.timeout = timeout.into();
        self
    }

    /// The headers of a request that are part of the key, such as `accept-language`. Responses name them
    /// in `vary`.
    ///
    /// To name `cookie` or `authorization` is to keep a response for each of their values.
    ///
    /// # Panics
    ///
    /// Panics if a name cannot be the name of a header.
    pub fn vary<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let name = |name: N| {
            let text = name.as_ref();
            let parsed = HeaderName::try_from(text);
            parsed.unwrap_or_else(|error| panic!("{text:?} cannot name a header: {error}"))
        };
        self.policy.vary.extend(names.into_iter().map(name));
        self.policy.vary.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        self.policy.vary.dedup();
        self
    }

    /// What the key is made of, in the place of the host and the query. The path, and the headers in
    /// [`vary`](Self::vary), stay part of it.
    ///
    /// Two requests with one key get one response: everything else that the response depends on has to be
    /// in it.
    pub fn key<K: Into<String>>(
        mut self,
        key: impl Fn(&Parts) -> K + Send + Sync + 'static,
    ) -> Self {
        self.policy.key = Some(Arc::new(move |parts| key(parts).into()));
        self
    }

    /// Which requests go past the cache: nothing is read for them, and nothing kept. Said twice, either
    /// will do.
    pub fn unless(mut self, unless: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.policy.unless.push(Arc::new(unless));
        self
    }

    /// Which responses are kept, of those that may be. Said twice, both must agree.
    pub fn cache_if(
        mut self,
        cache_if: impl Fn(&StoredResponse) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.policy.cache_if.push(Arc::new(cache_if));
        self
    }

    /// The longest body that is kept, in bytes: 1 MiB unless set.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.policy.max_body = bytes;
        self
    }

    /// Whether `cache-control` in requests counts: it does, unless switched off. Whoever may send requests
    /// can have every response made anew by it.
    pub fn request_directives(mut self, count: bool) -> Self {
        self.policy.request_directives = count;
        self
    }

    /// The cache, in the place of the installed one.
    pub fn cache(mut self, cache: &Cache) -> Self {
        self.policy.cache = Some(cache.clone());
        self
    }

    /// The group that the responses are in: `http` unless set. Layers with one name share what they
    /// keep, wherever they ask for the same.
    pub fn name(mut self, name: &'static str) -> Self {
        self.policy.rename(name);
        self
    }

    /// Groups for `cache.invalidate_tag(..)`, beside the paths that [`invalidate`](Self::invalidate) knows:
    /// `.tags(|request| [format!("tenant:{}", tenant_of(request))])`. They are no part of the key.
    pub fn tags<T: IntoIterator<Item: Into<String>>>(
        mut self,
        tags: impl Fn(&Parts) -> T + Send + Sync + 'static,
    ) -> Self {
        let texts = move |parts: &Parts| tags(parts).into_iter().map(Into::into).collect();
        self.policy.tags.push(Arc::new(texts));
        self
    }

    /// Forgets the responses to one path, whatever the host and the query: `/report/7`; or to a path and
    /// everything below it: `/report/*`.
    ///
    /// The path may be encoded or not, and be a whole URL. What is the same path in another spelling
    /// is forgotten with it; a path deeper than four segments takes what is beside it along with `/*`. All
    /// layers over the same cache are covered, in every process that shares its store, and so is what is being
    /// computed. One round trip.
    ///
    /// # Errors
    ///
    /// [`NotAcknowledged`](larder_core::error::ErrorKind::NotAcknowledged) if the store did not confirm
    /// it. In this process it has happened.
    pub fn invalidate(&self, path: &str) -> Reply<'static, Result<()>> {
        let cache = self.policy.serving();
        cache.into_invalidated_tag(paths::covered(path))
    }
}

impl<D> Clone for CacheLayer<D> {
    fn clone(&self) -> Self {
        Self {
            policy: self.policy.clone(),
            default: PhantomData,
        }
    }
}

impl<D, S> Layer<S> for CacheLayer<D> {
    type Service = CacheService<S>;

    fn layer(&self, inner: S) -> CacheService<S> {
        CacheService::new(inner, Arc::new(self.policy.clone()))
    }
}

impl<D> fmt::Debug for CacheLayer<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheLayer")
            .field("timeout", &self.policy.timeout)
            .field("vary", &self.policy.vary)
            .field("max_body", &self.policy.max_body)
            .finish_non_exhaustive()
    }
}
