//! What it takes to get from arguments to a key.

use crate::body;
use crate::effort::Effort;
use crate::hit::limit::hashed::sip;
use crate::lane::{Lane, interleave};
use crate::stats::Cell;
use crate::table::{Table, Who};
use crate::timing::nanos;
use larder::{Cache, Entry, backends::Memory, memoize};
use serde::Serialize;
use std::hash::Hash;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static CACHE: LazyLock<Cache> = LazyLock::new(|| {
    let builder = Cache::builder().backend(Memory::new(1_000));
    builder.build().expect("the configuration is right")
});

/// Five fields, as an application has them.
#[derive(Clone, Debug, Hash, Serialize)]
struct Query {
    tenant: u32,
    user: u64,
    path: String,
    page: Option<u16>,
    descending: bool,
}

#[memoize(timeout = 300, cache = &*CACHE)]
fn number(n: u64) -> u64 {
    body::number(n)
}

#[memoize(timeout = 300, cache = &*CACHE)]
fn pair(n: u64, _name: &str) -> u64 {
    body::number(n)
}

#[memoize(timeout = 300, cache = &*CACHE)]
fn query(query: &Query) -> u64 {
    body::number(query.user)
}

#[memoize(timeout = 300, cache = &*CACHE)]
fn words(words: &[String]) -> u64 {
    body::number(words.len() as u64)
}

const HANDLE: &str = "larder, `memoized_f(..)`: key and handle";
const HIT: &str = "larder, a whole hit of `f(..)`";
const LIMIT: &str = "limit: SipHash-1-3-128 over `Hash`";

/// Measures keys of four shapes.
pub fn measure(effort: Effort) -> Vec<Table> {
    let title = "From arguments to a key";
    let mut table = Table::new("keys", title, "ns a key").note(
        "No public door leads to the key alone: what is timed is the handle to an entry, which owns its key and \
         shares its cache, and a whole hit, which finds the key and the value.",
    );
    let handle = |n: &u64| memoized_number(*n);
    let hit = |n: &u64| number(*n);
    table.add("`u64`", figures(effort, &4711, handle, hit));
    let handle = |(n, name): &(u64, &str)| memoized_pair(*n, name);
    let hit = |(n, name): &(u64, &str)| pair(*n, name);
    let arguments = (4711, body::NAMES[0]);
    table.add("`u64, &str`", figures(effort, &arguments, handle, hit));
    let column = "struct of 5 fields";
    table.add(column, figures(effort, &asked(), memoized_query, query));
    let handle = |list: &Vec<String>| memoized_words(list);
    let hit = |list: &Vec<String>| words(list);
    let list: Vec<String> = (0..10).map(|n| format!("a word, {n:04}")).collect();
    table.add("`Vec<String>` of 10", figures(effort, &list, handle, hit));
    vec![table]
}

fn asked() -> Query {
    Query {
        tenant: 7,
        user: 4711,
        path: "/articles/2024/06".to_owned(),
        page: Some(3),
        descending: true,
    }
}

fn figures<A: Hash>(
    effort: Effort,
    arguments: &A,
    handle: impl Fn(&A) -> Entry<u64>,
    hit: impl Fn(&A) -> u64,
) -> Vec<(Who, Cell)> {
    let slice = effort.slice();
    let lanes = vec![
        Lane::new(Who::ours(HANDLE), || {
            per_run(slice, || handle(black_box(arguments)))
        }),
        Lane::new(Who::ours(HIT), || {
            per_run(slice, || hit(black_box(arguments)))
        }),
        Lane::new(Who::limit(LIMIT), || {
            per_run(slice, || sip(black_box(arguments)))
        }),
    ];
    interleave(lanes, effort.rounds())
}

/// Nanoseconds a run.
fn per_run<T>(slice: Duration, work: impl Fn() -> T) -> f64 {
    let (mut runs, begin) = (0, Instant::now());
    while begin.elapsed() < slice {
        (0..1024).for_each(|_| drop(black_box(work())));
        runs += 1024;
    }
    nanos(begin.elapsed(), runs)
}
