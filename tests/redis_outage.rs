//! Law: whatever happens to the store, a cached function answers right and in time, an invalidation
//! that was not acknowledged says so, and afterwards it caches again by itself.
//!
//! Two caches over one server stand for two processes. What is measured goes to stderr, whether or
//! not a test passes.
#![cfg(feature = "redis")]

#[path = "outage/bench.rs"]
mod bench;
#[path = "redis_outage/bytes.rs"]
mod bytes;
mod common;
#[path = "outage/down.rs"]
mod down;
#[path = "redis_outage/failover.rs"]
mod failover;
#[path = "redis_outage/full.rs"]
mod full;
#[path = "kinds/redis.rs"]
mod kind;
#[path = "redis_outage/password.rs"]
mod password;
#[path = "outage/recovery.rs"]
mod recovery;
#[path = "outage/replay.rs"]
mod replay;
mod servers;
#[path = "outage/slow.rs"]
mod slow;
