//! Instructions a hit, counted by valgrind: what no other load on the machine can blur.

use crate::effort::Effort;
use crate::stats::Cell;
use crate::table::{Has, Table, Who};
use std::env;
use std::process::{Command, Stdio};

/// What `count` hits, by the name it is called with.
const KINDS: [(&str, &str); 3] = [
    ("number", "`u64`"),
    ("text", "`u64, &str`"),
    ("async", "`async`, `u64`"),
];

const HITS: u64 = 200_000;

/// Counts the instructions of so many hits, and of twice as many; the difference is theirs alone.
pub fn measure(_: Effort) -> Vec<Table> {
    let mut table = Table::new("instructions", "Instructions a hit", "instructions").note(
        "Counted by `valgrind`: one key, one thread. Independent of load, blind to cache misses and locks.",
    );
    let mut valgrind = Command::new("valgrind");
    if valgrind
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        return vec![table.note("Left out: there is no valgrind here.")];
    }
    let whos = [
        ("larder", Who::ours("larder")),
        ("cached", Who::with("cached", Has::NOTHING)),
        (
            "bounded",
            Who::with("cached, size + ttl", Has::BOUND_AND_TIMEOUT),
        ),
    ];
    for (kind, column) in KINDS {
        let figure = |(name, who): &(&str, Who)| Some((who.clone(), each(name, kind)?));
        table.add(column, whos.iter().filter_map(figure).collect());
    }
    vec![table]
}

/// The instructions of one hit; nothing of who does not take part.
#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn each(contender: &str, kind: &str) -> Option<Cell> {
    let more = counted(contender, kind, HITS * 2)?;
    let less = counted(contender, kind, HITS)?;
    Some(Cell::exact(more.saturating_sub(less) as f64 / HITS as f64))
}

/// All instructions of one run.
fn counted(contender: &str, kind: &str, hits: u64) -> Option<u64> {
    let program = env::current_exe().ok()?.with_file_name("count");
    let output = Command::new("valgrind")
        // Fair, so that larder's clock, a thread, has its turns: without, each hit would ask the system for the time.
        .args(["--tool=callgrind", "--fair-sched=yes"])
        .arg("--callgrind-out-file=/dev/null")
        .arg(program)
        .args([contender, kind, &hits.to_string()])
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = told.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(' ').next()?.parse().ok()
}
