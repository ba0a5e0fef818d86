//! The short form, for the front page.

use super::Figures;
use super::grid::number;
use std::fmt::Write;

/// Between these two the front page has what is written here.
const BEGIN: &str = "<!-- benchmarks: begin; written by `cargo xtask bench` -->";
const END: &str = "<!-- benchmarks: end -->";

/// A line: what it says, and the table and the column that it is from.
const ROWS: &[(&str, &str, &str)] = &[
    ("hit `u64`, 1 thread", "hit-u64", "10 000, Zipf, 1 thread"),
    ("hit `u64`, 2 threads", "hit-u64", "10 000, Zipf, 2 threads"),
    (
        "hit 32 B `String`, 1 thread",
        "hit-string",
        "10 000, Zipf, 1 thread",
    ),
    (
        "hit 32 B `String`, 2 threads",
        "hit-string",
        "10 000, Zipf, 2 threads",
    ),
    (
        "hit `Arc` of 4 KiB, 1 thread",
        "hit-arc",
        "10 000, Zipf, 1 thread",
    ),
    (
        "hit `Arc` of 4 KiB, 2 threads",
        "hit-arc",
        "10 000, Zipf, 2 threads",
    ),
    (
        "hit `u64`, a million keys, 2 threads",
        "hit-u64",
        "1 000 000, Zipf, 2 threads",
    ),
    ("95 % hits, evicting, 2 threads", "evict", "`u64`"),
    ("miss on a trivial function", "miss", "not async"),
];

/// The contenders by their names in the tables: the first that takes part counts.
const COLUMNS: &[(&str, &[&str])] = &[
    ("**larder**", &["larder"]),
    (
        "cached, size + ttl",
        &["cached, size + ttl", "cached, size + ttl, by_key"],
    ),
    (
        "concurrent_cached, size + ttl",
        &["concurrent_cached, size + ttl"],
    ),
    ("moka, ttl", &["moka, ttl", "moka, `get_with`"]),
    (
        "quick_cache (no timeout)",
        &["quick_cache", "quick_cache, `get_or_insert`"],
    ),
];

/// The front page with the short form in its place; the same if it has no place for it.
pub(super) fn put_into(page: &str, figures: &Figures) -> String {
    let Some((before, rest)) = page.split_once(BEGIN) else {
        return page.to_owned();
    };
    let Some((_, after)) = rest.split_once(END) else {
        return page.to_owned();
    };
    format!("{before}{BEGIN}\n{}{END}{after}", table(figures))
}

fn table(figures: &Figures) -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let mut text = format!("| ns a call | {} |\n", names.join(" | "));
    let _ = writeln!(text, "|---{}|", "|---".repeat(names.len()));
    for (about, id, column) in ROWS {
        let cells = COLUMNS.iter().map(|(_, lines)| {
            let medians = lines
                .iter()
                .filter_map(|line| figures.median(id, line, column));
            medians.map(number).next().unwrap_or_else(|| "–".to_owned())
        });
        let cells: Vec<String> = cells.collect();
        let _ = writeln!(text, "| {about} | {} |", cells.join(" | "));
    }
    text
}
