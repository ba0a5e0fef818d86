//! The page.

use super::goal::{Goal, Mark};
use super::{
    Figures, behind, goals,
    grid::{grid, number},
    machine::machine,
    plot,
};
use crate::table::Table;
use std::fmt::Write;

/// Writes it.
pub(super) fn write(figures: &Figures) -> String {
    let mut text = format!("{HEAD}\n* Machine: {}.\n", machine());
    if figures.0.iter().any(|table| table.quick) {
        text.push_str(QUICK);
    }
    text.push_str("\n## Goals\n\n| goal | must | aim |\n|---|---|---|\n");
    for goal in goals::all() {
        let Goal { about, must, aim } = goal;
        let _ = writeln!(
            text,
            "| {about} | {} | {} |",
            marks(must, figures),
            marks(aim, figures)
        );
    }
    text.push_str("\nTo read them by:\n\n");
    for (words, figure) in goals::BESIDE {
        let figure = figure(figures).map_or_else(|| "not measured".to_owned(), number);
        let _ = writeln!(text, "* {words}: {figure}.");
    }
    text.push_str(GRID);
    figures
        .0
        .iter()
        .for_each(|table| text.push_str(&section(table)));
    text
}

fn marks(marks: &[Mark], figures: &Figures) -> String {
    let shown: Vec<String> = marks.iter().map(|mark| mark.shown(figures)).collect();
    shown.join("<br>")
}

fn section(table: &Table) -> String {
    let mut text = format!("\n## {}\n\n", table.title);
    for note in &table.notes {
        let _ = writeln!(text, "{note}\n");
    }
    if !table.lines.is_empty() {
        text.push_str(&grid(table));
    }
    if let Some(told) = behind::told(table) {
        let _ = writeln!(text, "\n{told}");
    }
    if plot::is_worth_it(table) {
        let _ = writeln!(text, "\n![{}]({})", table.title, plot::file(table));
    }
    text
}

const HEAD: &str = "\
# Benchmarks

Written by `cargo xtask bench`; do not edit. `cargo xtask bench hit redis` measures some rows again, `--quick` takes few
rounds.

* Contenders take turns, round by round: A B C, B C A, ... What else the machine does meets them all. Only ratios within
  one table count.
* A figure is the median of 21 rounds of 10 ms (`--quick`: 3 of 2 ms; builds: 5 and 1); below it stand the quartiles. Wide
  ones say that the machine had other things to do: then measure again when it has not.
* Everything is built together, with fat LTO and one codegen unit. What a user pays is built as a user builds it.
* Before hits are timed, a counter in the body shows that nothing is computed.
* larder runs with its guarantees: a bound, a timeout, single flight, freshness after an invalidation, statistics. Nothing
  is switched off.
* Each row runs in a process of its own.";

const QUICK: &str = "
> **Some of these figures come from a `--quick` run: they show the form, and no more.**
";

const GRID: &str = "
Below, under each figure: its quartiles, then its ratio to larder's / to the best peer's that also has a bound and a
timeout. *has*: **B** a bound, **T** a timeout, **S** single flight in this row, **F** fresh after an invalidation (of
one key, at least).
";
