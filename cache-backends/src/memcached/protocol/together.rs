//! Asking about many entries at once: one row of commands to each server.

use larder_core::error::Result;

use super::super::link::Link;
use super::super::wire::{Answer, Batch};

/// Sends rows to servers, those of one server as one, and answers in their order.
pub(super) async fn together(
    link: &Link,
    rows: impl Iterator<Item = (usize, Batch)>,
) -> Result<Vec<Vec<Answer>>> {
    let mut merged: Vec<_> = link.servers.iter().map(|_| Batch::default()).collect();
    let mut parts = Vec::new();
    for (server, row) in rows {
        parts.push((server, row.answers));
        merged[server].append(row);
    }
    let servers = link.servers.iter().zip(merged);
    let asked: Vec<_> = servers.map(|(server, row)| server.ask(row)).collect();
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await?.into_iter());
    }
    let part = |(server, length): (usize, usize)| answers[server].by_ref().take(length).collect();
    Ok(parts.into_iter().map(part).collect())
}
