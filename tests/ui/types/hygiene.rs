//! Nothing that the attribute writes can be named.

use larder::memoize;

#[memoize(key = (n, parts))]
fn locals(n: u64) -> u64 {
    let _ = (request, plan, keeping, cache);
    n
}

#[memoize(unless = request)]
fn before(n: u64) -> u64 {
    SITE;
    n
}

fn main() {}
