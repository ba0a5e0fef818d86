//! Hooks and expressions of a wrong type.

use larder::memoize;

#[memoize(cache_if = |v| v + 1)]
fn closure_of_a_number(n: u64) -> u64 {
    n
}

#[memoize(cache_if = |v: &String| v.is_empty())]
fn closure_over_something_else(n: u64) -> u64 {
    n
}

#[memoize(is_stale = |v: &Option<u64>| v.is_none())]
fn closure_over_the_option(n: u64) -> Option<u64> {
    Some(n)
}

#[memoize(timeout = |v| *v as i32)]
fn timeout_of_another_number(n: u64) -> u64 {
    n
}

#[memoize(timeout = |_| "1h")]
fn timeout_of_text(n: u64) -> u64 {
    n
}

#[memoize(timeout = secs)]
fn timeout_of_a_parameter(secs: u32) -> u64 {
    secs.into()
}

#[memoize(cache_none = n, cache_err = n)]
fn timeouts_of_the_sides(n: f64) -> Result<Option<u64>, String> {
    Ok(Some(n as u64))
}

fn is_long(text: &str) -> bool {
    text.len() > 3
}

fn length(text: &str) -> usize {
    text.len()
}

#[memoize(cache_if = is_long)]
fn path_over_something_else(n: u64) -> u64 {
    n
}

#[memoize(cache_if = length)]
fn path_of_a_number(n: u64) -> String {
    n.to_string()
}

#[memoize(cache_if = nowhere)]
fn path_to_nowhere(n: u64) -> u64 {
    n
}

#[memoize(unless = n, refresh = "yes")]
fn not_bool(n: u64) -> u64 {
    n
}

#[memoize(cache = 5)]
fn not_a_cache(n: u64) -> u64 {
    n
}

#[memoize(cache = cache, skip(cache))]
fn not_a_cache_either(n: u64, cache: String) -> u64 {
    let _ = cache;
    n
}

fn main() {}
