//! A `local` value needs less, but not nothing.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use larder::memoize;

struct Bare;

#[memoize(local)]
fn bare(n: u64) -> Bare {
    let _ = n;
    Bare
}

#[memoize(local)]
fn of_one_thread(n: u64) -> Result<Rc<u64>, String> {
    Ok(Rc::new(n))
}

#[memoize(local)]
fn of_many(n: u64) -> Arc<Cell<u64>> {
    Arc::new(Cell::new(n))
}

#[memoize(local, cache_err = 5)]
fn kept_error(n: u64) -> Result<u64, Bare> {
    Ok(n)
}

#[memoize(local)]
fn generic<T>(n: u64) -> Option<T> {
    let _ = n;
    None
}

fn main() {}
