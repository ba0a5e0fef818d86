//! What the caches of all workers did.

use std::fmt;
use std::ops::AddAssign;

use larder::Cache;

/// Sums over workers. Those that were killed are not in them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) stores: u64,
    pub(crate) stale_prevented: u64,
    pub(crate) errors: u64,
}

impl Totals {
    pub(crate) fn of(cache: &Cache) -> Self {
        let stats = cache.stats();
        Self {
            hits: stats.hits,
            misses: stats.misses,
            stores: stats.stores,
            stale_prevented: stats.stale_prevented,
            errors: stats.errors,
        }
    }

    /// In one line, for a report.
    pub(crate) fn write(&self) -> String {
        let numbers = [
            self.hits,
            self.misses,
            self.stores,
            self.stale_prevented,
            self.errors,
        ];
        numbers.map(|number| number.to_string()).join(" ")
    }

    pub(crate) fn read(line: &str) -> Self {
        let mut numbers = line
            .split(' ')
            .map(|number| number.parse().expect("digits"));
        let mut next = || numbers.next().expect("another number");
        Self {
            hits: next(),
            misses: next(),
            stores: next(),
            stale_prevented: next(),
            errors: next(),
        }
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.stores += other.stores;
        self.stale_prevented += other.stale_prevented;
        self.errors += other.errors;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} hits, {} misses, {} stores, {} late values refused, {} errors of the store",
            self.hits, self.misses, self.stores, self.stale_prevented, self.errors
        )
    }
}
