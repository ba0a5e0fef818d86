//! Measuring: everything is built as a whole, then run.

use crate::step::Step;

static BUILD: Step = Step::cargo(
    "build",
    "build --locked --profile release-lto --package larder-benches",
);

const RUN: &str =
    "run --locked --quiet --profile release-lto --package larder-benches --bin larder-benches --";

/// The steps of `cargo xtask bench [ROW...] [--quick]`. What the words mean, the benchmarks know.
pub(crate) fn steps(words: &[&str]) -> Vec<&'static Step> {
    let line = [&[RUN], words].concat().join(" ");
    // Steps are static, and this one is made once in a process.
    let run = Box::leak(Box::new(Step::cargo("run", line.leak())));
    vec![&BUILD, run]
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn the_words_reach_the_benchmarks() {
        let run = steps(&["hit", "--quick"])[1].to_string();
        assert!(run.ends_with(" -- hit --quick"), "{run}");
    }
}
