//! What must hold before a change goes in.

use crate::{examples, instructions, packages, step::Step};

/// The steps of `cargo xtask test`, in the order they run: what fails fastest comes first.
pub(crate) const STEPS: &[Step] = &[
    packages::STEP,
    Step::cargo("fmt", "fmt --all --check"),
    Step::cargo(
        "clippy",
        "clippy --locked --workspace --all-targets --all-features -- -D warnings",
    ),
    Step::cargo_with(
        "docs",
        &[("RUSTDOCFLAGS", "-D warnings")],
        "doc --locked --workspace --exclude larder-benches --all-features --no-deps",
    ),
    // The combinations of features that users pick. Clippy instead of `check`: it denies warnings in our crates and
    // leaves what was built of the others alone, where RUSTFLAGS would build them all again.
    Step::cargo(
        "features-none",
        "clippy --locked -p larder --no-default-features -- -D warnings",
    ),
    Step::cargo(
        "features-default",
        "clippy --locked -p larder -- -D warnings",
    ),
    Step::cargo(
        "features-codec",
        "clippy --locked -p larder --features codec -- -D warnings",
    ),
    Step::cargo(
        "features-file",
        "clippy --locked -p larder --features file -- -D warnings",
    ),
    Step::cargo(
        "features-moka",
        "clippy --locked -p larder --features moka -- -D warnings",
    ),
    Step::cargo(
        "features-redis",
        "clippy --locked -p larder --features redis -- -D warnings",
    ),
    Step::cargo(
        "features-memcached",
        "clippy --locked -p larder --features memcached -- -D warnings",
    ),
    Step::cargo(
        "features-tower",
        "clippy --locked -p larder --features tower -- -D warnings",
    ),
    Step::cargo(
        "features-axum",
        "clippy --locked -p larder --features axum -- -D warnings",
    ),
    Step::cargo(
        "features-minijinja",
        "clippy --locked -p larder --features minijinja -- -D warnings",
    ),
    Step::cargo(
        "features-conformance",
        "clippy --locked -p larder --features conformance -- -D warnings",
    ),
    // A test serves one of them. `cargo test --examples` builds something else: their tests.
    Step::cargo(
        "examples",
        "build --locked --workspace --exclude larder-benches --all-features --examples",
    ),
    // The benchmarks are held to the lints, above, and built no further: their peers take long.
    Step::cargo(
        "tests",
        "test --locked --workspace --exclude larder-benches --all-features --lib --bins --tests",
    ),
    Step::cargo(
        "doc-tests",
        "test --locked --workspace --exclude larder-benches --all-features --doc",
    ),
    // A workspace of its own, as a user has it: the dependency renamed, every lint denied.
    Step::cargo(
        "user-clippy",
        "clippy --locked --target-dir target --manifest-path tests/user-crate/Cargo.toml --all-targets -- -D warnings",
    ),
    Step::cargo(
        "user-tests",
        "test --locked --target-dir target --manifest-path tests/user-crate/Cargo.toml",
    ),
    // A target directory of its own, because other flags would build the workspace's again.
    Step::cargo_with(
        "shuttle",
        &[("RUSTFLAGS", "--cfg shuttle")],
        "test --locked --target-dir target/shuttle -p larder-core --features codec --test shuttle_flights",
    ),
    instructions::STEP,
    Step::cargo("quickstart", "run --locked --quiet --example quickstart"),
    examples::STEP,
    Step::cargo(
        "sqlite",
        "run --locked --quiet --package larder-example-sqlite",
    ),
];

/// Picks the steps that were named, or all without a name, in the order they run.
///
/// The first part of a name picks all that begin with it: `features` is every combination of features.
///
/// # Errors
///
/// Which name fits no step, and the names that would.
pub(crate) fn pick(names: &[&str]) -> Result<Vec<&'static Step>, String> {
    if let Some(name) = names
        .iter()
        .find(|name| !STEPS.iter().any(|s| fits(s, name)))
    {
        let all: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!("no step `{name}`; there are {}", all.join(", ")));
    }
    let picked = |step: &&Step| names.is_empty() || names.iter().any(|name| fits(step, name));
    Ok(STEPS.iter().filter(picked).collect())
}

fn fits(step: &Step, name: &str) -> bool {
    let rest = step.name.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::{STEPS, pick};
    use std::collections::HashSet;

    fn names(words: &[&str]) -> Vec<&'static str> {
        pick(words).unwrap().iter().map(|step| step.name).collect()
    }

    #[test]
    fn no_name_picks_every_step() {
        assert_eq!(names(&[]).len(), STEPS.len());
    }

    #[test]
    fn named_steps_run_once_and_in_their_order() {
        assert_eq!(names(&["docs", "fmt", "docs"]), ["fmt", "docs"]);
    }

    #[test]
    fn the_first_part_of_a_name_picks_its_family() {
        assert_eq!(names(&["user"]), ["user-clippy", "user-tests"]);
        assert_eq!(names(&["doc"]), ["doc-tests"]);
    }

    #[test]
    fn an_unknown_name_is_named_with_the_names_there_are() {
        let mistake = pick(&["fmt", "feat", "user"]).unwrap_err();
        assert!(mistake.starts_with("no step `feat`; there are servers, fmt, "));
    }

    #[test]
    fn no_two_steps_share_a_name() {
        let unique: HashSet<&str> = STEPS.iter().map(|step| step.name).collect();
        assert_eq!(unique.len(), STEPS.len());
    }

    #[test]
    fn every_cargo_command_that_reads_the_lock_file_keeps_it() {
        for line in STEPS.iter().map(ToString::to_string) {
            let reads = line.contains("cargo ") && !line.contains("cargo fmt ");
            assert!(!reads || line.contains(" --locked "), "{line}");
        }
    }
}
