//! Labels and tags are readable.

use larder::{cached, memoize};

#[cached(key_prefix = tenants)]
fn not_readable(tenants: Vec<u64>) -> usize {
    tenants.len()
}

#[memoize(tags = ["tenants", tenants])]
fn no_tag(tenants: &[u64]) -> usize {
    tenants.len()
}

#[memoize(key_prefix = nobody, unless = nobody, key = nobody)]
fn unknown_names(n: u64) -> u64 {
    n
}

fn main() {}
