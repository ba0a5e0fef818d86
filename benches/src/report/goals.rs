//! The goals, from the table that the project set itself.

use super::Figures;
use super::goal::{Goal, Mark};

mod cost;
mod hits;
mod shared;

/// All of them, in the order of the page.
pub(super) fn all() -> impl Iterator<Item = &'static Goal> {
    [hits::GOALS, shared::GOALS, cost::GOALS]
        .into_iter()
        .flatten()
}

/// What helps to read them, in words, and the figure.
pub(super) const BESIDE: &[Beside] = &[
    (
        "2 threads, × own time for 1, of a frozen table: so much two threads cost on this machine",
        hits::two_over_one_frozen,
    ),
    (
        "64 tasks, × a bare `MGET`, with `callers_sockets`",
        shared::lent_over_limit,
    ),
];

type Beside = (&'static str, fn(&Figures) -> Option<f64>);

const BOUNDED: &str = "cached, size + ttl";
const ZIPF: &str = "10 000, Zipf, 1 thread";
const ZIPF_2: &str = "10 000, Zipf, 2 threads";

/// One figure over another of the same table.
fn over(figures: &Figures, id: &str, line: &str, other: &str, column: &str) -> Option<f64> {
    Some(figures.median(id, line, column)? / figures.median(id, other, column)?)
}

/// larder's figure over another's.
fn ours_over(figures: &Figures, id: &str, other: &str, column: &str) -> Option<f64> {
    over(figures, id, "larder", other, column)
}

/// larder's figure over the best of those with a bound and a timeout.
fn ours_over_best(figures: &Figures, id: &str, column: &str) -> Option<f64> {
    let table = figures.table(id)?;
    let place = table.columns.iter().position(|name| name == column)?;
    Some(table.median("larder", column)? / super::grid::best_peer(table, place)?)
}

/// The worse of two.
fn worse(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    Some(one?.max(other?))
}
