//! A name that is no argument: the nearest one, the one that other caches mean, or all.

use larder::{cached, memoize};

#[memoize(timout = 60)]
fn typing_error(n: u64) -> u64 {
    n
}

#[memoize(ttl = 60, prefix = "a", ignore(n))]
fn from_elsewhere(n: u64) -> u64 {
    n
}

#[memoize(banana, timeout = 60)]
fn nowhere_near(n: u64) -> u64 {
    n
}

#[cached(stale = 5, stale_on_error = "1h", compute_timeout = 5, early)]
fn later(n: u64) -> u64 {
    n
}

#[memoize(60)]
fn value_alone(n: u64) -> u64 {
    n
}

#[memoize("60", timeout = 5)]
fn text_alone(n: u64) -> u64 {
    n
}

#[memoize(timeout = 60 key_prefix = "a")]
fn no_comma(n: u64) -> u64 {
    n
}

fn main() {}
