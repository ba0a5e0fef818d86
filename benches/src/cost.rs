//! What it costs to depend on larder, and to annotate a function.

mod build;
mod functions;
mod scratch;

use crate::stats::Cell;
use crate::table::{Has, Who};

pub use build::measure as build;
pub use functions::measure as functions;

/// A dependency as a user writes it.
#[derive(Clone, Copy, Debug)]
struct Dependency {
    name: &'static str,
    /// The lines of `Cargo.toml`.
    lines: &'static str,
}

const LARDER: Dependency = Dependency {
    name: "larder",
    lines: "larder = { path = \"LARDER\" }",
};

const CACHED: Dependency = Dependency {
    name: "cached",
    lines: "cached = { version = \"4.1\", features = [\"async\"] }",
};

const MEMOIZE: Dependency = Dependency {
    name: "memoize",
    lines: "memoize = \"0.6\"",
};

fn who(name: &str) -> Who {
    if name.starts_with("larder") {
        return Who::ours(name);
    }
    Who::with(name, Has::BOUND_AND_TIMEOUT)
}

fn exact(name: &str, value: f64) -> (Who, Cell) {
    (who(name), Cell::exact(value))
}
