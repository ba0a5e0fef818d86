//! Cached HTTP responses: the layer, what is kept of a response, template fragments, a status page.
//!
//! `#[cached]` on a handler keeps its response by the handler's arguments (feature `axum`). The
//! [`CacheLayer`] keeps responses by their requests, for any tower service (feature `tower`).
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, extract::Path, response::Html, routing::get};
//! use larder::{cached, http::CacheLayer};
//!
//! #[cached(timeout = 60)]
//! async fn product(Path(id): Path<u64>) -> Html<String> {
//!     Html(format!("<h1>product {id}</h1>")) // imagine a database
//! }
//!
//! async fn report() -> &'static str {
//!     "a long one"
//! }
//!
//! let layer = CacheLayer::new().timeout(60).vary(["accept-language"]);
//! let app: Router = Router::new()
//!     .route("/product/{id}", get(product))
//!     .route("/report/{id}", get(report).layer(layer));
//! # }
//! ```

#[cfg(feature = "tower")]
use larder_core::cache::Cache;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use larder_http::status;
#[cfg(feature = "tower")]
pub use larder_http::{CacheService, CachedBody, DefaultCache, StoredResponse};
#[cfg(feature = "minijinja")]
#[cfg_attr(docsrs, doc(cfg(feature = "minijinja")))]
pub use larder_http::{delete_fragment, fragments};

/// The installed cache, as a layer finds it.
#[cfg(feature = "tower")]
pub struct Installed;

#[cfg(feature = "tower")]
impl DefaultCache for Installed {
    fn cache() -> &'static Cache {
        crate::installed()
    }
}

/// Keeps the responses of the service behind it, in the installed cache or in one of its own. See
/// [`larder_http::CacheLayer`].
#[cfg(feature = "tower")]
pub type CacheLayer = larder_http::CacheLayer<Installed>;
