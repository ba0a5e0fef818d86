//! A cache for many processes, in a server of our own on a free port of this machine.

mod bare;
mod contender;
mod down;
mod latency;

use crate::effort::Effort;
use crate::server::Server;
use crate::table::Table;

pub use down::measure as down;

/// Measures hits and misses: one task, many tasks, many threads.
pub fn measure(effort: Effort) -> Vec<Table> {
    match Server::redis() {
        Ok(server) => {
            contender::prepare(&server);
            latency::measure(&server, effort)
        }
        Err(error) => vec![absent("redis", &error)],
    }
}

fn absent(id: &str, error: &std::io::Error) -> Table {
    Table::new(id, "Redis", "µs a call")
        .note(format!("Left out: redis-server did not start: {error}"))
}
