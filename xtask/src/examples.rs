//! The examples that end by themselves, run.

use crate::step::{Step, root};
use crate::verdict::verdict;
use std::env::consts::EXE_SUFFIX;
use std::process::{Command, Stdio};

/// Runs what the step `examples` has built, each to its end.
pub(crate) const STEP: Step =
    Step::here("runs", "an example for each store runs to its end", run_all);

/// One for each store; the servers that one needs it starts and ends itself.
const EXAMPLES: [&str; 7] = [
    "null",
    "own_store",
    "file",
    "redis",
    "redis_sentinel",
    "redis_cluster",
    "memcached",
];

fn run_all() -> Result<(), String> {
    EXAMPLES.iter().try_for_each(|name| run(name))
}

fn run(name: &str) -> Result<(), String> {
    let program = root().join(format!("target/debug/examples/{name}{EXE_SUFFIX}"));
    if !program.exists() {
        return Err(format!(
            "{name} is not built: `cargo xtask test examples` builds it"
        ));
    }
    println!("{name}");
    let end = Command::new(program)
        .env_remove("LARDER_URL")
        .stdin(Stdio::null())
        .status();
    verdict(name, end)
}
