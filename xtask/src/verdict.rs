//! What the end of a command means.

use std::{io, process::ExitStatus};

/// Turns the end of the command `name` into the end of a step.
///
/// # Errors
///
/// The command failed, was stopped by a signal, or did not start.
pub(crate) fn verdict(name: &str, end: io::Result<ExitStatus>) -> Result<(), String> {
    match end {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} ended with {status}")),
        Err(error) => Err(format!("{name} did not start: {error}")),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::verdict;
    use std::process::Command;

    fn end_of(program: &str, script: &str) -> Result<(), String> {
        let end = Command::new(program).args(["-c", script]).status();
        verdict("it", end)
    }

    #[test]
    fn only_a_zero_exit_status_passes() {
        assert_eq!(end_of("sh", "exit 0"), Ok(()));
        let failed = end_of("sh", "exit 3").unwrap_err();
        assert_eq!(failed, "it ended with exit status: 3");
        let stopped = end_of("sh", "kill -9 $$").unwrap_err();
        assert!(stopped.starts_with("it ended with signal: 9"), "{stopped}");
    }

    #[test]
    fn a_program_that_is_not_there_did_not_start() {
        let absent = end_of("larder-no-such-program", "").unwrap_err();
        assert!(absent.starts_with("it did not start: "), "{absent}");
    }
}
