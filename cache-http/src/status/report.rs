//! All that the page shows, and what the JSON is made of.

use larder_core::cache::Cache;
use larder_core::counters::{FunctionStats, Stats};
use serde::Serialize;

use super::figures::Figures;

/// All that the page shows.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) store: String,
    pub(super) in_flight: usize,
    pub(super) totals: Figures,
    pub(super) by_hand: Figures,
    pub(super) functions: Vec<Function>,
}

/// A function and its figures.
#[derive(Debug, Serialize)]
pub(super) struct Function {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) figures: Figures,
}

impl Report {
    /// Looks at a cache.
    pub(super) fn of(cache: &Cache) -> Self {
        let debug = format!("{cache:?}");
        Self::new(&cache.stats(), cache.in_flight(), described(&debug))
    }

    pub(super) fn new(stats: &Stats, in_flight: usize, store: &str) -> Self {
        Self {
            store: store.to_owned(),
            in_flight,
            totals: Figures::totals(stats),
            by_hand: Figures::by_hand(stats),
            functions: stats.functions.iter().map(Function::of).collect(),
        }
    }

    /// Whether nothing has happened yet.
    pub(super) fn is_blank(&self) -> bool {
        self.functions.is_empty() && self.by_hand == Figures::default()
    }
}

impl Function {
    fn of(counts: &FunctionStats) -> Self {
        Self {
            name: counts.name.clone(),
            figures: Figures::of(counts),
        }
    }
}

/// The fields of a cache's `Debug`, without the frame around them.
fn described(debug: &str) -> &str {
    let fields = debug.strip_prefix("Cache { ").unwrap_or(debug);
    fields.strip_suffix(", .. }").unwrap_or(fields)
}

#[cfg(test)]
mod tests {
    use super::described;

    #[test]
    fn a_cache_is_described_by_its_fields() {
        let debug = "Cache { prefix: \"shop:\", backend: Memory { max_entries: 9, .. }, .. }";
        assert_eq!(
            described(debug),
            "prefix: \"shop:\", backend: Memory { max_entries: 9, .. }"
        );
        assert_eq!(described("another form"), "another form");
    }
}
