//! The page.

use std::fmt;

use super::base::Base;
use super::column::{COLUMNS, Column};
use super::figures::Figures;
use super::report::Report;
use super::row::{Row, Scope};
use super::text::Text;
use super::tiles::Tiles;

/// The page that shows a report.
pub(super) struct Page<'a> {
    report: &'a Report,
    base: Base<'a>,
}

impl<'a> Page<'a> {
    /// A page whose links start with `base`.
    pub(super) fn new(report: &'a Report, base: Base<'a>) -> Self {
        Self { report, base }
    }
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.report;
        write!(
            f,
            include_str!("page.html"),
            base = self.base,
            store = Text(&report.store),
            tiles = Tiles(report),
            empty = hidden(!report.functions.is_empty()),
            table = hidden(report.is_blank()),
            heads = Heads,
            rows = Rows(report),
            blank = row(Scope::Function(""), &Figures::default()),
            by_hand = row(Scope::Sum("by_hand", "By hand"), &report.by_hand),
            totals = row(Scope::Sum("totals", "Total"), &report.totals),
            meanings = Meanings,
        )
    }
}

fn hidden(yes: bool) -> &'static str {
    if yes { " hidden" } else { "" }
}

fn row<'a>(scope: Scope<'a>, figures: &'a Figures) -> Row<'a> {
    Row { scope, figures }
}

/// The row of each function.
struct Rows<'a>(&'a Report);

impl fmt::Display for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for function in &self.0.functions {
            row(Scope::Function(&function.name), &function.figures).fmt(f)?;
        }
        Ok(())
    }
}

/// The head of each column of figures.
struct Heads;

impl fmt::Display for Heads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Column {
            key, head, meaning, ..
        } in COLUMNS
        {
            writeln!(
                f,
                "<th role=\"columnheader\" scope=\"col\" data-sort=\"{key}\" title=\"{meaning}\">{head}</th>"
            )?;
        }
        Ok(())
    }
}

/// What the figures mean.
struct Meanings;

impl fmt::Display for Meanings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for column in COLUMNS {
            writeln!(
                f,
                "<div><dt>{}</dt><dd>{}</dd></div>",
                column.head, column.meaning
            )?;
        }
        Ok(())
    }
}
