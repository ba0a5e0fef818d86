//! Invalidating: entries with their leases, or the versions that cover them.

use std::sync::Arc;

use larder_core::error::Result;

use super::super::failure::nonsense;
use super::super::link::Link;
use super::super::place::Place;
use super::super::slot::Slot;
use super::super::wire::{Answer, Batch};
use super::look::versions;
use super::read::frame_in_force;

/// Deletes an entry with its lease; answers how many were in force.
pub(in super::super) async fn forget(place: Place) -> Result<u64> {
    let names = &place.names;
    let mut batch = Batch::default();
    batch.get(&names.entry);
    batch.get_all(&names.versions);
    batch.delete(&names.entry);
    let mut answers = place.ask(batch).await?;
    deleted(answers.pop().as_ref())?;
    let found = answers.split_off(1);
    let slot = match answers.pop() {
        Some(Answer::Found(found)) => Some(Slot::read(found, &names.guard)),
        _ => None,
    };
    let was_there = frame_in_force(&place, slot, versions(&found, names.grouped)).is_some();
    Ok(u64::from(was_there))
}

/// Deletes versions in one server: what was written under them is in force no more.
pub(in super::super) async fn forget_versions(
    link: Arc<Link>,
    server: usize,
    keys: Vec<String>,
) -> Result<u64> {
    let mut batch = Batch::default();
    batch.delete_all(&keys);
    let answers = link.servers[server].ask(batch).await?;
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
