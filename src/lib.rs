//! larder
pub use larder_core::backend::Backend;
pub use larder_core::builder::Builder;
pub use larder_core::cache::Cache;
pub use larder_core::clock::Clock;
pub use larder_core::counters::{FunctionStats, Stats};
pub use larder_core::entry::Entry;
pub use larder_core::error::{Error, ErrorKind, Result};
pub use larder_core::observer::{Event, EventKind, Observer};
pub use larder_core::reply::Reply;
pub use larder_core::scope;
pub use larder_core::timeout::{Timeout, Ttl};
pub use larder_core::value::Value;
pub use larder_macros::{cached, memoize};

pub use installed::{install, installed};

#[doc(hidden)]
pub mod __private;
mod installed;
mod stores;

/// Stores.
pub mod backends {
    #[cfg(feature = "moka")]
    pub use larder_backends::Moka;
    pub use larder_backends::{Memory, Null};
    pub use larder_core::plain::{Plain, PlainStore};
}
