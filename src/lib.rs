//! **Keep what you have already made.** Function caching for Rust that is never stale after an
//! invalidation.
//!
//! Put an attribute on a function; the next call with the same arguments is answered from a cache.
//! When something changes, say so: *after an invalidation, nobody is served what was computed
//! before it*, not even by a computation that was under way at that moment.
//!
//! ```
//! use larder::memoize;
//!
//! #[memoize(timeout = 60)]
//! fn square(n: u64) -> u64 {
//!     n * n // imagine something slow
//! }
//!
//! # fn main() -> larder::Result<()> {
//! assert_eq!(square(4), 16); // computed
//! assert_eq!(square(4), 16); // kept
//! assert!(delete_memoized_square(4)?); // forgotten: the next call computes
//! delete_all_memoized_square()?; // every argument set forgotten, in O(1)
//! # Ok(())
//! # }
//! ```
//!
//! No set-up: without configuration the process gets a bounded cache in memory, 10 000 entries
//! that live 300 s. To configure, [`install`] a [`Cache`] first thing in `main`, or give a
//! function one of its own with `cache = ...`.
//!
//! # The attributes
//!
//! [`memoize`] is for helper functions, [`cached`] for what you want to name in the store
//! (`key_prefix = "homepage"`). Both take the same arguments and work on functions and methods,
//! `async` or not, generic or not. What is kept:
//!
//! | returned | kept |
//! |---|---|
//! | `T` | always |
//! | `Result<T, E>` | `Ok`; `cache_err = 5` keeps errors for 5 s as well |
//! | `Option<T>` | `Some`; `cache_none` keeps `None` as well |
//! | `Result<Option<T>, E>` | `Ok(Some(_))`, and so on |
//! | a response (`#[cached]`, feature `axum`) | a 2xx that is for everybody |
//!
//! Beside `square` stand `memoized_square(n)`, its [`Entry`]; `delete_memoized_square(n)`; and
//! `delete_all_memoized_square()`.
//!
//! # The cache by hand
//!
//! Every operation of a [`Cache`] answers a [`Reply`]: `.await` it, or `.wait()` for it.
//!
//! ```
//! # fn main() -> larder::Result<()> {
//! let cache = larder::installed();
//! cache.set("greeting", &"hello".to_owned(), 60).wait()?;
//! assert_eq!(cache.get::<String>("greeting").wait()?.as_deref(), Some("hello"));
//!
//! let visits = cache.get_or_compute_with("visits", 60, || 41_u64).wait();
//! assert_eq!(visits, 41);
//! # Ok(())
//! # }
//! ```
//!
//! # Crate features
//!
//! | feature | brings |
//! |---|---|
//! | (default) | [`backends::Memory`], [`backends::Null`] |
//! | `codec` | values as bytes, for a store of your own: `backends::Plain`, `backends::Frame`. In what follows where it is needed |
//! | `moka` | `backends::Moka`: W-TinyLFU admission |
//! | `file` | `backends::File`: files in a directory, for one machine, kept across restarts |
//! | `redis` | `backends::Redis`: one cache for many processes, in Redis or Valkey |
//! | `memcached` | `backends::Memcached`: the same in memcached |
//! | `redis-tls`, `redis-cluster`, `redis-sentinel` | the same over TLS (rustls), in a cluster, behind sentinels |
//! | `tower` | [`http::CacheLayer`](http): cached responses for any tower service |
//! | `axum` | `#[cached]` on handlers, and a status page; includes `tower` |
//! | `minijinja` | cached fragments in templates |
//! | `conformance` | `larder::conformance`: the laws of a store, as tests for your own |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use http::CacheLayer;
pub use larder_core::builder::Builder;
pub use larder_core::cache::Cache;
pub use larder_core::clock::Clock;
pub use larder_core::counters::{FunctionStats, Stats};
pub use larder_core::entry::Entry;
pub use larder_core::error::{Error, ErrorKind, Result};
pub use larder_core::key::KeyPart;
pub use larder_core::observer::{Event, EventKind, Observer};
pub use larder_core::reply::Reply;
pub use larder_core::scope;
pub use larder_core::timeout::{Timeout, Ttl};
pub use larder_core::value::{LocalValue, Value};

/// Keeps what a function returned, and answers the next call with the same arguments with it.
///
/// ```
/// use larder::memoize;
///
/// #[memoize(timeout = "10m", cache_if = |words| !words.is_empty())]
/// fn words(text: &str) -> Vec<String> {
///     text.split_whitespace().map(str::to_owned).collect()
/// }
///
/// # fn main() -> larder::Result<()> {
/// assert_eq!(words("one two").len(), 2);
/// assert!(memoized_words("one two").get().wait()?.is_some());
/// assert!(delete_memoized_words("one two")?);
/// # Ok(())
/// # }
/// ```
///
#[doc = include_str!("attributes.md")]
pub use larder_macros::memoize;

/// Keeps what a function returned under a name of your choice.
///
/// The same attribute as [`memoize`], for what you want to find in the store: `key_prefix =
/// "homepage"` names the group, and a function without arguments is then kept under that very key.
///
/// ```
/// use larder::cached;
///
/// #[cached(timeout = 30, key_prefix = "homepage")]
/// fn home() -> String {
///     "<h1>hello</h1>".to_owned() // imagine a template
/// }
///
/// # fn main() -> larder::Result<()> {
/// home();
/// assert!(larder::installed().has("homepage").wait()?);
/// assert!(larder::installed().delete("homepage").wait()?);
/// # Ok(())
/// # }
/// ```
///
#[doc = include_str!("attributes.md")]
pub use larder_macros::cached;

#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub use larder_core::conformance;

pub use installed::{install, installed};

#[doc(hidden)]
pub mod __private;
pub mod backends;
#[cfg(doctest)]
mod guide;
#[cfg(any(feature = "tower", feature = "minijinja"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "tower", feature = "minijinja"))))]
pub mod http;
mod installed;
mod stores;
