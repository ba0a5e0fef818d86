//! Writing manual keys: whatever was there, only if nothing was, or by adding to it.
//!
//! All of them take the way of a lease: a look, then a compare and swap. So a write that reaches the
//! server late, when others have written or deleted since, changes nothing.

use std::time::Duration;

use larder_core::backend::Token;
use larder_core::error::Result;
use larder_core::frame::{Frame, NEVER};
use larder_core::random::random;
use larder_core::value::Item;

use super::super::failure::{contended, not_a_counter, refused};
use super::super::place::Place;
use super::super::slot::{Holder, put_frame};
use super::super::wire::{Answer, Batch};
use super::lease::one;
use super::look::{Look, There, look};
use super::read::frame_in_force;
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
pub(in super::super) async fn write_many(
    entries: Vec<(Place, Vec<u8>)>,
    life: Option<Duration>,
) -> Result<()> {
    let write = |(place, frame): (Place, Vec<u8>)| {
        let link = place.link.clone();
        link.start(async move {
            let written = |_: Option<Frame<'_>>| Ok(Change::Write(frame.clone(), life, ()));
            change(&place, written).await
        })
    };
    let sent: Vec<_> = entries.into_iter().map(write).collect();
    for sent in sent {
        sent.await?;
    }
    Ok(())
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
    let holder = Holder {
        token: Token(random()),
        versions: NONE,
    };
    for _ in 0..TRIES {
        let Some(Look {
            versions,
            lefts,
            there,
        }) = look(place, &holder, LEASE).await?
        else {
            continue;
        };
        let (cas, in_force) = match there {
            There::Gone => continue,
            There::Mine(cas) => (cas, None),
            There::Other(slot, cas) => (cas, frame_in_force(place, Some(slot), Some(versions))),
        };
        let frame = in_force
            .as_ref()
            .and_then(|(bytes, _)| Frame::decode(bytes));
        let (mut frame, life, answer) = match make(frame)? {
            Change::Leave(answer) => return Ok(answer),
            Change::Write(frame, life, answer) => (frame, life, answer),
        };
        stamp(&mut frame, versions, place.now());
        if swap(place, &frame, life, cas).await? {
            place.keep_versions(&lefts, life);
            return Ok(answer);
        }
    }
    Err(contended())
}

/// Writes a frame over what has this cas.
async fn swap(place: &Place, frame: &[u8], life: Option<Duration>, cas: u64) -> Result<bool> {
    let names = &place.names;
    let value = [&names.guard, frame].concat();
    let mut batch = Batch::default();
    batch.swap(&names.entry, put_frame(&value, place.expires(life)), cas);
    match one(place.ask(batch).await?)? {
        Answer::Done(_) => Ok(true),
        Answer::Refused(why) => Err(refused(&why)),
        _ => Ok(false),
    }
}
