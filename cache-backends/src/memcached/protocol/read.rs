//! Reading: the versions come with the entry.

use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::frame::{Frame, NEVER};
use larder_core::timeout::Ttl;
use larder_core::value::Kept;

use super::super::failure::nonsense;
use super::super::link::Link;
use super::super::place::Place;
use super::super::slot::Slot;
use super::super::wire::{Answer, Batch};
use super::look::versions;
use super::together::together;

/// Reads one entry.
pub(in super::super) async fn read(place: Place) -> Result<Option<Kept>> {
    let answers = place.ask(peek(&place)).await?;
    value(&place, answers)
}

/// Reads many entries: one round trip to each server.
pub(in super::super) async fn read_many(
    link: Arc<Link>,
    places: Vec<Place>,
) -> Result<Vec<Option<Kept>>> {
    let rows = places.iter().map(|place| (place.number, peek(place)));
    let answers = together(&link, rows).await?;
    let answered = places.iter().zip(answers);
    answered
        .map(|(place, answers)| value(place, answers))
        .collect()
}

fn value(place: &Place, answers: Vec<Answer>) -> Result<Option<Kept>> {
    let (slot, versions) = peeked(place, answers)?;
    let Some(versions) = versions else {
        return Ok(None);
    };
    let value = slot.and_then(|slot| match slot {
        Slot::Frame(bytes, left) => {
            let limits = place.link.settings.limits;
            limits.value_if(bytes, |frame| place.holds(frame, left, versions))
        }
        Slot::Lease(_) | Slot::Foreign => None,
    });
    if value.is_none() {
        place.link.hints.note(&place.names.entry, versions);
    }
    Ok(value)
}

/// Says how long an entry still lives.
pub(in super::super) async fn ttl(place: Place) -> Result<Ttl> {
    let (slot, versions) = peeked(&place, place.ask(peek(&place)).await?)?;
    let found = frame_in_force(&place, slot, versions);
    let expires = found.and_then(|bytes| Frame::decode(&bytes).map(|frame| frame.expires));
    Ok(match expires {
        None => Ttl::Absent,
        Some(NEVER) => Ttl::Forever,
        Some(expires) => {
            let left = expires.saturating_sub(place.now());
            Ttl::Remaining(Duration::from_millis(left))
        }
    })
}

/// Asks what lies under an entry's key, and for the versions in force.
pub(super) fn peek(place: &Place) -> Batch {
    let mut batch = Batch::default();
    batch.get(&place.names.entry);
    batch.get_all(&place.names.versions);
    batch
}

/// What lies under an entry's key, and the versions in force.
pub(super) fn peeked(
    place: &Place,
    mut answers: Vec<Answer>,
) -> Result<(Option<Slot>, Option<Versions>)> {
    if answers.is_empty() {
        return Err(nonsense());
    }
    let found = answers.split_off(1);
    let slot = match answers.pop() {
        Some(Answer::Found(found)) => Some(Slot::read(found, &place.names.guard)),
        Some(Answer::Absent) => None,
        _ => return Err(nonsense()),
    };
    Ok((slot, versions(&found, place.names.grouped)))
}

/// The bytes of a frame that was written under the versions in force and has not expired.
pub(super) fn frame_in_force(
    place: &Place,
    slot: Option<Slot>,
    versions: Option<Versions>,
) -> Option<Vec<u8>> {
    let (Some(Slot::Frame(bytes, left)), Some(versions)) = (slot, versions) else {
        return None;
    };
    let frame = Frame::decode(&bytes)?;
    place.holds(&frame, left, versions).then_some(bytes)
}
