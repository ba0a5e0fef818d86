//! Mistakes in a body are shown where they are, as without the attribute.

#![deny(warnings)]

use larder::memoize;

#[memoize(timeout = 60)]
fn wrong_type(n: u64) -> u64 {
    n.to_string()
}

#[memoize(timeout = 60)]
async fn wrong_type_later(n: u64) -> String {
    if n == 1 {
        return n;
    }
    n.to_string()
}

#[memoize]
async fn wrong_error(text: &str) -> Result<u64, std::fmt::Error> {
    Ok(text.parse()?)
}

#[memoize]
fn unknown_type(n: u64) -> Missing {
    n
}

#[memoize]
fn unused(n: u64) -> u64 {
    let unused = n;
    1
}

#[memoize(skip(unused))]
fn unused_parameter(n: u64, unused: u64) -> u64 {
    n
}

fn main() {}
