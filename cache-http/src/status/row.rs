//! A row of the table.

use std::fmt;

use super::bar::Bar;
use super::column::COLUMNS;
use super::figures::Figures;
use super::text::{Path, Text};

/// A row: what it is about, and its figures.
pub(super) struct Row<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) figures: &'a Figures,
}

/// What a row is about.
#[derive(Clone, Copy)]
pub(super) enum Scope<'a> {
    /// A function.
    Function(&'a str),
    /// What the JSON has under this name, under a title.
    Sum(&'static str, &'static str),
}

impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) => write!(
                f,
                "<tr role=\"row\" data-name=\"{}\"><th role=\"rowheader\" scope=\"row\"><code>{}</code></th>",
                Text(name),
                Path(name)
            ),
            Self::Sum(key, title) => write!(
                f,
                "<tr role=\"row\" data-figures=\"{key}\"><th role=\"rowheader\" scope=\"row\">{title}</th>"
            ),
        }
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.scope.fmt(f)?;
        for column in COLUMNS {
            let figure = column.of(self.figures);
            let class = if column.rare { " class=\"rare\"" } else { "" };
            write!(
                f,
                "<td role=\"cell\"{class} data-label=\"{}\">{}{figure}</td>",
                column.head,
                Bar(&figure)
            )?;
        }
        f.write_str("</tr>\n")
    }
}
