//! Contenders that take turns.

use crate::stats::Cell;
use crate::table::Who;

/// One contender in one situation.
pub struct Lane<'a> {
    /// Who it is.
    pub who: Who,
    /// Measures once.
    pub measure: Box<dyn FnMut() -> f64 + 'a>,
}

impl<'a> Lane<'a> {
    /// Puts a contender on a lane.
    pub fn new(who: Who, measure: impl FnMut() -> f64 + 'a) -> Self {
        Self {
            who,
            measure: Box::new(measure),
        }
    }
}

/// Measures all in every round, each round begun by another: A B C, B C A, C A B, ...
///
/// What else the machine does meets them all alike.
pub fn interleave(mut lanes: Vec<Lane<'_>>, rounds: usize) -> Vec<(Who, Cell)> {
    let mut measured = vec![Vec::with_capacity(rounds); lanes.len()];
    for round in 0..rounds {
        for turn in 0..lanes.len() {
            let lane = (round + turn) % lanes.len();
            measured[lane].push((lanes[lane].measure)());
        }
    }
    let cells = measured.into_iter().map(Cell::of);
    lanes.into_iter().map(|lane| lane.who).zip(cells).collect()
}
