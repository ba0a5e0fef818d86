//! A user's project, made for one build and removed after it.

use crate::root::root;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs, io};

/// A project with a target directory of its own.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Writes a project that depends on this, with the versions that larder's own lock file names.
    pub(super) fn new(name: &str, dependencies: &str, main: &str) -> io::Result<Self> {
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let folder = env::temp_dir().join(format!("larder-cost-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("src"))?;
        let project = Self(folder);
        let dependencies = dependencies.replace("LARDER", &root().display().to_string());
        let manifest = format!(
            "[package]\nname = \"scratch\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n\n\
             [profile.release]\nstrip = true\n\n[workspace]\n"
        );
        fs::write(project.0.join("Cargo.toml"), manifest)?;
        fs::copy(root().join("Cargo.lock"), project.0.join("Cargo.lock"))?;
        project.write(main)?;
        Ok(project)
    }

    /// Replaces the program.
    pub(super) fn write(&self, main: &str) -> io::Result<()> {
        fs::write(self.0.join("src/main.rs"), main)
    }

    /// Builds with these words after `build`; the seconds that it took.
    pub(super) fn build(&self, words: &[&str]) -> io::Result<f64> {
        let begin = Instant::now();
        let mut command = self.cargo("build");
        let status = command.args(["--quiet"]).args(words).status()?;
        if !status.success() {
            return Err(io::Error::other(format!(
                "{} does not build",
                self.0.display()
            )));
        }
        Ok(begin.elapsed().as_secs_f64())
    }

    /// Forgets what was built.
    pub(super) fn clean(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.0.join("target")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// How many lines `cargo tree -e normal` has.
    pub(super) fn lines(&self) -> io::Result<usize> {
        let output = self.cargo("tree").args(["-e", "normal"]).output()?;
        Ok(output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .count())
    }

    /// How long the released program is.
    pub(super) fn released(&self) -> io::Result<u64> {
        Ok(fs::metadata(self.0.join("target/release/scratch"))?.len())
    }

    fn cargo(&self, word: &str) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(word).arg("--offline").current_dir(&self.0);
        command.env("CARGO_TARGET_DIR", self.0.join("target"));
        command.stdin(Stdio::null()).stderr(Stdio::inherit());
        command
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
