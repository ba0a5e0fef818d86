//! The protocol: what is sent for each operation of a store, and what the answers mean.
//!
//! An entry and the versions that cover it are in one server, which runs what one connection sends in
//! order: they are read in one row, the versions first where somebody is to compute. Every write is a
//! compare and swap with what the writer saw before, so that one that arrives late changes nothing.
//! (See `docs/design/0011-freshness-in-memcached.md`.)

mod beside;
mod forget;
mod lease;
mod look;
mod read;
mod together;
mod write;

pub(super) use forget::{forget, forget_versions};
pub(super) use lease::{acquire, extend, release, store};
pub(super) use read::{read, read_many, ttl};
pub(super) use write::{add, incr, write_many};
