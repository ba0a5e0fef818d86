//! How long a value lives, wrongly written.

use larder::memoize;

#[memoize(timeout = 0)]
fn zero(n: u64) -> u64 {
    n
}

#[memoize(timeout = "0s")]
fn zero_in_words(n: u64) -> u64 {
    n
}

#[memoize(cache_none = 0, cache_err = 0)]
fn zero_of_a_side(n: u64) -> Result<Option<u64>, String> {
    Ok(Some(n))
}

#[memoize(timeout = -5)]
fn negative(n: u64) -> u64 {
    n
}

#[memoize(timeout = 0.5)]
fn part_of_a_second(n: u64) -> u64 {
    n
}

#[memoize(timeout = 30m)]
fn unit_without_quotes(n: u64) -> u64 {
    n
}

#[memoize(timeout = 99999999999999999999)]
fn too_long(n: u64) -> u64 {
    n
}

#[memoize(timeout = "5 parsecs")]
fn no_unit_of_time(n: u64) -> u64 {
    n
}

#[memoize(timeout = "1.5h")]
fn part_of_an_hour(n: u64) -> u64 {
    n
}

#[memoize(timeout = "60")]
fn number_in_quotes(n: u64) -> u64 {
    n
}

#[memoize(timeout = "never")]
fn never_in_quotes(n: u64) -> u64 {
    n
}

#[memoize(timeout = true)]
fn not_a_time(n: u64) -> u64 {
    n
}

#[memoize(cache_none = |_| 5, cache_err = |_| 5)]
fn nothing_to_ask(n: u64) -> Result<Option<u64>, String> {
    Ok(Some(n))
}

fn main() {}
