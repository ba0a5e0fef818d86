//! Hooks that are no closures over the value.

use larder::memoize;

#[memoize(cache_if = n > 3, is_stale = true)]
fn expressions(n: u64) -> u64 {
    n
}

#[memoize(cache_if = |a, b| a == b, is_stale = || true, timeout = |a, b| 5)]
fn not_one_value(n: u64) -> u64 {
    n
}

#[memoize(cache_if = async |n| true)]
fn asynchronous(n: u64) -> u64 {
    n
}

fn main() {}
