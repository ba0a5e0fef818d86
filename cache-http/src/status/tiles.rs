//! The totals, over the table.

use std::fmt;

use super::bar::Bar;
use super::column::{
    COMPUTATIONS, Column, DEGRADED, ERRORS, HIT_RATIO, HITS, MEAN, MISSES, REFUSED, SAVED, STALE,
    WAITS,
};
use super::figure::{Figure, Value};
use super::report::Report;

/// The totals of a report.
pub(super) struct Tiles<'a>(pub(super) &'a Report);

impl fmt::Display for Tiles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = |column: &Column| column.of(&self.0.totals);
        write!(
            f,
            include_str!("tiles.html"),
            hit_ratio = total(&HIT_RATIO),
            bar = Bar(&total(&HIT_RATIO)),
            hits = total(&HITS),
            misses = total(&MISSES),
            saved = total(&SAVED),
            computations = total(&COMPUTATIONS),
            mean = total(&MEAN),
            in_flight = in_flight(self.0),
            waits = total(&WAITS),
            stale = total(&STALE),
            errors = total(&ERRORS),
            refused = total(&REFUSED),
            degraded = total(&DEGRADED),
        )
    }
}

fn in_flight(report: &Report) -> Figure {
    let count = u64::try_from(report.in_flight).unwrap_or(u64::MAX);
    Figure {
        key: "in_flight",
        value: Value::Count(count),
    }
}
