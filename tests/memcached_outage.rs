//! Law: whatever happens to memcached, a cached function answers right and in time, an invalidation
//! that was not acknowledged says so, and afterwards it caches again by itself.
//!
//! Two caches over one server stand for two processes. What is measured goes to stderr, whether or
//! not a test passes.
#![cfg(feature = "memcached")]

#[path = "outage/bench.rs"]
mod bench;
#[path = "memcached_outage/bytes.rs"]
mod bytes;
mod common;
#[path = "outage/down.rs"]
mod down;
#[path = "memcached_outage/full.rs"]
mod full;
#[path = "kinds/memcached.rs"]
mod kind;
#[path = "memcached_outage/part.rs"]
mod part;
#[path = "outage/recovery.rs"]
mod recovery;
#[path = "outage/replay.rs"]
mod replay;
mod servers;
#[path = "outage/slow.rs"]
mod slow;
