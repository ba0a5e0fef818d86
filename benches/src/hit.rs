//! A hit in this process: nothing but a look-up and a clone.

mod borrowed;
pub mod cached;
pub mod cachelito;
mod evict;
pub mod foyer;
pub mod larder;
pub mod limit;
pub mod memoize;
pub mod moka;
pub mod quick_cache;

use crate::body::computed;
use crate::contender::{Contender, Named, Room, key, named};
use crate::effort::Effort;
use crate::lane::{Lane, interleave};
use crate::pattern::Pattern;
use crate::table::{Table, Who};
use crate::timing::{Pass, per_call_together};

pub use evict::measure as evict;

/// The skew of most measured workloads.
const SKEW: f64 = 0.99;

/// How many requests are drawn before they repeat.
const REQUESTS: usize = 1 << 14;

/// One kind of function.
struct Shape<I: 'static> {
    id: &'static str,
    title: &'static str,
    pass: fn(&Contender) -> Pass<I>,
    input: fn(usize) -> I,
}

const NUMBER: Shape<u64> = Shape {
    id: "hit-u64",
    title: "Hit, `fn(u64) -> u64`",
    pass: |contender| contender.number,
    input: key,
};

const TEXT: Shape<Named> = Shape {
    id: "hit-string",
    title: "Hit, `fn(u64, &str) -> String` of 32 bytes",
    pass: |contender| contender.text,
    input: named,
};

const BYTES: Shape<u64> = Shape {
    id: "hit-bytes",
    title: "Hit, `fn(u64) -> Vec<u8>` of 4 KiB",
    pass: |contender| contender.bytes,
    input: key,
};

const PAGE: Shape<u64> = Shape {
    id: "hit-arc",
    title: "Hit, `fn(u64) -> Arc<[u8; 4096]>`",
    pass: |contender| contender.page,
    input: key,
};

/// Measures hits of all kinds of functions.
pub fn measure(effort: Effort) -> Vec<Table> {
    vec![
        numbers(effort),
        shape(&TEXT, effort),
        shape(&BYTES, effort),
        shape(&PAGE, effort),
    ]
}

/// Every cache with this much room.
///
/// To insert, cachelito looks through all it has: a million keys would take it hours.
pub fn caches(room: Room) -> Vec<Contender> {
    let mut caches = vec![
        larder::at(room),
        cached::plain::at(room),
        cached::bounded::at(room),
        cached::sharded::at(room),
        memoize::at(room),
        moka::at(room),
        quick_cache::at(room),
        foyer::at(room),
    ];
    if !matches!(room, Room::Huge | Room::Heavy) {
        caches.push(cachelito::at(room));
    }
    caches
}

fn all(room: Room) -> Vec<Contender> {
    let mut all = caches(room);
    all.extend([limit::frozen::at(room), limit::hashed::contender()]);
    all
}

fn numbers(effort: Effort) -> Table {
    let mut table = shape(&NUMBER, effort);
    situation(&mut table, &NUMBER, Room::Huge, Pattern::Zipf(SKEW), effort);
    table
}

fn shape<I: Copy + Sync>(shape: &Shape<I>, effort: Effort) -> Table {
    let mut table = Table::new(shape.id, shape.title, "ns a call and thread");
    for pattern in [Pattern::Hot, Pattern::Zipf(SKEW), Pattern::Uniform] {
        situation(&mut table, shape, Room::Roomy, pattern, effort);
    }
    table
}

/// Adds the columns of one pattern: one thread, and two.
fn situation<I: Copy + Sync>(
    table: &mut Table,
    shape: &Shape<I>,
    room: Room,
    pattern: Pattern,
    effort: Effort,
) {
    let contenders = all(room);
    eprintln!("  {}: {}", shape.id, column(room, pattern, 1));
    for contender in &contenders {
        fill(&contender.who, (shape.pass)(contender), room, shape.input);
    }
    for threads in [1, 2] {
        let inputs = inputs(shape, room, pattern, threads);
        let lane = |contender: &Contender| {
            let (pass, inputs) = ((shape.pass)(contender), &inputs);
            hits_only(&contender.who, pass, inputs);
            Lane::new(contender.who.clone(), move || {
                per_call_together(pass, inputs, effort.slice())
            })
        };
        let lanes = contenders.iter().map(lane).collect();
        table.add(
            &column(room, pattern, threads),
            interleave(lanes, effort.rounds()),
        );
    }
}

/// What each thread asks for.
fn inputs<I>(shape: &Shape<I>, room: Room, pattern: Pattern, threads: usize) -> Vec<Vec<I>> {
    let length = match room {
        // Nearly every key must come before they repeat.
        Room::Tight => REQUESTS * 8,
        Room::Huge => REQUESTS * 16,
        _ => REQUESTS,
    };
    let draw = |seed| pattern.requests(room.keys(), length, seed);
    let thread = |seed| draw(seed).into_iter().map(shape.input).collect();
    (1..=threads as u64).map(thread).collect()
}

fn column(room: Room, pattern: Pattern, threads: usize) -> String {
    let keys = match (pattern, room) {
        (Pattern::Hot, _) => "one key",
        (Pattern::Zipf(_), Room::Huge) => "1 000 000, Zipf",
        (Pattern::Zipf(_), _) => "10 000, Zipf",
        (Pattern::Uniform, _) => "10 000, uniform",
    };
    let plural = if threads == 1 { "" } else { "s" };
    format!("{keys}, {threads} thread{plural}")
}

/// Computes every key.
fn fill<I>(who: &Who, pass: Pass<I>, room: Room, input: fn(usize) -> I) {
    let inputs: Vec<I> = (0..room.keys()).map(input).collect();
    pass(&inputs);
    let before = computed();
    pass(&inputs);
    assert_eq!(computed(), before, "{} keeps what fits", who.name);
}

/// Makes sure that nothing is computed while hits are timed; and warms up.
fn hits_only<I>(who: &Who, pass: Pass<I>, inputs: &[Vec<I>]) {
    let before = computed();
    for inputs in inputs {
        pass(inputs);
    }
    assert_eq!(computed(), before, "{} hits", who.name);
}
