//! Caches of numbers by number, with a bound, as several rows need them.

use larder::{Cache, backends::Memory};
use moka::{future, sync};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_mins(5);

/// larder's.
pub(crate) fn larder(bound: u64) -> Cache {
    let builder = Cache::builder().backend(Memory::new(bound));
    builder.build().expect("the configuration is right")
}

/// moka's, with a timeout.
pub(crate) fn moka(bound: u64) -> sync::Cache<u64, u64> {
    let builder = sync::Cache::builder().max_capacity(bound);
    builder.time_to_live(TIMEOUT).build()
}

/// moka's for tasks, with a timeout.
pub(crate) fn moka_of_tasks(bound: u64) -> future::Cache<u64, u64> {
    let builder = future::Cache::builder().max_capacity(bound);
    builder.time_to_live(TIMEOUT).build()
}

/// `quick_cache`'s, which knows no timeouts.
pub(crate) fn quick_cache(bound: usize) -> quick_cache::sync::Cache<u64, u64> {
    quick_cache::sync::Cache::new(bound)
}
