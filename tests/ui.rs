//! Every wrong use is one clear compile error at the token at fault, with the way out; a right use
//! leaves the code around it alone.
//!
//! A case is a `.rs` with the `.stderr` beside it. After a change of a message,
//! `TRYBUILD=overwrite cargo test --test ui` writes the new ones: read the difference.

#[path = "ui/clean/hygiene.rs"]
pub mod hygiene;
#[path = "ui/clean/lints.rs"]
pub mod lints;

#[test]
fn a_mistake_is_one_clear_error() {
    let cases = trybuild::TestCases::new();
    for theme in ["arguments", "functions", "hooks", "keys", "types", "values"] {
        cases.compile_fail(format!("tests/ui/{theme}/*.rs"));
    }
    if cfg!(feature = "axum") {
        cases.compile_fail("tests/ui/responses/*.rs");
    }
}
