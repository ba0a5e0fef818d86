//! Real servers on free loopback ports, and what can happen to them: processes that are killed,
//! stopped and restarted, and a network that cuts, swallows and delays.
//!
//! Nothing stays behind: every process ends with the test process, however that ends.
#![allow(dead_code)] // every test file takes what it needs

pub(crate) mod child;
pub(crate) mod cluster;
pub(crate) mod config;
pub(crate) mod folder;
pub(crate) mod memcached;
#[cfg(feature = "redis")]
pub(crate) mod patient;
pub(crate) mod port;
pub(crate) mod proxy;
pub(crate) mod resp;
pub(crate) mod sentinel;
pub(crate) mod server;
pub(crate) mod tls;

use std::thread;
use std::time::{Duration, Instant};

/// Waits until something holds; a server that takes longer than `within` is a failed test.
#[track_caller]
pub(crate) fn until(what: &str, within: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < within, "{what}: not within {within:?}");
        thread::sleep(Duration::from_millis(5));
    }
    start.elapsed()
}

/// What a server needs at most, on a machine that has other things to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
