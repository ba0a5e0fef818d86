//! Hits and evictions side by side: 10 000 entries for 13 000 keys.

use super::{NUMBER, SKEW, Shape, TEXT, caches, inputs};
use crate::body::computed;
use crate::contender::{Contender, Room};
use crate::effort::Effort;
use crate::lane::{Lane, interleave};
use crate::pattern::Pattern;
use crate::stats::Cell;
use crate::table::{Table, Who};
use crate::timing::{Pass, per_call_together};

/// Measures two threads, of whose calls about one in twenty computes and evicts.
pub fn measure(effort: Effort) -> Vec<Table> {
    let unit = "ns a call and thread";
    let title = "About 95 % hits with eviction, 2 threads";
    let mut times = Table::new("evict", title, unit)
        .note("`cached` alone has no bound: it evicts nothing, and all its calls hit.")
        .note(
            "A function of larder answers for up to a second what its store has evicted: more of its calls hit, see below.",
        );
    let mut ratios = Table::new("evict-hits", "The hits among these calls", "%").more_is_better();
    let (number, text) = ("`u64`", "`u64, &str`");
    shape(&mut times, &mut ratios, number, &NUMBER, effort);
    shape(&mut times, &mut ratios, text, &TEXT, effort);
    vec![times, ratios]
}

fn shape<I: Copy + Sync>(
    times: &mut Table,
    ratios: &mut Table,
    column: &str,
    shape: &Shape<I>,
    effort: Effort,
) {
    let contenders = caches(Room::Tight);
    let inputs = inputs(shape, Room::Tight, Pattern::Zipf(SKEW), 2);
    let hits = |contender: &Contender| hits(&contender.who, (shape.pass)(contender), &inputs);
    ratios.add(column, contenders.iter().map(hits).collect());
    let lane = |contender: &Contender| {
        let (pass, inputs) = ((shape.pass)(contender), &inputs);
        Lane::new(contender.who.clone(), move || {
            per_call_together(pass, inputs, effort.slice())
        })
    };
    let lanes = contenders.iter().map(lane).collect();
    times.add(column, interleave(lanes, effort.rounds()));
}

/// The share of hits once it is full, in per cent.
#[allow(clippy::cast_precision_loss, reason = "thousands of calls")]
fn hits<I>(who: &Who, pass: Pass<I>, inputs: &[Vec<I>]) -> (Who, Cell) {
    let all = || inputs.iter().for_each(|inputs| pass(inputs));
    all();
    all();
    let before = computed();
    all();
    let calls: usize = inputs.iter().map(Vec::len).sum();
    let missed = (computed() - before) as f64 / calls as f64;
    (who.clone(), Cell::exact(100.0 * (1.0 - missed)))
}
