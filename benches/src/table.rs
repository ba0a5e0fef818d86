//! What a row found out.

use crate::stats::Cell;
use serde::{Deserialize, Serialize};

/// The contender that the others are held against.
pub const OURS: &str = "larder";

/// What a contender promises; a faster hit is no feat without it.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four answers to four questions"
)]
pub struct Has {
    /// It never grows above a bound.
    pub bound: bool,
    /// Values end.
    pub timeout: bool,
    /// Many callers that miss one key compute it once.
    pub single_flight: bool,
    /// What was computed before an invalidation is not kept after it.
    pub fresh: bool,
}

impl Has {
    /// None of it.
    pub const NOTHING: Self = Self {
        bound: false,
        timeout: false,
        single_flight: false,
        fresh: false,
    };
    /// A bound, and no more.
    pub const BOUND: Self = Self {
        bound: true,
        ..Self::NOTHING
    };
    /// What makes a cache that can be left alone.
    pub const BOUND_AND_TIMEOUT: Self = Self {
        timeout: true,
        ..Self::BOUND
    };
    /// All but freshness after an invalidation.
    pub const ALL_BUT_FRESH: Self = Self {
        single_flight: true,
        ..Self::BOUND_AND_TIMEOUT
    };
    /// All of it, as larder has it.
    pub const ALL: Self = Self {
        fresh: true,
        ..Self::ALL_BUT_FRESH
    };
    /// All but an end of values. (`quick_cache` takes a removed key's computation away, too.)
    pub const ALL_BUT_TIMEOUT: Self = Self {
        timeout: false,
        ..Self::ALL
    };
    /// As larder is when a function wants no flights.
    pub const ALL_BUT_FLIGHT: Self = Self {
        single_flight: false,
        ..Self::ALL
    };
}

/// One contender: its name, and what it has; a limit that no cache can reach has no answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Who {
    /// How the tables call it.
    pub name: String,
    /// What it promises.
    pub has: Option<Has>,
}

impl Who {
    /// A cache that promises these.
    pub fn with(name: &str, has: Has) -> Self {
        Self {
            name: name.to_owned(),
            has: Some(has),
        }
    }

    /// Ours, which promises everything.
    pub fn ours(name: &str) -> Self {
        Self::with(name, Has::ALL)
    }

    /// No cache, but what one could at best come near to.
    pub fn limit(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            has: None,
        }
    }
}

/// One contender's figures.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Line {
    /// Who it is.
    pub name: String,
    /// What it promises.
    pub has: Option<Has>,
    /// A figure for each column; nothing where it does not take part.
    pub cells: Vec<Option<Cell>>,
}

impl Line {
    /// Whether it is ours.
    pub fn is_ours(&self) -> bool {
        self.name.starts_with(OURS)
    }
}

/// Figures of one unit: a line a contender, a column a situation.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Table {
    /// What goals and file names call it.
    pub id: String,
    /// What stands above it.
    pub title: String,
    /// What a figure counts.
    pub unit: String,
    /// Whether a larger figure is better.
    pub more_is_better: bool,
    /// The situations.
    pub columns: Vec<String>,
    /// The contenders.
    pub lines: Vec<Line>,
    /// What a reader must know.
    pub notes: Vec<String>,
    /// Whether few rounds made it: it shows the form, and no more.
    pub quick: bool,
}

impl Table {
    /// An empty table.
    pub fn new(id: &str, title: &str, unit: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            unit: unit.to_owned(),
            more_is_better: false,
            columns: Vec::new(),
            lines: Vec::new(),
            notes: Vec::new(),
            quick: false,
        }
    }

    /// Says that a larger figure is better.
    pub fn more_is_better(mut self) -> Self {
        self.more_is_better = true;
        self
    }

    /// Adds what a reader must know.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a situation and its figures.
    pub fn add(&mut self, column: &str, figures: Vec<(Who, Cell)>) {
        self.columns.push(column.to_owned());
        for line in &mut self.lines {
            line.cells.push(None);
        }
        for (who, cell) in figures {
            let line = self.line(who);
            if let Some(last) = line.cells.last_mut() {
                *last = Some(cell);
            }
        }
    }

    /// The median in a line and a column.
    pub fn median(&self, line: &str, column: &str) -> Option<f64> {
        let column = self.columns.iter().position(|name| name == column)?;
        let line = self.lines.iter().find(|other| other.name == line)?;
        line.cells
            .get(column)
            .copied()
            .flatten()
            .map(|cell| cell.median)
    }

    fn line(&mut self, who: Who) -> &mut Line {
        let known = self.lines.iter().position(|line| line.name == who.name);
        let place = known.unwrap_or_else(|| {
            self.lines.push(Line {
                name: who.name,
                has: who.has,
                cells: vec![None; self.columns.len()],
            });
            self.lines.len() - 1
        });
        &mut self.lines[place]
    }
}
