//! The row `memory`, under an allocator that counts.

use larder_benches::weight::Meter;
use larder_benches::{child, weight};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let meter = Meter { bytes, allocations };
    child::answer(|effort| weight::measure(meter, effort))
}

/// What grew in place is counted as both, so that the difference is what is in use.
#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn bytes() -> f64 {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated as f64 - stats.bytes_deallocated as f64
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn allocations() -> f64 {
    let stats = ALLOCATOR.stats();
    (stats.allocations + stats.reallocations) as f64
}
