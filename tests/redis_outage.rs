//! Law: whatever happens to the store, a cached function answers right and in time, an invalidation
//! that was not acknowledged says so, and afterwards it caches again by itself.
//!
//! Two caches over one server stand for two processes. What is measured goes to stderr, whether or
//! not a test passes.
#![cfg(feature = "redis")]

#[path = "redis_outage/bench.rs"]
mod bench;
#[path = "redis_outage/bytes.rs"]
mod bytes;
mod common;
#[path = "redis_outage/down.rs"]
mod down;
#[path = "redis_outage/failover.rs"]
mod failover;
#[path = "redis_outage/full.rs"]
mod full;
#[path = "redis_outage/recovery.rs"]
mod recovery;
#[path = "redis_outage/replay.rs"]
mod replay;
mod servers;
#[path = "redis_outage/slow.rs"]
mod slow;
