//! The same function over every store.

mod shelf;

use crate::body::computed;
use crate::effort::Effort;
use crate::lane::{Lane, interleave};
use crate::miss::new_key;
use crate::stats::quantile;
use crate::table::{Has, Table, Who};
use larder::memoize;
use shelf::Shelf;
use std::future::ready;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// So many keys are hit in turn.
const KEYS: u64 = 64;

#[memoize(timeout = 300, cache = &shelf.cache, skip(shelf), helpers = false)]
fn page(n: u64, shelf: &Shelf) -> String {
    body(n)
}

#[memoize(timeout = 300, cache = &shelf.cache, skip(shelf), helpers = false)]
async fn page_async(n: u64, shelf: &Shelf) -> String {
    ready(body(n)).await
}

/// 300 bytes.
fn body(n: u64) -> String {
    format!("{:0300}", crate::body::number(n))
}

/// Measures hits, misses and invalidations over every store.
pub fn measure(effort: Effort) -> Vec<Table> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let (shelves, absent) = shelf::all();
    for shelf in &shelves {
        warm(shelf, &runtime);
    }
    let mut table = Table::new(
        "stores",
        "larder's stores: values of 300 B",
        "µs a call, p50",
    );
    table = table.note(
        "One caller; servers on this machine, files on its disk. A miss of a function without async includes what a store does on \
         its caller's thread.",
    );
    for what in absent {
        table = table.note(what);
    }
    for column in COLUMNS {
        let lanes = shelves
            .iter()
            .filter_map(|shelf| lane(column, shelf, &runtime, effort));
        table.add(column.name, interleave(lanes.collect(), effort.rounds()));
    }
    vec![table]
}

/// What is asked of every store.
struct Column {
    name: &'static str,
    /// Whether a store that keeps nothing can be asked.
    of_nothing: bool,
    calls: (usize, usize),
    ask: fn(&Shelf, &Runtime, usize) -> Duration,
}

const COLUMNS: &[Column] = &[
    Column {
        name: "hit",
        of_nothing: false,
        calls: (300, 1_500),
        ask: |shelf, _, call| timed(|| drop(page(call as u64 % KEYS, shelf))),
    },
    Column {
        name: "hit, async",
        of_nothing: false,
        calls: (300, 1_500),
        ask: |shelf, runtime, call| {
            runtime.block_on(async {
                let begin = Instant::now();
                page_async(call as u64 % KEYS, shelf).await;
                begin.elapsed()
            })
        },
    },
    Column {
        name: "miss",
        of_nothing: true,
        calls: (100, 400),
        ask: |shelf, _, _| timed(|| drop(page(new_key(), shelf))),
    },
    Column {
        name: "miss, async",
        of_nothing: true,
        calls: (100, 400),
        ask: |shelf, runtime, _| {
            runtime.block_on(async {
                let begin = Instant::now();
                page_async(new_key(), shelf).await;
                begin.elapsed()
            })
        },
    },
    Column {
        name: "delete",
        of_nothing: true,
        calls: (100, 400),
        ask: |shelf, _, _| {
            shelf.cache.set("k", &1, 60).wait().expect("it is stored");
            timed(|| {
                shelf.cache.delete("k").wait().expect("it is acknowledged");
            })
        },
    },
    Column {
        name: "invalidate a tag",
        of_nothing: true,
        calls: (100, 400),
        ask: |shelf, _, _| {
            timed(|| {
                let done = shelf.cache.invalidate_tag("t").wait();
                done.expect("it is acknowledged");
            })
        },
    },
];

fn timed(run: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    run();
    begin.elapsed()
}

fn lane<'a>(
    column: &'a Column,
    shelf: &'a Shelf,
    runtime: &'a Runtime,
    effort: Effort,
) -> Option<Lane<'a>> {
    if !shelf.keeps && !column.of_nothing {
        return None;
    }
    let (quick, usual) = column.calls;
    let calls = effort.pick(quick, usual);
    Some(Lane::new(Who::with(shelf.name, Has::ALL), move || {
        let ask = |call| (column.ask)(shelf, runtime, call).as_secs_f64() * 1e6;
        let mut micros: Vec<f64> = (0..calls).map(ask).collect();
        micros.sort_by(f64::total_cmp);
        quantile(&micros, 0.5)
    }))
}

/// Makes sure that every hit is one.
fn warm(shelf: &Shelf, runtime: &Runtime) {
    let ask = || {
        for n in 0..KEYS {
            page(n, shelf);
            runtime.block_on(page_async(n, shelf));
        }
    };
    ask();
    // What was computed is stored beside its caller.
    std::thread::sleep(Duration::from_millis(300));
    let before = computed();
    ask();
    let again = computed() - before;
    let expected = if shelf.keeps { 0 } else { 2 * KEYS };
    assert_eq!(again, expected, "{}: hits are hits", shelf.name);
}
