//! Debian's word on whether a package may start its service.

use std::{
    fs,
    io::{self, ErrorKind, Write},
    path::Path,
    process::Command,
};

/// Answers 101, which is "forbidden by policy", to every question.
const FORBID: &str = "\
#!/bin/sh
# Written by larder's `cargo xtask` while it installs servers for its tests; safe to remove.
exit 101
";

/// Keeps the services of new packages down for as long as it lives.
///
/// Source: policy-rc.d, as `invoke-rc.d(8)` describes it.
#[derive(Debug)]
pub(crate) struct Policy<'a> {
    /// The script to remove at the end; none if the machine has its own.
    ours: Option<&'a Path>,
}

impl<'a> Policy<'a> {
    /// Puts a script there that forbids every start, unless there is one that does.
    ///
    /// # Errors
    ///
    /// The script could not be written, or the one that is there lets services start.
    pub(crate) fn keep_services_down(script: &'a Path) -> io::Result<Self> {
        let ours = match fs::read_to_string(script) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                write(script)?;
                Some(script)
            }
            // Left behind when an earlier run was killed.
            Ok(text) if text == FORBID => Some(script),
            _ if forbids(script)? => None,
            _ => return Err(io::Error::other("policy-rc.d lets services start")),
        };
        Ok(Self { ours })
    }
}

impl Drop for Policy<'_> {
    fn drop(&mut self) {
        if let Some(script) = self.ours
            && let Err(error) = fs::remove_file(script)
        {
            eprintln!("policy-rc.d is still there, remove it: {error}");
        }
    }
}

fn write(script: &Path) -> io::Result<()> {
    let mut file = fs::File::create_new(script)?;
    file.write_all(FORBID.as_bytes())?;
    // A command instead of `std::os::unix`, so that this crate builds where there is no Debian.
    Command::new("chmod").arg("755").arg(script).status()?;
    Ok(())
}

fn forbids(script: &Path) -> io::Result<bool> {
    let status = Command::new(script)
        .args(["redis-server", "start"])
        .status()?;
    Ok(status.code() == Some(101))
}

#[cfg(all(test, unix))]
mod tests {
    use super::{Policy, write};
    use std::{
        env, fs,
        path::{Path, PathBuf},
        process::{self, Command},
    };

    fn script(law: &str) -> PathBuf {
        env::temp_dir().join(format!("larder-xtask-{law}-{}", process::id()))
    }

    /// A shell writes it: a file that this process has open, and a fork of another test with it, cannot be run.
    fn existing(law: &str, exit: &str) -> PathBuf {
        let script = script(law);
        let line = r#"printf '#!/bin/sh\nexit %s\n' "$1" >"$0" && chmod 755 "$0""#;
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).arg(&script).arg(exit);
        assert!(shell.status().unwrap().success());
        script
    }

    fn hold(script: &Path) -> bool {
        Policy::keep_services_down(script).is_ok_and(|_policy| script.exists())
    }

    #[test]
    fn a_script_is_there_only_while_the_policy_lives() {
        let script = script("new");
        assert!(hold(&script));
        assert!(!script.exists());
    }

    #[test]
    fn the_machine_s_own_script_stays() {
        let script = existing("own", "101");
        assert!(hold(&script));
        assert!(script.exists());
        fs::remove_file(&script).unwrap();
    }

    #[test]
    fn a_script_that_a_killed_run_left_goes() {
        let script = script("left");
        write(&script).unwrap();
        assert!(hold(&script));
        assert!(!script.exists());
    }

    #[test]
    fn a_script_that_lets_services_start_is_an_error_and_stays() {
        let script = existing("lenient", "0");
        assert!(!hold(&script));
        assert!(script.exists());
        fs::remove_file(&script).unwrap();
    }
}
