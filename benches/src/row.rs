//! The questions.

use crate::effort::Effort;
use crate::table::Table;
use crate::{async_hit, cost, count, crowd, hit, keys, miss, ratio, redis, stores};
use std::time::Duration;

/// One question, answered by a process of its own.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What `cargo xtask bench NAME` calls it.
    pub name: &'static str,
    /// What it asks.
    pub about: &'static str,
    /// The program that answers it.
    pub program: &'static str,
    measure: Option<fn(Effort) -> Vec<Table>>,
    minutes: u64,
}

const MAIN: &str = "larder-benches";

/// All rows, in the order they run.
pub const ROWS: &[Row] = &[
    row("hit", "hits in this process", 15, hit::measure),
    row("evict", "hits and evictions on two threads", 5, hit::evict),
    row(
        "async-hit",
        "hits of async functions",
        5,
        async_hit::measure,
    ),
    row("miss", "misses on a trivial function", 5, miss::measure),
    row("crowd", "64 tasks on one missing key", 5, crowd::measure),
    row("keys", "from arguments to keys", 5, keys::measure),
    Row {
        name: "memory",
        about: "bytes an entry, allocations a hit",
        program: "weigh",
        measure: None,
        minutes: 5,
    },
    row("ratio", "hit ratios by trace", 5, ratio::measure),
    row("instructions", "instructions a hit", 5, count::measure),
    row(
        "stores",
        "the same function over every store",
        5,
        stores::measure,
    ),
    row("redis", "hits and misses in Redis", 10, redis::measure),
    row("down", "calls while Redis is down", 5, redis::down),
    row("build", "what depending on it costs", 30, cost::build),
    row(
        "functions",
        "what 100 annotated functions cost",
        30,
        cost::functions,
    ),
];

const fn row(
    name: &'static str,
    about: &'static str,
    minutes: u64,
    measure: fn(Effort) -> Vec<Table>,
) -> Row {
    Row {
        name,
        about,
        program: MAIN,
        measure: Some(measure),
        minutes,
    }
}

impl Row {
    /// How long it may take before it is ended.
    pub fn limit(&self) -> Duration {
        Duration::from_mins(self.minutes)
    }

    /// Measures here and now; a row of another program finds out nothing.
    pub fn measure(&self, effort: Effort) -> Vec<Table> {
        self.measure
            .map_or_else(Vec::new, |measure| measure(effort))
    }
}

/// Picks the rows that were named, or all without a name.
///
/// # Errors
///
/// Which name fits no row, and the names that would.
pub fn pick(names: &[&str]) -> Result<Vec<&'static Row>, String> {
    let known = |name: &&&str| ROWS.iter().any(|row| row.name == **name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        let all: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        return Err(format!("no row `{name}`; there are {}", all.join(", ")));
    }
    let picked = |row: &&Row| names.is_empty() || names.contains(&row.name);
    Ok(ROWS.iter().filter(picked).collect())
}

#[cfg(test)]
mod tests {
    use super::pick;

    #[test]
    fn an_unknown_name_is_named_with_the_names_there_are() {
        let mistake = pick(&["hit", "hat"]).unwrap_err();
        assert!(mistake.starts_with("no row `hat`; there are hit, "));
    }
}
