//! What tests wrote down, written down again.

use crate::{packages, step::Step};

/// The steps of `cargo xtask bless`; what they changed is for `git diff` and a reader.
pub(crate) const STEPS: &[Step] = &[
    packages::STEP,
    // Without `--no-fail-fast` the files after the first failure would stay as they are.
    Step::cargo_with(
        "bless",
        &[("TRYBUILD", "overwrite"), ("INSTA_UPDATE", "always")],
        "test --locked --workspace --all-features --lib --tests --no-fail-fast",
    ),
];
