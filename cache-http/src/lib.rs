//! Cached HTTP responses for `larder`, which re-exports what its users need.
//!
//! Two ways lead to a kept response. `#[cached]` on a handler calls `handler`, and the key is made of
//! the handler's arguments. The `CacheLayer` stands before any tower service, and the key is made of the
//! request. Both turn a response into an `answer`: a `StoredResponse` if it is `keepable`, with a
//! whole `body`, or one for its own caller only. `fragment` and `status` are for themselves.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "tower")]
#[doc(hidden)]
pub mod answer;
#[cfg(feature = "tower")]
mod body;
#[cfg(feature = "axum")]
#[doc(hidden)]
pub mod class;
#[cfg(feature = "tower")]
mod control;
#[cfg(feature = "minijinja")]
mod fragment;
#[cfg(feature = "axum")]
#[doc(hidden)]
pub mod handler;
#[cfg(feature = "tower")]
mod hop;
#[cfg(feature = "tower")]
mod keepable;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "tower")]
mod lifetime;
#[cfg(feature = "tower")]
#[doc(hidden)]
pub mod mark;
#[cfg(feature = "axum")]
mod status;
#[cfg(feature = "tower")]
mod stored;

#[cfg(feature = "tower")]
pub use body::CachedBody;
#[cfg(feature = "minijinja")]
pub use fragment::{delete_fragment, fragments};
#[cfg(feature = "tower")]
pub use layer::{CacheLayer, CacheService, DefaultCache};
#[cfg(feature = "axum")]
pub use status::status;
#[cfg(feature = "tower")]
pub use stored::StoredResponse;
