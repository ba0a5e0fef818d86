//! Only functions can be cached.

use larder::memoize;

#[memoize]
struct Thing;

#[memoize]
enum Choice {}

#[memoize]
impl Thing {}

#[memoize]
mod inside {}

#[memoize]
trait Shape {
    #[memoize]
    fn area(&self) -> u64;
}

#[memoize]
static COUNT: u64 = 1;

#[memoize]
use std::fmt;

fn main() {
    let _: (Option<Thing>, Option<Choice>, Option<fmt::Error>) = (None, None, None);
    let _ = COUNT;
}
