//! Writing manual keys: whatever was there, only if nothing was, or by adding to it.
//!
//! All of them take the way of a lease: a look, then a compare and swap. So a write that reaches the
//! server late, when others have written or deleted since, changes nothing.

use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::{Token, Versions};
use larder_core::error::Result;
use larder_core::frame::{Frame, NEVER};
use larder_core::random::random;
use larder_core::value::Item;

use super::super::failure::{contended, not_a_counter, refused};
use super::super::link::Link;
use super::super::place::Place;
use super::super::slot::{Holder, put_frame};
use super::super::wire::{Answer, Batch};
use super::lease::one;
use super::look::{Look, There, look, questions, seen};
use super::read::frame_in_force;
use super::together::together;
use crate::payload::{NONE, stamp};

/// Others may be quicker so often. Each time one of them gets on.
const TRIES: usize = 1_000;
/// So long others wait if a writer dies before he has written.
const LEASE: Duration = Duration::from_secs(1);

/// What is to become of an entry.
enum Change<T> {
    Leave(T),
    /// A frame, which is not stamped yet, how long it lives, and what to answer.
    Write(Vec<u8>, Option<Duration>, T),
}

/// Writes many entries of manual keys. Leases on them are gone.
///
/// All are looked at in one round trip and written in the next; those that others have written in
/// between are tried again.
pub(in super::super) async fn write_many(
    link: Arc<Link>,
    mut entries: Vec<(Place, Vec<u8>)>,
    life: Option<Duration>,
) -> Result<()> {
    let holder = nobody();
    for _ in 0..TRIES {
        if entries.is_empty() {
            return Ok(());
        }
        let rows = entries
            .iter()
            .map(|(place, _)| (place.number, questions(place, &holder, LEASE)));
        let looks = together(&link, rows).await?;
        let mut due = Vec::new();
        let mut left = Vec::new();
        for ((place, frame), answers) in entries.into_iter().zip(looks) {
            match Before::of(&place, seen(&place, answers)?) {
                Some(before) => due.push((place, frame, before)),
                None => left.push((place, frame)),
            }
        }
        let rows = due
            .iter_mut()
            .map(|(place, frame, before)| (place.number, before.write(place, frame, life)));
        let answers = together(&link, rows).await?;
        for ((place, frame, before), answers) in due.into_iter().zip(answers) {
            if written(answers)? {
                place.keep_versions(&before.lefts, life);
            } else {
                left.push((place, frame));
            }
        }
        entries = left;
    }
    Err(contended())
}

/// Writes an entry only if there is none.
pub(in super::super) async fn add(
    place: Place,
    frame: Vec<u8>,
    life: Option<Duration>,
) -> Result<bool> {
    let added = |there: Option<Frame<'_>>| {
        Ok(match there {
            Some(_) => Change::Leave(false),
            None => Change::Write(frame.clone(), life, true),
        })
    };
    change(&place, added).await
}

/// Adds to a counter.
pub(in super::super) async fn incr(place: Place, by: i64, life: Option<Duration>) -> Result<i64> {
    let limits = place.link.settings.limits;
    let fresh = place.end(life);
    let counted = |there: Option<Frame<'_>>| {
        let (count, expires) = match &there {
            Some(frame) => {
                let kept = limits.value(frame);
                let count = kept.and_then(|kept| kept.open::<i64>());
                (count.ok_or_else(not_a_counter)?, frame.expires)
            }
            None => (0, fresh),
        };
        let count = count.wrapping_add(by);
        let frame = limits.frame_of_set(&Item::of(&count), expires)?;
        let left = expires.saturating_sub(place.now());
        let life = (expires != NEVER).then(|| Duration::from_millis(left));
        Ok(Change::Write(frame, life, count))
    };
    change(&place, counted).await
}

/// Changes an entry in one step, as soon as nobody interferes.
async fn change<T>(
    place: &Place,
    mut make: impl FnMut(Option<Frame<'_>>) -> Result<Change<T>>,
) -> Result<T> {
    let holder = nobody();
    for _ in 0..TRIES {
        let Some(before) = Before::of(place, look(place, &holder, LEASE).await?) else {
            continue;
        };
        let frame = before.bytes.as_deref().and_then(Frame::decode);
        let (mut frame, life, answer) = match make(frame)? {
            Change::Leave(answer) => return Ok(answer),
            Change::Write(frame, life, answer) => (frame, life, answer),
        };
        let batch = before.write(place, &mut frame, life);
        if written(place.ask(batch).await?)? {
            place.keep_versions(&before.lefts, life);
            return Ok(answer);
        }
    }
    Err(contended())
}

/// What a writer found.
struct Before {
    /// Of what lies under the key: the entry, or a lease.
    cas: u64,
    versions: Versions,
    /// The seconds that the versions still live.
    lefts: Vec<i64>,
    /// The frame of the entry, if one is in force.
    bytes: Option<Vec<u8>>,
}

impl Before {
    /// What was found; nothing if it is gone already.
    fn of(place: &Place, look: Option<Look>) -> Option<Self> {
        let Look {
            versions,
            lefts,
            there,
        } = look?;
        let (cas, in_force) = match there {
            There::Gone => return None,
            There::Mine(cas) => (cas, None),
            There::Other(slot, cas) => (cas, frame_in_force(place, Some(slot), Some(versions))),
        };
        Some(Self {
            cas,
            versions,
            lefts,
            bytes: in_force,
        })
    }

    /// Writes a frame over it, unless it has changed.
    fn write(&self, place: &Place, frame: &mut [u8], life: Option<Duration>) -> Batch {
        stamp(frame, self.versions, place.now());
        let value = [&place.names.guard, &*frame].concat();
        let put = put_frame(&value, place.expires(life));
        let mut batch = Batch::default();
        batch.swap(&place.names.entry, put, self.cas);
        batch
    }
}

/// Whether a frame was written.
fn written(answers: Vec<Answer>) -> Result<bool> {
    match one(answers)? {
        Answer::Done(_) => Ok(true),
        Answer::Refused(why) => Err(refused(&why)),
        _ => Ok(false),
    }
}

/// Who writes by hand: his lease, which he puts where nothing is, says nothing of versions.
fn nobody() -> Holder {
    Holder {
        token: Token(random()),
        versions: NONE,
    }
}
