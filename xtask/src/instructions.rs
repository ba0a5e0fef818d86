//! How many instructions a hit takes: a guard that no other load on the machine can blur.

use crate::step::{Step, cargo, root};
use std::process::{Command, Stdio};

/// Fails when a hit or a miss takes more than it did.
pub(crate) const STEP: Step = Step::here(
    "instructions",
    "a hit and a miss take no more instructions than they did",
    check,
);

/// What `hits` can be asked for, and the most instructions that one of them may take: what was counted
/// when it was last made quicker, and a sixth more for other compilers and allocators.
const MOST: [(&str, u64); 5] = [
    ("number", 340),
    ("text", 780),
    ("list", 760),
    ("later", 370),
    ("miss", 4_800),
];

const TIMES: u64 = 100_000;

fn check() -> Result<(), String> {
    if !has_valgrind() {
        println!("LEFT OUT: it needs valgrind, which is not installed here");
        return Ok(());
    }
    cargo(
        "build --locked --release --package larder --example hits --target-dir target",
        &[],
    )?;
    let mut over = Vec::new();
    for (kind, most) in MOST {
        // The difference of two runs is that of the calls alone.
        let (more, less) = (count(kind, TIMES * 2)?, count(kind, TIMES)?);
        let each = more.saturating_sub(less) / TIMES;
        println!("{kind}: {each} instructions, at most {most}");
        if each > most {
            over.push(kind);
        }
    }
    match over[..] {
        [] => Ok(()),
        _ => Err(format!("too many instructions: {}", over.join(", "))),
    }
}

fn has_valgrind() -> bool {
    let asked = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

/// All instructions of one run.
fn count(kind: &str, times: u64) -> Result<u64, String> {
    let output = Command::new("valgrind")
        // Fair, so that the clock's thread has its turns: without, each hit would ask the system for the time.
        .args(["--tool=callgrind", "--fair-sched=yes"])
        .arg("--callgrind-out-file=/dev/null")
        .arg(root().join("target/release/examples/hits"))
        .args([kind, &times.to_string()])
        .output()
        .map_err(|error| format!("valgrind did not start: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = told.lines().find(|line| line.contains("Collected"));
    let number = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
    number.ok_or_else(|| format!("valgrind counted nothing:\n{told}"))
}
