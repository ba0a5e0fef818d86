//! One thing that must hold, and the work that shows it.

use crate::verdict::verdict;
use std::{
    env, fmt,
    path::Path,
    process::{Command, Stdio},
};

/// A named piece of work that passes or fails.
#[derive(Debug)]
pub(crate) struct Step {
    /// What `cargo xtask test NAME` calls it.
    pub(crate) name: &'static str,
    work: Work,
}

#[derive(Debug)]
enum Work {
    /// A cargo command line without the word `cargo`, and the environment it needs.
    Cargo(&'static str, &'static [(&'static str, &'static str)]),
    /// What the function sees to, and the function.
    Here(&'static str, fn() -> Result<(), String>),
}

impl Step {
    /// Makes a step of a cargo command line, which is split at white space.
    pub(crate) const fn cargo(name: &'static str, line: &'static str) -> Self {
        Self::cargo_with(name, &[], line)
    }

    /// Makes a step of a cargo command line that needs variables in its environment.
    pub(crate) const fn cargo_with(
        name: &'static str,
        variables: &'static [(&'static str, &'static str)],
        line: &'static str,
    ) -> Self {
        let work = Work::Cargo(line, variables);
        Self { name, work }
    }

    /// Makes a step of a function of this crate.
    pub(crate) const fn here(
        name: &'static str,
        about: &'static str,
        work: fn() -> Result<(), String>,
    ) -> Self {
        let work = Work::Here(about, work);
        Self { name, work }
    }

    /// Does the work in the workspace's root and waits for its end.
    ///
    /// # Errors
    ///
    /// What failed and why, in one line; what a command had to say, it has printed itself.
    pub(crate) fn run(&self) -> Result<(), String> {
        match self.work {
            Work::Cargo(line, variables) => cargo(line, variables),
            Work::Here(_, work) => work(),
        }
    }
}

/// Shows the work as one would type it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.work {
            Work::Cargo(line, variables) => {
                for (name, value) in variables {
                    write!(f, "{name}=\"{value}\" ")?;
                }
                write!(f, "cargo {line}")
            }
            Work::Here(about, _) => f.write_str(about),
        }
    }
}

/// Runs cargo in the workspace's root.
pub(crate) fn cargo(line: &str, variables: &[(&str, &str)]) -> Result<(), String> {
    // The cargo that runs this program, so that `cargo +nightly xtask` means what it says.
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(line.split_whitespace())
        .envs(variables.iter().copied())
        .current_dir(root())
        .stdin(Stdio::null());
    if env::var_os("CI").is_some_and(|ci| ci == "true") {
        // A build that happens once only pays for incremental state.
        command.env("CARGO_INCREMENTAL", "0");
    }
    verdict("cargo", command.status())
}

/// The workspace's root, so that a step does not depend on where it was called from.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

#[cfg(test)]
mod tests {
    use super::Step;

    #[test]
    fn a_step_is_shown_as_one_would_type_it() {
        let step = Step::cargo_with("docs", &[("RUSTDOCFLAGS", "-D warnings")], "doc --locked");
        assert_eq!(
            step.to_string(),
            r#"RUSTDOCFLAGS="-D warnings" cargo doc --locked"#
        );
    }
}
