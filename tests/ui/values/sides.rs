//! `cache_none` and `cache_err` on functions that have no such side.

use larder::memoize;

#[memoize(cache_none)]
fn no_none(n: u64) -> u64 {
    n
}

#[memoize(cache_none = 30, timeout = 60)]
async fn no_none_either(n: u64) -> Result<u64, String> {
    Ok(n)
}

#[memoize(cache_err = 5)]
fn no_err(n: u64) -> Option<u64> {
    Some(n)
}

#[memoize(cache_none, cache_err = 5)]
fn neither(n: u64) -> u64 {
    n
}

fn main() {}
