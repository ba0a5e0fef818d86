//! Cached HTTP responses.

#[cfg(feature = "tower")]
pub use larder_http::{CachedBody, StoredResponse};
