//! A type parameter without the bound: the compiler shows where to write it.

use larder::memoize;

#[memoize]
fn generic<T>(value: T) -> u64 {
    let _ = value;
    1
}

#[memoize]
fn anonymous(value: &impl Send) -> u64 {
    let _ = value;
    1
}

struct Shelf<T>(T);

impl<T: Clone> Shelf<T> {
    #[memoize(key = self.0)]
    fn of_the_type(&self) -> u64 {
        let _ = &self.0;
        1
    }
}

fn main() {}
