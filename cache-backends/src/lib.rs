//! Stores for larder, each behind a feature.
//!
//! Applications depend on the `larder` crate, which re-exports them as `larder::backends`.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "redis", feature = "memcached"))]
mod errand;
#[cfg(feature = "file")]
pub mod file;
pub mod in_process;
#[cfg(feature = "memcached")]
pub mod memcached;
#[cfg(feature = "memory")]
pub mod memory;
#[cfg(feature = "moka")]
pub mod moka;
pub mod null;
mod open;
#[cfg(any(feature = "memcached", feature = "redis"))]
mod outage;
#[cfg(any(feature = "file", feature = "memcached", feature = "redis"))]
mod payload;
#[cfg(any(feature = "memcached", feature = "redis"))]
mod recent;
#[cfg(feature = "redis")]
pub mod redis;
pub mod table;

#[cfg(feature = "file")]
pub use file::File;
#[cfg(feature = "memcached")]
pub use memcached::Memcached;
#[cfg(feature = "memory")]
pub use memory::Memory;
#[cfg(feature = "moka")]
pub use moka::Moka;
pub use null::Null;
pub use open::open;
#[cfg(feature = "redis")]
pub use redis::Redis;
