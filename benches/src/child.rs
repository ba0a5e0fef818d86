//! A row in a process of its own: what one leaves behind does not meet the next.

use crate::effort::Effort;
use crate::row::Row;
use crate::table::Table;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

/// The word by which a process knows that it is one.
pub const WORD: &str = "--into";

/// Runs a row in a child process, and reads what it found out.
///
/// # Errors
///
/// It did not start, failed, or took too long and was ended.
pub fn run(row: &Row, effort: Effort) -> io::Result<Vec<Table>> {
    let file = env::temp_dir().join(format!(
        "larder-benches-{}-{}",
        row.name,
        std::process::id()
    ));
    let child = command(row, effort, &file)?.spawn()?;
    let ended = wait(child, row.limit());
    let answer = fs::read(&file);
    let _ = fs::remove_file(&file);
    ended?;
    let mut tables: Vec<Table> = serde_json::from_slice(&answer?)?;
    for table in &mut tables {
        table.quick = effort.quick;
    }
    Ok(tables)
}

fn command(row: &Row, effort: Effort, file: &PathBuf) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?.with_file_name(row.program));
    command.arg(row.name).arg(WORD).arg(file);
    if effort.quick {
        command.arg("--quick");
    }
    command.stdin(Stdio::null());
    Ok(command)
}

/// Waits so long and no longer.
fn wait(mut child: Child, limit: Duration) -> io::Result<()> {
    let begin = Instant::now();
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(io::Error::other(format!("it ended with {status}"))),
            None if begin.elapsed() > limit => {
                child.kill()?;
                child.wait()?;
                return Err(io::Error::other(format!("it took more than {limit:?}")));
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Is the child: measures, and writes what was found out where the parent reads it.
pub fn answer(measure: impl FnOnce(Effort) -> Vec<Table>) -> ExitCode {
    let words: Vec<String> = env::args().collect();
    let Some(place) = words.iter().position(|word| word == WORD) else {
        eprintln!("it is run by `cargo xtask bench`");
        return ExitCode::from(2);
    };
    let quick = words.iter().any(|word| word == "--quick");
    let tables = measure(Effort { quick });
    let text = serde_json::to_vec(&tables).expect("tables are JSON");
    match fs::write(&words[place + 1], text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write what was found out: {error}");
            ExitCode::FAILURE
        }
    }
}
