//! What an entry weighs. The allocator that counts is the program's own business: it slows calls down.

use crate::async_hit;
use crate::body;
use crate::contender::{Contender, Room, key, named};
use crate::effort::Effort;
use crate::hit::{caches, limit};
use crate::stats::Cell;
use crate::table::{Table, Who};
use crate::timing::Pass;

/// What the program's allocator has counted.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    /// Bytes in use.
    pub bytes: fn() -> f64,
    /// Allocations so far.
    pub allocations: fn() -> f64,
}

/// Weighs entries, and counts the allocations of a hit.
pub fn measure(meter: Meter, _: Effort) -> Vec<Table> {
    let mut weights = Table::new("memory", "Memory an entry", "bytes")
        .note("Every bound is a quarter above the number of entries.");
    let mut allocations = Table::new("allocations", "Allocations a hit", "allocations")
        .note("A returned `String` is one; `Vec<u8>` likewise.");
    for (room, entries) in [(Room::Light, "10 000"), (Room::Heavy, "100 000")] {
        let mut all = caches(room);
        all.push(limit::frozen::at(room));
        let numbers = |contender| weigh(meter, contender, room, |c| c.number, key);
        let texts = |contender| weigh(meter, contender, room, |c| c.text, named);
        let (numbers, hits): (Vec<_>, Vec<_>) = all.iter().map(numbers).unzip();
        weights.add(&format!("`u64` → `u64`, {entries}"), numbers);
        let (texts, text_hits): (Vec<_>, Vec<_>) = all.iter().map(texts).unzip();
        weights.add(&format!("`u64, &str` → 32 B `String`, {entries}"), texts);
        if room == Room::Light {
            allocations.add("`u64`", hits);
            allocations.add("`u64, &str`", text_hits);
        }
    }
    allocations.add("`async`, `u64`", waiting(meter));
    vec![weights, allocations]
}

type Figure = (Who, Cell);

/// Bytes an entry, and allocations a hit.
fn weigh<I>(
    meter: Meter,
    contender: &Contender,
    room: Room,
    pass: fn(&Contender) -> Pass<I>,
    input: fn(usize) -> I,
) -> (Figure, Figure) {
    let inputs: Vec<I> = (0..room.keys()).map(input).collect();
    let pass = pass(contender);
    let before = (meter.bytes)();
    pass(&inputs);
    pass(&inputs);
    let bytes = ((meter.bytes)() - before) / count(&inputs);
    let computed = body::computed();
    let hits = allocations(meter, pass, &inputs);
    let name = &contender.who.name;
    assert_eq!(body::computed(), computed, "{name} keeps what is weighed");
    let figure = |value| (contender.who.clone(), Cell::exact(value));
    (figure(bytes), figure(hits))
}

fn waiting(meter: Meter) -> Vec<Figure> {
    let keys: Vec<u64> = (0..Room::Light.keys()).map(key).collect();
    let count = |(who, pass): (Who, Pass<u64>)| {
        pass(&keys);
        pass(&keys);
        (who, Cell::exact(allocations(meter, pass, &keys)))
    };
    async_hit::contenders().into_iter().map(count).collect()
}

fn allocations<I>(meter: Meter, pass: Pass<I>, inputs: &[I]) -> f64 {
    let before = (meter.allocations)();
    pass(inputs);
    ((meter.allocations)() - before) / count(inputs)
}

#[allow(clippy::cast_precision_loss, reason = "a few thousands")]
fn count<I>(inputs: &[I]) -> f64 {
    inputs.len() as f64
}
