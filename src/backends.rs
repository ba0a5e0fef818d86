//! Stores, and what it takes to write one.
//!
//! | store | is |
//! |---|---|
//! | [`Memory`] | the default: bounded, in this process, values as they are |
//! | `Moka` (feature `moka`) | the moka crate, with the same guarantee |
//! | `Redis` (feature `redis`) | Redis and Valkey: one cache for many processes |
//! | `File` (feature `file`) | files in a directory: for one machine, kept across restarts |
//! | `Memcached` (feature `memcached`) | memcached: the same |
//! | [`Null`] | keeps nothing |
//! | `Plain` (feature `codec`) | makes a store of anything that knows get, set and delete |
//!
//! A store for several processes implements [`Backend`]: a small trait stated as laws, which
//! `larder::conformance` (feature `conformance`) tests. The guide's chapter
//! `docs/guide/11-your-own-store.md` writes one from nothing, over SQLite: `examples/sqlite`.

#[cfg(feature = "file")]
#[cfg_attr(docsrs, doc(cfg(feature = "file")))]
pub use larder_backends::File;
#[cfg(feature = "memcached")]
#[cfg_attr(docsrs, doc(cfg(feature = "memcached")))]
pub use larder_backends::Memcached;
#[cfg(feature = "moka")]
#[cfg_attr(docsrs, doc(cfg(feature = "moka")))]
pub use larder_backends::Moka;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use larder_backends::Redis;
#[cfg(feature = "file")]
#[cfg_attr(docsrs, doc(cfg(feature = "file")))]
pub use larder_backends::file;
#[cfg(feature = "memcached")]
#[cfg_attr(docsrs, doc(cfg(feature = "memcached")))]
pub use larder_backends::memcached;
pub use larder_backends::memory;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use larder_backends::redis;
pub use larder_backends::{Memory, Null};
pub use larder_core::backend::{
    Acquired, Backend, Claim, Lease, Profile, Scope, Seen, Stored, Token, Versions,
};
#[cfg(feature = "codec")]
#[cfg_attr(docsrs, doc(cfg(feature = "codec")))]
pub use larder_core::frame::{Codec, Frame, NEVER};
pub use larder_core::key::Key;
#[cfg(feature = "codec")]
#[cfg_attr(docsrs, doc(cfg(feature = "codec")))]
pub use larder_core::plain::{Plain, PlainStore};
pub use larder_core::stamp::Stamp;
pub use larder_core::value::{Item, Kept, Object, Term};
