//! What stays of a run: the figures, and the page and the plots that show them.

mod behind;
mod goal;
mod goals;
mod grid;
mod machine;
mod page;
mod plot;
mod short;

use crate::root::root;
use crate::table::Table;
use std::path::PathBuf;
use std::{fs, io};

/// Every table there is: of this run, or of an older one where this run asked something else.
#[derive(Debug, Default)]
pub struct Figures(Vec<Table>);

impl Figures {
    /// Reads what earlier runs found out; nothing if there is nothing that can be read.
    pub fn read() -> Self {
        let text = fs::read(folder().join("figures.json")).unwrap_or_default();
        Self(serde_json::from_slice(&text).unwrap_or_default())
    }

    /// Puts a table in the place of the one with its id.
    pub fn put(&mut self, table: Table) {
        match self.0.iter_mut().find(|old| old.id == table.id) {
            Some(old) => *old = table,
            None => self.0.push(table),
        }
    }

    fn table(&self, id: &str) -> Option<&Table> {
        self.0.iter().find(|table| table.id == id)
    }

    /// A median, by table, line and column.
    fn median(&self, id: &str, line: &str, column: &str) -> Option<f64> {
        self.table(id)?.median(line, column)
    }
}

/// Writes the figures, the page, its short form on the front page, and a plot for each table that has
/// something to compare.
///
/// # Errors
///
/// The folder cannot be made or written into.
pub fn write(figures: &Figures) -> io::Result<()> {
    let folder = folder();
    fs::create_dir_all(&folder)?;
    let text = serde_json::to_string_pretty(&figures.0)?;
    fs::write(folder.join("figures.json"), text + "\n")?;
    for table in figures.0.iter().filter(|table| plot::is_worth_it(table)) {
        fs::write(folder.join(plot::file(table)), plot::draw(table))?;
    }
    fs::write(folder.join("README.md"), page::write(figures))?;
    let front = root().join("README.md");
    let page = fs::read_to_string(&front)?;
    fs::write(front, short::put_into(&page, figures))
}

fn folder() -> PathBuf {
    root().join("docs/benchmarks")
}
