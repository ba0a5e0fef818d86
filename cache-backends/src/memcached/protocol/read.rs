//! Reading: the versions come with the entry.

use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::frame::{Frame, NEVER};
use larder_core::timeout::Ttl;
use larder_core::value::Kept;

use super::super::failure::nonsense;
use super::super::place::Place;
use super::super::slot::Slot;
use super::super::wire::{Answer, Batch};
use super::look::versions;

/// Reads one entry.
pub(in super::super) async fn read(place: Place) -> Result<Option<Kept>> {
    let (slot, versions) = peek(&place).await?;
    let found = frame_in_force(&place, slot, versions);
    let limits = place.link.settings.limits;
    let value = found.and_then(|(bytes, versions)| limits.value_in(bytes, versions));
    if let (None, Some(versions)) = (&value, versions) {
        place.link.hints.note(&place.names.entry, versions);
    }
    Ok(value)
}

/// Reads many entries: one round trip to each server.
pub(in super::super) async fn read_many(places: Vec<Place>) -> Result<Vec<Option<Kept>>> {
    let sent = places.into_iter().map(|place| {
        let link = place.link.clone();
        link.start(read(place))
    });
    let mut values = Vec::new();
    for sent in sent.collect::<Vec<_>>() {
        values.push(sent.await?);
    }
    Ok(values)
}

/// Says how long an entry still lives.
pub(in super::super) async fn ttl(place: Place) -> Result<Ttl> {
    let (slot, versions) = peek(&place).await?;
    let found = frame_in_force(&place, slot, versions);
    let expires = found.and_then(|(bytes, _)| Frame::decode(&bytes).map(|frame| frame.expires));
    Ok(match expires {
        None => Ttl::Absent,
        Some(NEVER) => Ttl::Forever,
        Some(expires) => {
            let left = expires.saturating_sub(place.now());
            Ttl::Remaining(Duration::from_millis(left))
        }
    })
}

/// What lies under an entry's key, and the versions in force.
async fn peek(place: &Place) -> Result<(Option<Slot>, Option<Versions>)> {
    let names = &place.names;
    let mut batch = Batch::default();
    batch.get(&names.entry);
    batch.get_all(&names.versions);
    let mut answers = place.ask(batch).await?;
    let found = answers.split_off(1);
    let slot = match answers.pop() {
        Some(Answer::Found(found)) => Some(Slot::read(found, &names.guard)),
        Some(Answer::Absent) => None,
        _ => return Err(nonsense()),
    };
    Ok((slot, versions(&found, names.grouped)))
}

/// The bytes of a frame that was written under the versions in force and has not expired.
pub(super) fn frame_in_force(
    place: &Place,
    slot: Option<Slot>,
    versions: Option<Versions>,
) -> Option<(Vec<u8>, Versions)> {
    let (Some(Slot::Frame(bytes, left)), Some(versions)) = (slot, versions) else {
        return None;
    };
    let holds = |frame: &Frame<'_>| frame.versions == versions && place.is_alive(frame, left);
    Frame::decode(&bytes).filter(holds)?;
    Some((bytes, versions))
}
