//! The columns of the table: which figures there are, and what they are called.

use super::figure::{Figure, Value};
use super::figures::Figures;

/// A column.
pub(super) struct Column {
    /// The name of its field in the JSON.
    pub(super) key: &'static str,
    pub(super) head: &'static str,
    pub(super) meaning: &'static str,
    /// Whether a zero may be left out where there is little room.
    pub(super) rare: bool,
    value: fn(&Figures) -> Value,
}

impl Column {
    /// The figure of this column.
    pub(super) fn of(&self, figures: &Figures) -> Figure {
        let (key, value) = (self.key, (self.value)(figures));
        Figure { key, value }
    }
}

macro_rules! columns {
    ($($name:ident $key:ident $kind:ident $rare:literal $head:literal $meaning:literal)*) => {
        $(pub(super) const $name: Column = Column {
            key: stringify!($key),
            head: $head,
            meaning: $meaning,
            rare: $rare,
            value: |figures| Value::$kind(figures.$key),
        };)*

        /// All columns, in their order.
        pub(super) const COLUMNS: &[Column] = &[$($name),*];
    };
}

columns! {
    HIT_RATIO hit_ratio Ratio false "Hit ratio" "The part of the calls that were hits."
    HITS hits Count false "Hits" "Calls answered with a kept value."
    MISSES misses Count false "Misses" "Calls that found nothing to answer with."
    COMPUTATIONS computations Count false "Computed" "Bodies that ran to their end on a miss, to be kept."
    MEAN mean_compute_seconds Seconds false "Mean time" "The time that one of these took, waiting inside included."
    SAVED saved_seconds Seconds false "Time saved" "An estimate: each hit counts as the mean computation of its function. Not known of what is cached by hand."
    STORES stores Count true "Stores" "Values kept."
    WAITS waits Count true "Waits" "Calls that waited for another caller's computation."
    STALE stale_prevented Count true "Stale prevented" "Values that were computed before an invalidation and arrived after it, and were refused."
    REFUSED refused Count true "Refused" "Values that the store did not keep, because they are too large for it."
    DEGRADED degraded Count true "Degraded" "Calls that computed without the store, because it was out of reach."
    ERRORS errors Count true "Errors" "Operations of the store that failed, and what could not be encoded or decoded. None of them reached a caller."
}

#[cfg(test)]
mod tests {
    use super::COLUMNS;
    use crate::status::figures::Figures;

    #[test]
    fn every_column_is_a_field_of_the_json() {
        let json = serde_json::to_value(Figures::default()).unwrap();
        for column in COLUMNS {
            assert!(json.get(column.key).is_some(), "{}", column.key);
        }
    }
}
