//! Writing manual keys: whatever was there, only if nothing was, or by adding to it.
//!
//! All of them take the way of a lease: a look, then a compare and swap. So a write that reaches the
//! server late, when others have written or deleted since, changes nothing.

use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::{Token, Versions};
use larder_core::counter;
use larder_core::error::Result;
use larder_core::frame::Frame;
use larder_core::random::random;
use larder_core::value::Item;

use super::super::failure::{contended, refused};
use super::super::link::Link;
use super::super::moment::{as_before, end, expires, now};
use super::super::place::Place;
use super::super::slot::{Holder, Slot, put_frame};
use super::super::wire::{Answer, Batch};
use super::look::{Look, There, look, questions, seen};
use super::read::frame_in_force;
use super::together::{one, together};
use crate::payload::{NONE, stamp};

/// Others may be quicker so often. Each time one of them gets on.
const TRIES: usize = 1_000;
/// Longer than any writer takes between his two steps: what is gone then was deleted.
const LEASE: Duration = Duration::from_secs(5);

/// What is to become of an entry.
enum Change<T> {
    Leave(T),
    /// A frame, which is not stamped yet, how long it lives, and what to answer.
    Write(Vec<u8>, Lives, T),
}

/// How long what is written lives.
#[derive(Clone, Copy)]
enum Lives {
    For(Option<Duration>),
    /// As long as what was there would have: so many seconds, by the server's word.
    AsBefore(i64),
}

/// Writes many entries of manual keys. Leases on them are gone.
///
/// All are looked at in one round trip and written in the next; those that others have written in
/// between are tried again. A deletion in between has the last word, as if it had come after the write.
pub(in super::super) async fn write_many(
    link: Arc<Link>,
    mut entries: Vec<(Place, Vec<u8>)>,
    life: Option<Duration>,
) -> Result<()> {
    let names: Vec<_> = entries
        .iter()
        .map(|(place, _)| place.names.entry.clone())
        .collect();
    let _turn = link.turns.of(names.iter().map(String::as_str)).await;
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
            match Before::of(seen(&place, answers)?) {
                Some(before) => due.push((place, frame, before)),
                None => left.push((place, frame)),
            }
        }
        let rows = due.iter_mut().map(|(place, frame, before)| {
            (place.number, before.write(place, frame, Lives::For(life)))
        });
        let answers = together(&link, rows).await?;
        for ((place, frame, before), answers) in due.into_iter().zip(answers) {
            match written(answers)? {
                Written::Yes => place.outlive(before.found, life),
                Written::Deleted => {}
                Written::No => left.push((place, frame)),
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
    let added = |there: Option<(Frame<'_>, i64)>| {
        Ok(match there {
            Some(_) => Change::Leave(false),
            None => Change::Write(frame.clone(), Lives::For(life), true),
        })
    };
    change(&place, added).await
}

/// Adds to a counter.
pub(in super::super) async fn incr(place: Place, by: i64, life: Option<Duration>) -> Result<i64> {
    let limits = place.link.settings.limits;
    let fresh = end(life);
    let counted = |there: Option<(Frame<'_>, i64)>| {
        let (count, expires, lives) = match &there {
            Some((frame, left)) => {
                let kept = limits.value(frame);
                let count = kept.and_then(|kept| kept.open::<i64>());
                let count = count.ok_or_else(counter::not_a_counter)?;
                (count, frame.expires, Lives::AsBefore(*left))
            }
            None => (0, fresh, Lives::For(life)),
        };
        let count = counter::add(count, by)?;
        let frame = limits.frame_of_set(&Item::of(&count), expires)?;
        Ok(Change::Write(frame, lives, count))
    };
    change(&place, counted).await
}

/// Changes an entry in one step, as soon as nobody interferes.
async fn change<T>(
    place: &Place,
    mut make: impl FnMut(Option<(Frame<'_>, i64)>) -> Result<Change<T>>,
) -> Result<T> {
    let _turn = place.link.turns.of([&*place.names.entry].into_iter()).await;
    let holder = nobody();
    for _ in 0..TRIES {
        let Some(before) = Before::of(look(place, &holder, LEASE).await?) else {
            continue;
        };
        let (mut frame, lives, answer) = match make(before.in_force())? {
            Change::Leave(answer) => return Ok(answer),
            Change::Write(frame, lives, answer) => (frame, lives, answer),
        };
        let batch = before.write(place, &mut frame, lives);
        if let Written::Yes = written(place.ask(batch).await?)? {
            if let Lives::For(life) = lives {
                place.outlive(before.found, life);
            }
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
    /// The versions as they were found.
    found: Vec<Answer>,
    /// What lay there, if it is not one's own.
    slot: Option<Slot>,
}

impl Before {
    /// What was found; nothing if it is gone already.
    fn of(look: Option<Look>) -> Option<Self> {
        let Look {
            versions,
            found,
            there,
        } = look?;
        let (cas, slot) = match there {
            There::Gone => return None,
            There::Mine(cas) => (cas, None),
            There::Other(slot, cas) => (cas, Some(slot)),
        };
        Some(Self {
            cas,
            versions,
            found,
            slot,
        })
    }

    /// The frame of the entry, if one is in force, and the seconds that the server will still keep it.
    fn in_force(&self) -> Option<(Frame<'_>, i64)> {
        frame_in_force(self.slot.as_ref()?, self.versions)
    }

    /// Writes a frame over it, unless it has changed.
    fn write(&self, place: &Place, frame: &mut [u8], lives: Lives) -> Batch {
        stamp(frame, self.versions, now());
        let value = [&place.names.guard, &*frame].concat();
        let expires = match lives {
            Lives::For(life) => expires(life),
            Lives::AsBefore(left) => as_before(left),
        };
        let put = put_frame(&value, expires);
        let mut batch = Batch::default();
        batch.swap(&place.names.entry, put, self.cas);
        batch
    }
}

/// Whether a frame was written.
enum Written {
    Yes,
    /// What was looked at was deleted since.
    Deleted,
    /// Somebody else wrote since.
    No,
}

fn written(answers: Vec<Answer>) -> Result<Written> {
    match one(answers)? {
        Answer::Done(_) => Ok(Written::Yes),
        Answer::Absent => Ok(Written::Deleted),
        Answer::Refused(why) => Err(refused(&why)),
        Answer::Exists | Answer::Found(_) => Ok(Written::No),
    }
}

/// Who writes by hand: his lease, which he puts where nothing is, says nothing of versions.
fn nobody() -> Holder {
    Holder {
        token: Token(random()),
        versions: NONE,
    }
}
