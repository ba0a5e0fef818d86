//! Names of groups, of functions and of parameters.

use larder::{cached, memoize};

#[cached(key_prefix = "")]
fn empty_prefix(n: u64) -> u64 {
    n
}

#[cached(key_prefix = "tenant:{n}")]
fn prefix_with_braces(n: u64) -> u64 {
    n
}

#[cached(key_prefix = 5)]
fn prefix_of_a_number(n: u64) -> u64 {
    n
}

#[memoize(name = "")]
fn empty_name(n: u64) -> u64 {
    n
}

#[memoize(name = "{}")]
fn name_with_braces(n: u64) -> u64 {
    n
}

#[memoize(name = square)]
fn name_without_quotes(n: u64) -> u64 {
    n
}

#[memoize(skip(m))]
fn unknown_parameter(n: u64, o: u64) -> u64 {
    n + o
}

#[memoize(skip(db))]
fn no_parameters() -> u64 {
    1
}

#[memoize(skip(self))]
fn no_self(n: u64) -> u64 {
    n
}

#[memoize(skip(n, n))]
fn twice(n: u64) -> u64 {
    n
}

#[memoize(skip = n)]
fn not_a_list(n: u64) -> u64 {
    n
}

#[memoize(skip("n"))]
fn names_in_quotes(n: u64) -> u64 {
    n
}

#[memoize(skip(n.0))]
fn part_of_a_parameter(n: (u64, u64)) -> u64 {
    n.0
}

#[memoize(skip())]
fn nothing(n: u64) -> u64 {
    n
}

#[memoize(key = n, skip(o))]
fn skip_beside_key(n: u64, o: u64) -> u64 {
    n + o
}

#[memoize(key = "n")]
fn key_in_quotes(n: u64) -> u64 {
    n
}

#[memoize(tags = "n")]
fn tags_without_a_list(n: u64) -> u64 {
    n
}

#[memoize(tags = [])]
fn no_tags(n: u64) -> u64 {
    n
}

#[memoize(key = |n| n, unless = |n| n == 1, cache = |n| n)]
fn closures_before_the_call(n: u64) -> u64 {
    n
}

fn main() {}
