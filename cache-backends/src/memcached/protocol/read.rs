//! Reading: the versions come with the entry.

use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::frame::{Frame, NEVER};
use larder_core::timeout::Ttl;
use larder_core::value::Kept;

use super::super::failure::{nonsense, refused};
use super::super::link::Link;
use super::super::moment::{holds, now};
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
            limits.value_if(bytes, |frame| holds(frame, left, versions))
        }
        Slot::Lease(_) | Slot::Foreign => None,
    });
    if value.is_none() {
        place.link.hints.note(&place.names.entry, versions);
    }
    Ok(value)
}

/// Says how long an entry still lives: what its frame says, as far as the server agrees.
pub(in super::super) async fn ttl(place: Place) -> Result<Ttl> {
    let (slot, versions) = peeked(&place, place.ask(peek(&place)).await?)?;
    let found = slot.as_ref().zip(versions);
    let found = found.and_then(|(slot, versions)| frame_in_force(slot, versions));
    Ok(match found.map(|(frame, left)| (frame.expires, left)) {
        None => Ttl::Absent,
        Some((NEVER, _)) => Ttl::Forever,
        Some((expires, left)) => {
            let said = Duration::from_millis(expires.saturating_sub(now()));
            Ttl::Remaining(agreed(said, left))
        }
    })
}

/// So many seconds less than it says may be left in a server: it was told one more, counts whole ones, and its
/// clock, which ticks when it gets round to it, is late on a busy machine.
const LATE: u64 = 5;

/// What a frame says, between what the server says less and more than it counts.
fn agreed(said: Duration, left: i64) -> Duration {
    let Ok(left) = u64::try_from(left) else {
        return said;
    };
    let least = Duration::from_secs(left.saturating_sub(LATE));
    said.clamp(least, Duration::from_secs(left + 1))
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
        Some(Answer::Refused(why)) => return Err(refused(&why)),
        _ => return Err(nonsense()),
    };
    Ok((slot, versions(&found, place.names.grouped)))
}

/// The frame of an entry that was written under the versions in force and has not expired, and the seconds
/// that the server will still keep it.
pub(super) fn frame_in_force(slot: &Slot, versions: Versions) -> Option<(Frame<'_>, i64)> {
    let Slot::Frame(bytes, left) = slot else {
        return None;
    };
    let frame = Frame::decode(bytes)?;
    holds(&frame, *left, versions).then_some((frame, *left))
}
