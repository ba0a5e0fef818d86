//! Arguments that are there, written in a way that they are not.

use larder::memoize;

#[memoize(timeout, key_prefix, key, tags, cache, unless, refresh, cache_if, is_stale)]
fn without_a_value(n: u64) -> u64 {
    n
}

#[memoize(cache_err, jitter, version, name, flight, helpers, crate)]
fn without_a_value_either(n: u64) -> u64 {
    n
}

#[memoize(timeout =, skip)]
fn without_the_rest(n: u64) -> u64 {
    n
}

#[memoize(timeout(60), unless(n == 1))]
fn like_a_call(n: u64) -> u64 {
    n
}

#[memoize(timeout = 60, timeout = 5, local, local, skip(n), skip(n))]
fn twice(n: u64) -> u64 {
    n
}

#[memoize(local = true, helpers = 3, flight = "none")]
fn flags(n: u64) -> u64 {
    n
}

#[memoize(flight = local, helpers = "false", local(true))]
fn other_flags(n: u64) -> u64 {
    n
}

#[memoize(cache_none = true)]
fn a_flag_with_a_value(n: u64) -> Option<u64> {
    Some(n)
}

#[memoize(version = "1.2")]
fn version_of_text(n: u64) -> u64 {
    n
}

#[memoize(version = -1)]
fn version_below_zero(n: u64) -> u64 {
    n
}

#[memoize(version = 99999999999999999999)]
fn version_too_large(n: u64) -> u64 {
    n
}

#[memoize(jitter = 1.5)]
fn jitter_too_large(n: u64) -> u64 {
    n
}

#[memoize(jitter = -0.1)]
fn jitter_below_zero(n: u64) -> u64 {
    n
}

#[memoize(jitter = "a tenth")]
fn jitter_of_text(n: u64) -> u64 {
    n
}

#[memoize(crate = "larder")]
fn crate_of_text(n: u64) -> u64 {
    n
}

fn main() {}
