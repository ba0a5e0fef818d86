//! A table in Markdown.

use crate::stats::Cell;
use crate::table::{Has, Line, Table};
use std::fmt::Write;

/// Writes a table: ours is bold, and every figure stands beside its ratio to ours and to the best
/// peer with a bound and a timeout.
pub(super) fn grid(table: &Table) -> String {
    let mut text = format!("| {} | has |", table.unit);
    for column in &table.columns {
        let _ = write!(text, " {column} |");
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(table.columns.len()));
    for line in &table.lines {
        let name = if line.is_ours() {
            format!("**{}**", line.name)
        } else {
            line.name.clone()
        };
        let _ = write!(text, "\n| {name} | {} |", has(line.has));
        for column in 0..table.columns.len() {
            let _ = write!(text, " {} |", cell(table, line, column));
        }
    }
    text.push('\n');
    text
}

/// B bound, T timeout, S single flight, F fresh after invalidate.
fn has(has: Option<Has>) -> String {
    let Some(has) = has else {
        return "limit".to_owned();
    };
    let letters = [
        ('B', has.bound),
        ('T', has.timeout),
        ('S', has.single_flight),
        ('F', has.fresh),
    ];
    letters
        .iter()
        .map(|(letter, has)| if *has { *letter } else { '·' })
        .collect()
}

fn cell(table: &Table, line: &Line, column: usize) -> String {
    let Some(Some(cell)) = line.cells.get(column) else {
        return "–".to_owned();
    };
    let median = number(cell.median);
    let median = if line.is_ours() {
        format!("**{median}**")
    } else {
        median
    };
    let (ours, peer) = (ours(table, column), best_peer(table, column));
    let (ours, peer) = (ratio(cell.median, ours), ratio(cell.median, peer));
    let spread = spread(cell);
    format!("{median}<br><sub>{spread}{ours} / {peer}</sub>")
}

fn spread(cell: &Cell) -> String {
    if cell.low.total_cmp(&cell.high).is_eq() {
        return String::new();
    }
    format!("{}–{}; ", number(cell.low), number(cell.high))
}

/// How many times the other this one is; nothing can be held against nothing.
fn ratio(median: f64, to: Option<f64>) -> String {
    match to.filter(|to| *to != 0.0) {
        Some(to) => format!("{:.2}", median / to),
        None => "–".to_owned(),
    }
}

/// Our figure in this column; the first, where we have several.
pub(super) fn ours(table: &Table, column: usize) -> Option<f64> {
    let line = table.lines.iter().find(|line| line.is_ours())?;
    line.cells
        .get(column)
        .copied()
        .flatten()
        .map(|cell| cell.median)
}

/// The best figure in this column of a peer that has a bound and a timeout, as we have.
pub(super) fn best_peer(table: &Table, column: usize) -> Option<f64> {
    let equal = |line: &&Line| line.has.is_some_and(|has| has.bound && has.timeout);
    let peers = table
        .lines
        .iter()
        .filter(|line| !line.is_ours())
        .filter(equal);
    let medians = peers.filter_map(|line| line.cells.get(column)?.map(|cell| cell.median));
    medians.reduce(if table.more_is_better {
        f64::max
    } else {
        f64::min
    })
}

/// Three digits, and no more than the figure has.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => grouped(value),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// `1234567.8` as `1 234 568`.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let first = digits.len() % 3;
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == first {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_has_three_digits_or_all_before_the_point() {
        let shown = [0.514, 8.31, 83.14, 831.4, 1_234_567.8].map(number);
        let expected = ["0.51", "8.31", "83.1", "831", "1\u{202f}234\u{202f}568"];
        assert_eq!(shown, expected);
    }
}
