//! Asking about many entries at once: one row of commands to each server.

use larder_core::error::Result;

use super::super::failure::nonsense;
use super::super::link::Link;
use super::super::wire::{Answer, Batch};

/// Sends rows to servers, those of one server as one, and answers in their order. They are in the lines
/// when this returns; a server that is not concerned is not asked, as it may be away.
pub(super) fn together<R: Iterator<Item = (usize, Batch)>>(
    link: &Link,
    rows: R,
) -> impl Future<Output = Result<Vec<Vec<Answer>>>> + Send + use<R> {
    let mut merged: Vec<_> = link.servers.iter().map(|_| Batch::default()).collect();
    let mut parts = Vec::new();
    for (server, row) in rows {
        parts.push((server, row.answers));
        merged[server].append(row);
    }
    let servers = link.servers.iter().zip(merged);
    let asked = servers.map(|(server, row)| (row.answers > 0).then(|| server.ask(row)));
    let asked: Vec<_> = asked.collect();
    async move {
        let mut answers = Vec::new();
        for asked in asked {
            let answered = match asked {
                Some(asked) => asked.await?,
                None => Vec::new(),
            };
            answers.push(answered.into_iter());
        }
        let part = |(server, length): (usize, usize)| {
            answers[server].by_ref().take(length).collect::<Vec<_>>()
        };
        Ok(parts.into_iter().map(part).collect())
    }
}

/// The answer to the one command of a row.
pub(super) fn one(mut answers: Vec<Answer>) -> Result<Answer> {
    answers.pop().ok_or_else(nonsense)
}
