//! A table as bars, in SVG that is readable on white and on black.

use super::grid::number;
use crate::table::{Line, Table};
use std::fmt::Write;

const WIDTH: f64 = 760.0;
const NAMES: f64 = 250.0;
const BAR: f64 = 16.0;
const STEP: f64 = 20.0;
const HEAD: f64 = 30.0;

/// Whether there is something to compare.
pub(super) fn is_worth_it(table: &Table) -> bool {
    table.lines.len() > 1 && !table.columns.is_empty()
}

/// What its file is called.
pub(super) fn file(table: &Table) -> String {
    format!("{}.svg", table.id)
}

/// Draws a group of bars for each column, each group on its own scale.
pub(super) fn draw(table: &Table) -> String {
    let mut body = String::new();
    let mut top = HEAD;
    for (place, column) in table.columns.iter().enumerate() {
        top = group(&mut body, table, place, column, top);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" width=\"{WIDTH}\" height=\"{top}\" \
         role=\"img\">\n<title>{title}</title>\n{STYLE}<text class=\"title\" x=\"4\" y=\"18\">{title}, {unit}\
         </text>\n{body}</svg>\n",
        title = escaped(&table.title),
        unit = escaped(&table.unit),
    )
}

/// Draws one column; the answer is where the next may begin.
fn group(body: &mut String, table: &Table, place: usize, column: &str, top: f64) -> f64 {
    let value = |line: &Line| {
        line.cells
            .get(place)
            .copied()
            .flatten()
            .map(|cell| cell.median)
    };
    let bars = table
        .lines
        .iter()
        .filter_map(|line| Some((line, value(line)?)));
    let bars: Vec<(&Line, f64)> = bars.collect();
    let values = bars.iter().map(|(_, value)| *value);
    let scale = (WIDTH - NAMES - 80.0) / values.fold(f64::MIN_POSITIVE, f64::max);
    let mut y = top + STEP;
    let (base, column) = (y - 4.0, escaped(column));
    let _ = writeln!(
        body,
        "<text class=\"column\" x=\"4\" y=\"{base}\">{column}</text>"
    );
    for (line, value) in bars {
        body.push_str(&bar(line, value, value * scale, y));
        y += STEP;
    }
    y + 8.0
}

/// Draws a name, a bar and a figure.
fn bar(line: &Line, value: f64, length: f64, y: f64) -> String {
    let (class, name, value) = (class(line), escaped(&line.name), number(value));
    let (length, base) = (length.max(1.0), y + 12.0);
    let (left, right) = (NAMES - 6.0, NAMES + length + 5.0);
    format!(
        "<text class=\"{class}\" x=\"{left}\" y=\"{base}\" text-anchor=\"end\">{name}</text>\
         <rect class=\"{class}\" x=\"{NAMES}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"2\"/>\
         <text class=\"value\" x=\"{right:.1}\" y=\"{base}\">{value}</text>\n"
    )
}

fn class(line: &Line) -> &'static str {
    match line.has {
        _ if line.is_ours() => "ours",
        Some(_) => "peer",
        None => "limit",
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('`', "").replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

const STYLE: &str = "\
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 14px; font-weight: 600; }
.column { font-weight: 600; }
text.ours { font-weight: 700; }
.value { fill: #59636e; }
rect.ours { fill: #d1541b; }
rect.peer { fill: #8c959f; }
rect.limit { fill: none; stroke: #8c959f; stroke-dasharray: 3 2; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.value { fill: #9198a1; }
rect.ours { fill: #f0883e; }
rect.peer { fill: #656c76; }
}
</style>
";
