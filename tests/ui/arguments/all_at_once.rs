//! All mistakes of one use are reported in one compile, those of the function too.

use larder::memoize;

#[memoize(timeout = 0, banana, skip(m), jitter = 7, flight = x, local = 1, cache_if = 5)]
const fn f(n: &mut u64) -> &u64 {
    n
}

fn main() {}
