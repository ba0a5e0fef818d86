//! The vocabulary of larder and the act of caching.
//!
//! Applications depend on the `larder` crate, which re-exports what they need. This crate is for
//! those who write a store of their own: implement [`backend::Backend`], or wrap a
//! [`plain::PlainStore`] in [`plain::Plain`].
//!
//! How to find your way: a call is gathered by its [`request`] and answered by [`call`], which knows the types of the
//! function. If the function does not remember it (its [`lookaside`]), it looks the [`key`] up in the [`backend`]; on a
//! miss its `trip` begins: the `errand` waits for its turn in the [`flight`] table and gets the `lead`: it computes, and
//! stores. What has been invalidated stands in [`freshness`].
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(not(shuttle))]
mod alarm;
#[doc(hidden)]
pub mod all_entries;
mod ambient;
mod asking;
pub mod backend;
mod background;
pub mod builder;
pub mod cache;
#[doc(hidden)]
pub mod call;
mod calling;
mod changes;
pub mod clock;
mod codec;
mod compute;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod counter;
pub mod counters;
mod engine;
#[doc(hidden)]
pub mod entry;
mod errand;
pub mod error;
#[doc(hidden)]
pub mod flight;
#[cfg(feature = "codec")]
#[cfg_attr(docsrs, doc(cfg(feature = "codec")))]
pub mod frame;
pub mod freshness;
mod going;
mod heart;
pub mod ids;
mod invalidate;
#[doc(hidden)]
pub mod keeping;
pub mod key;
#[doc(hidden)]
pub mod kind;
mod lane;
mod last_log;
mod lead;
mod look;
#[doc(hidden)]
pub mod lookaside;
pub mod observer;
mod owned_scope;
#[doc(hidden)]
pub mod parts;
mod path;
mod pending;
#[cfg(feature = "codec")]
#[cfg_attr(docsrs, doc(cfg(feature = "codec")))]
pub mod plain;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod probe;
pub mod random;
mod ready;
mod recall;
mod remembering;
pub mod reply;
#[doc(hidden)]
pub mod request;
pub mod scope;
mod served;
#[cfg(feature = "codec")]
mod shape;
mod sip;
#[doc(hidden)]
pub mod site;
pub mod stamp;
mod sync;
pub mod tag;
pub mod timeout;
mod trip;
mod typed;
pub mod url;
pub mod value;
#[doc(hidden)]
pub mod wait;
mod weight;
mod who;
