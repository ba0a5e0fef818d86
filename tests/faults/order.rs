//! What a worker is told.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::pantry::Pantry;

/// The task of one process.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Its number in the run.
    pub(crate) process: u32,
    /// The store.
    pub(crate) pantry: Pantry,
    /// The port of the source.
    pub(crate) source: u16,
    /// Where it writes down what it does.
    pub(crate) journal: PathBuf,
    /// Between two invalidations of a thread.
    pub(crate) pause: Duration,
    /// How long each body takes at least.
    pub(crate) slowness: Duration,
}

const PROCESS: &str = "LARDER_WORKER";
const PANTRY: &str = "LARDER_PANTRY";
const SOURCE: &str = "LARDER_SOURCE";
const JOURNAL: &str = "LARDER_JOURNAL";
const PAUSE: &str = "LARDER_PAUSE";
const SLOWNESS: &str = "LARDER_SLOWNESS";

impl Order {
    /// The order of this process, if it is a worker.
    pub(crate) fn given() -> Option<Self> {
        env::var(PROCESS).ok()?;
        Some(Self {
            process: number(PROCESS),
            pantry: Pantry::read(&text(PANTRY)),
            source: number(SOURCE),
            journal: text(JOURNAL).into(),
            pause: Duration::from_micros(number(PAUSE)),
            slowness: Duration::from_micros(number(SLOWNESS)),
        })
    }

    /// This program again, as a worker.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env::current_exe().expect("a path"));
        command
            .args(["--exact", "worker", "--nocapture"])
            .env(PROCESS, self.process.to_string())
            .env(PANTRY, self.pantry.write())
            .env(SOURCE, self.source.to_string())
            .env(JOURNAL, &self.journal)
            .env(PAUSE, self.pause.as_micros().to_string())
            .env(SLOWNESS, self.slowness.as_micros().to_string());
        command
    }

    /// The same, where nothing can be written.
    #[cfg(feature = "file")]
    #[allow(dead_code)] // only files are on a disk of the worker's
    pub(crate) fn command_without_space(&self) -> Command {
        let worker = self.command();
        let mut command = Command::new("sh");
        command.args(["-c", WITHOUT_SPACE, "sh"]);
        command.arg(worker.get_program()).args(worker.get_args());
        let set = |(name, value): (_, Option<_>)| Some((name, value?));
        command.envs(worker.get_envs().filter_map(set));
        command
    }
}

/// No file may grow past its beginning, as if the disk were full: every write fails, and everything else
/// succeeds. The journal goes through a pipe, to a process that may write; what else it says is lost.
#[cfg(feature = "file")]
const WITHOUT_SPACE: &str = r#"
mkfifo "$LARDER_JOURNAL.pipe"
cat "$LARDER_JOURNAL.pipe" >"$LARDER_JOURNAL" &
LARDER_JOURNAL="$LARDER_JOURNAL.pipe"
export LARDER_JOURNAL
trap '' XFSZ
ulimit -f 0
exec "$@" >/dev/null 2>&1
"#;

fn text(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is missing"))
}

fn number<N: std::str::FromStr>(name: &str) -> N {
    let parsed = text(name).parse().ok();
    parsed.unwrap_or_else(|| panic!("{name} is no number"))
}
