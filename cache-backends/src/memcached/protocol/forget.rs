//! Invalidating: entries with their leases, or the versions that cover them.

use std::sync::Arc;

use larder_core::error::Result;

use super::super::failure::nonsense;
use super::super::link::Link;
use super::super::place::Place;
use super::super::wire::{Answer, Batch};
use super::read::{frame_in_force, peek, peeked};
use super::together::together;

/// Deletes entries of one server with their leases; answers how many were in force.
pub(in super::super) async fn forget(link: Arc<Link>, places: Vec<Place>) -> Result<u64> {
    let rows = places.iter().map(|place| {
        let mut batch = peek(place);
        batch.delete(&place.names.entry);
        (place.number, batch)
    });
    // What was begun by hand before comes before it.
    let turn = link
        .turns
        .of(places.iter().map(|place| &*place.names.entry))
        .await;
    let asked = together(&link, rows);
    drop(turn);
    let mut count = 0;
    let answers = asked.await?;
    for (place, mut answers) in places.iter().zip(answers) {
        deleted(answers.pop().as_ref())?;
        // What lies there may be anything: it is gone.
        if let Ok((Some(slot), Some(versions))) = peeked(place, answers) {
            count += u64::from(frame_in_force(&slot, versions).is_some());
        }
    }
    Ok(count)
}

/// Deletes versions in one server: what was written under them is in force no more.
pub(in super::super) async fn forget_versions(
    link: Arc<Link>,
    server: usize,
    keys: Vec<String>,
) -> Result<u64> {
    let mut batch = Batch::default();
    batch.delete_all(&keys);
    let turn = link.turns.of_all().await;
    let asked = link.servers[server].ask(batch);
    drop(turn);
    let answers = asked.await?;
    answers
        .iter()
        .try_for_each(|answer| deleted(Some(answer)))?;
    Ok(0)
}

/// Whether a deletion has taken effect.
fn deleted(answer: Option<&Answer>) -> Result<()> {
    match answer {
        Some(Answer::Done(_) | Answer::Absent) => Ok(()),
        _ => Err(nonsense()),
    }
}
