//! Runs rows, each in a child process, and writes `docs/benchmarks`: `[ROW...] [--quick]`.

use larder_benches::effort::Effort;
use larder_benches::report::{self, Figures};
use larder_benches::{child, row};
use std::env;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask bench [ROW...] [--quick]";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let [name, child::WORD, ..] = words[..] {
        let row = row::pick(&[name]);
        return child::answer(|effort| {
            row.map_or_else(|_| Vec::new(), |row| row[0].measure(effort))
        });
    }
    let (options, names): (Vec<_>, Vec<_>) = words.iter().partition(|w| w.starts_with("--"));
    let quick = options == ["--quick"];
    match row::pick(&names) {
        Ok(rows) if quick || options.is_empty() => run(&rows, Effort { quick }),
        Ok(_) => mistake(&format!("no such option: {}", options.join(" "))),
        Err(why) => mistake(&why),
    }
}

fn mistake(why: &str) -> ExitCode {
    eprintln!("{why}\n{USAGE}");
    ExitCode::from(2)
}

/// Runs the rows one after the other. One that fails is told, keeps its old figures, and stops no other.
fn run(rows: &[&row::Row], effort: Effort) -> ExitCode {
    let mut figures = Figures::read();
    let mut failed = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        println!("[{}/{}] {}: {}", index + 1, rows.len(), row.name, row.about);
        match child::run(row, effort) {
            Ok(tables) => tables.into_iter().for_each(|table| figures.put(table)),
            Err(error) => failed.push(format!("{}: {error}", row.name)),
        }
    }
    if let Err(error) = report::write(&figures) {
        failed.push(format!("cannot write the report: {error}"));
    }
    for why in &failed {
        eprintln!("FAILED {why}");
    }
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
