//! A value that cannot leave the process: the caret on the type that the function returns.

use std::rc::Rc;

use larder::memoize;
use serde::{Deserialize, Serialize};

struct Bare;

#[derive(Clone)]
struct OnlyClone;

#[derive(Clone, Serialize)]
struct OnlyOut;

#[derive(Serialize, Deserialize)]
struct NoClone;

#[memoize]
fn bare(n: u64) -> Bare {
    let _ = n;
    Bare
}

#[memoize]
fn only_clone(n: u64) -> OnlyClone {
    let _ = n;
    OnlyClone
}

#[memoize]
fn only_out(n: u64) -> Result<OnlyOut, String> {
    let _ = n;
    Ok(OnlyOut)
}

#[memoize]
fn no_clone(n: u64) -> Option<NoClone> {
    let _ = n;
    Some(NoClone)
}

#[memoize(cache_none)]
fn kept_none(n: u64) -> Result<Option<Bare>, String> {
    let _ = n;
    Ok(Some(Bare))
}

#[memoize(timeout = |v| v.len() as u64, cache_if = |v| !v.is_empty(), is_stale = |v| v.is_empty())]
async fn inside(n: u64) -> Vec<Bare> {
    let _ = n;
    Vec::new()
}

#[memoize]
fn of_one_thread(n: u64) -> Rc<u64> {
    Rc::new(n)
}

#[memoize(cache_err = 5)]
fn kept_error(n: u64) -> Result<u64, Bare> {
    Ok(n)
}

#[memoize]
fn generic<T>(n: u64) -> Option<T> {
    let _ = n;
    None
}

fn main() {}
