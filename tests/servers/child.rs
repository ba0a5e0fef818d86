//! A process that ends with the test process, however that ends.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child as Process, ChildStdin, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::folder::Folder;
use super::{PATIENCE, until};

/// Starts the program, tells its id, and kills it when nobody holds the other end of the pipe any
/// more. That end closes with the test process even if it is killed, and `kill -9` reaches a process
/// that is stopped. Without a word through the pipe the test process is gone: its files go too.
///
/// The shell itself must outlive Ctrl-C, which is sent to it as well.
const WATCHDOG: &str = r#"
trap '' INT TERM HUP
log=$1 folder=$2
shift 2
"$@" >>"$log" 2>&1 &
child=$!
echo "$child"
read -r _
orphaned=$?
kill -9 "$child" 2>/dev/null
wait "$child" 2>/dev/null
[ "$orphaned" = 0 ] || rm -rf "$folder"
"#;

/// A running program; dropped, it is killed.
pub(crate) struct Child {
    shell: Process,
    order: Option<ChildStdin>,
    pid: Pid,
}

impl Child {
    /// Starts a program, in its folder, with what it prints going to a file there.
    pub(crate) fn start(program: &Command, folder: &Folder, log: &Path) -> Self {
        let mut shell = watched(program, folder, log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let pid = told_pid(&mut shell);
        Self {
            order: shell.stdin.take(),
            shell,
            pid,
        }
    }

    /// The id of the program, not of the shell that watches it.
    pub(crate) fn id(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Stops it (`SIGSTOP`): it holds its connections and does nothing, in none of its threads.
    pub(crate) fn stop(&self) {
        self.signal(Signal::STOP);
        until("a standstill", PATIENCE, || self.is_stopped());
    }

    fn is_stopped(&self) -> bool {
        let threads = format!("/proc/{}/task", self.id());
        let mut threads = std::fs::read_dir(threads).expect("a process that is there");
        threads.all(|thread| {
            let stat =
                thread.and_then(|thread| std::fs::read_to_string(thread.path().join("stat")));
            // The state stands behind the name, which is in brackets.
            stat.is_ok_and(|stat| {
                stat.rsplit(") ")
                    .next()
                    .is_some_and(|rest| rest.starts_with('T'))
            })
        })
    }

    /// Lets it go on (`SIGCONT`).
    pub(crate) fn cont(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("a process that is there");
    }
}

/// `kill -9`; afterwards the process is gone and its ports are free.
impl Drop for Child {
    fn drop(&mut self) {
        if let Some(mut order) = self.order.take() {
            std::io::Write::write_all(&mut order, b"kill\n").ok();
        }
        self.shell.wait().ok();
    }
}

fn watched(program: &Command, folder: &Folder, log: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", WATCHDOG, "watchdog"]);
    shell.args([log, folder.path()]);
    shell.arg(program.get_program()).args(program.get_args());
    let set = |(name, value): (_, Option<_>)| Some((name, value?));
    shell.envs(program.get_envs().filter_map(set));
    shell.current_dir(folder.path());
    shell
}

fn told_pid(shell: &mut Process) -> Pid {
    let mut line = String::new();
    let stdout = shell.stdout.take().expect("a pipe");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("the id of the program");
    let raw = line.trim().parse().expect("a number");
    Pid::from_raw(raw).expect("an id that is not 0")
}
