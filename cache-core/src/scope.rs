//! Scopes: how the cached calls made inside behave, through awaits and nested calls.
//!
//! For tests, for administrators' requests, for `Cache-Control: no-cache`. A scope holds for the
//! code that it runs, on whatever threads that is polled; what the code spawns is outside.
//!
//! ```
//! use larder_core::scope;
//!
//! let answer = scope::bypass_sync(|| 6 * 7);
//! assert_eq!(answer, 42);
//! ```

use std::sync::Arc;

use crate::ambient::{self, Change, Mode, within, within_sync};
use crate::cache::Cache;

/// Runs a future in which cached calls neither read nor keep anything.
pub async fn bypass<F: Future>(future: F) -> F::Output {
    within(Change::Mode(Mode::Bypass), future).await
}

/// Runs a future in which cached calls do not read, but compute and keep.
pub async fn refresh<F: Future>(future: F) -> F::Output {
    within(Change::Mode(Mode::Refresh), future).await
}

/// Runs a future in which cached functions are served by `cache`, whatever cache they name.
pub async fn with_cache<F: Future>(cache: &Cache, future: F) -> F::Output {
    within(Change::Cache(Arc::clone(cache.engine())), future).await
}

/// The cache of the innermost scope around the running code that names one.
pub fn cache() -> Option<Cache> {
    ambient::cache().map(Cache::from_engine)
}

/// Runs a closure in which cached calls neither read nor keep anything.
pub fn bypass_sync<T>(run: impl FnOnce() -> T) -> T {
    within_sync(Change::Mode(Mode::Bypass), run)
}

/// Runs a closure in which cached calls do not read, but compute and keep.
pub fn refresh_sync<T>(run: impl FnOnce() -> T) -> T {
    within_sync(Change::Mode(Mode::Refresh), run)
}

/// Runs a closure in which cached functions are served by `cache`, whatever cache they name.
pub fn with_cache_sync<T>(cache: &Cache, run: impl FnOnce() -> T) -> T {
    within_sync(Change::Cache(Arc::clone(cache.engine())), run)
}
