//! Leases: asking for one, storing under it, giving it back.
//!
//! A lease lies under the entry's own key, so that deleting the entry deletes it. While an entry is
//! computed anew that others may still use, it stays where it is: its cas is what the holder compares,
//! and a key beside it keeps others from computing it as well.

use std::time::Duration;

use larder_core::backend::{Acquired, Claim, Lease, Seen, Stored, Token, Versions};
use larder_core::error::Result;
use larder_core::frame::Frame;

use super::super::failure::{contended, refused};
use super::super::grants::Grant;
use super::super::moment::{expires, holds};
use super::super::place::Place;
use super::super::slot::{Holder, Slot, put_frame, put_lease};
use super::super::wire::{Answer, Batch};
use super::beside::{clear_beside, extend_beside, lie_beside};
use super::look::{Look, There, look, versions};
use super::together::one;
use crate::payload::NONE;

/// Who loses against others more often than this is let go: something is wrong.
const TRIES: usize = 8;

/// A computation that takes no longer is kept: the versions that it begins under live so long.
const LONG: Duration = Duration::from_secs(300);

/// What is to be done after a look.
enum Step {
    Answer(Acquired),
    /// The lease is there, with this cas.
    Granted(u64),
    /// Write the lease over what has this cas.
    TakeOver(u64),
    /// Leave the entry, which has this cas, and put the lease beside it.
    Beside(u64),
    Again,
}

/// Asks for the lease.
pub(in super::super) async fn acquire(place: Place, claim: Claim) -> Result<Acquired> {
    let guess = place.link.hints.take(&place.names.entry);
    let mut holder = Holder {
        token: claim.token,
        versions: guess.unwrap_or(NONE),
    };
    for _ in 0..TRIES {
        let Some(mut seen) = look(&place, &holder, claim.lease).await? else {
            continue;
        };
        let (versions, found) = (seen.versions, std::mem::take(&mut seen.found));
        let step = decide(&place, claim, &holder, seen);
        holder.versions = versions;
        let grant = match step {
            Step::Answer(answer) => return Ok(answer),
            Step::Again => None,
            Step::Granted(cas) => Some(Grant { cas, beside: false }),
            Step::TakeOver(cas) => take_over(&place, &holder, claim, cas).await?,
            Step::Beside(cas) if lie_beside(&place, claim, cas).await? => {
                Some(Grant { cas, beside: true })
            }
            Step::Beside(_) => return Ok(Acquired::Held),
        };
        if let Some(grant) = grant {
            place.link.grants.add(claim.token, grant);
            place.outlive(found, Some(LONG));
            return Ok(Acquired::Granted(Lease {
                token: claim.token,
                seen: Seen::Versions(versions),
            }));
        }
    }
    Err(contended())
}

fn decide(place: &Place, claim: Claim, holder: &Holder, seen: Look) -> Step {
    let versions = seen.versions;
    match seen.there {
        There::Gone => Step::Again,
        There::Mine(cas) if holder.versions == versions => Step::Granted(cas),
        There::Other(Slot::Lease(other), _) if !claim.steal && other.versions == versions => {
            Step::Answer(Acquired::Held)
        }
        // Of one's own, the versions in the lease were a wrong guess.
        There::Mine(cas) | There::Other(Slot::Lease(_) | Slot::Foreign, cas) => Step::TakeOver(cas),
        There::Other(Slot::Frame(bytes, left), cas) => {
            let in_force = |frame: &Frame<'_>| holds(frame, left, versions);
            if claim.anew || claim.steal {
                let stays = Frame::decode(&bytes).is_some_and(|frame| in_force(&frame));
                return if stays {
                    Step::Beside(cas)
                } else {
                    Step::TakeOver(cas)
                };
            }
            let value = place.link.settings.limits.value_if(bytes, in_force);
            value.map_or(Step::TakeOver(cas), |kept| {
                Step::Answer(Acquired::Fresh(kept))
            })
        }
    }
}

/// Writes the lease over what lies there, unless that has changed.
async fn take_over(
    place: &Place,
    holder: &Holder,
    claim: Claim,
    cas: u64,
) -> Result<Option<Grant>> {
    let lease = holder.write(&place.names.guard);
    let put = put_lease(&lease, expires(Some(claim.lease)));
    let mut batch = Batch::default();
    batch.swap(&place.names.entry, put, cas);
    match one(place.ask(batch).await?)? {
        Answer::Done(cas) => Ok(Some(Grant { cas, beside: false })),
        Answer::Refused(why) => Err(refused(&why)),
        _ => Ok(None),
    }
}

/// Stores under a lease. `value` is a frame with what stands before it.
pub(in super::super) async fn store(
    place: Place,
    lease: Lease,
    value: Vec<u8>,
    life: Option<Duration>,
) -> Result<Stored> {
    let (grant, granted) = (place.link.grants.take(lease.token), lease.seen.versions());
    let (Some(grant), Some(granted)) = (grant, granted) else {
        return Ok(Stored::Lost);
    };
    let (mut cas, mut tries) = (grant.cas, 2);
    let (stored, found) = loop {
        let mut answers = place.ask(row(&place, &value, life, cas)).await?;
        let found = answers.split_off(1);
        let now = versions(&found, place.names.grouped);
        let stored = judge(&one(answers)?, now, granted);
        tries -= 1;
        if stored != Stored::Lost || grant.beside || tries == 0 {
            break (stored, found);
        }
        match extended(&place, lease.token).await? {
            Some(another) => cas = another,
            None => break (stored, found),
        }
    };
    if stored == Stored::Kept {
        place.outlive(found, life);
    }
    if grant.beside {
        // Nobody waits for it.
        let clear = clear_beside(place.clone(), lease.token);
        drop(place.link.start(clear));
    }
    Ok(stored)
}

/// Writes a value over what has this cas, and reads the versions after that.
fn row(place: &Place, value: &[u8], life: Option<Duration>, cas: u64) -> Batch {
    let put = put_frame(value, expires(life));
    let mut batch = Batch::default();
    if place.link.settings.compare_leases {
        batch.swap(&place.names.entry, put, cas);
    } else {
        batch.set(&place.names.entry, put);
    }
    batch.get_all(&place.names.versions);
    batch
}

/// The cas of a lease that lies there under another than was known: it was being extended.
async fn extended(place: &Place, token: Token) -> Result<Option<u64>> {
    let mut batch = Batch::default();
    batch.get(&place.names.entry);
    let Answer::Found(found) = one(place.ask(batch).await?)? else {
        return Ok(None);
    };
    let cas = found.cas;
    let slot = Slot::read(found, &place.names.guard);
    Ok(matches!(slot, Slot::Lease(holder) if holder.token == token).then_some(cas))
}

/// What became of a value. Written under versions that have moved, it is nobody's.
fn judge(answer: &Answer, now: Option<Versions>, granted: Versions) -> Stored {
    match answer {
        Answer::Done(_) if now == Some(granted) => Stored::Kept,
        Answer::Done(_) => Stored::Moved,
        Answer::Refused(_) => Stored::Refused,
        _ => Stored::Lost,
    }
}

/// Lets a lease live on.
pub(in super::super) async fn extend(place: Place, lease: Lease, by: Duration) -> Result<bool> {
    let (grants, token) = (&place.link.grants, lease.token);
    let Some(grant) = grants.get(token) else {
        return Ok(false);
    };
    if grant.beside {
        return extend_beside(&place, token, grant.cas, by).await;
    }
    let holder = Holder {
        token,
        versions: lease.seen.versions().unwrap_or(NONE),
    };
    // Written again, because a bare touch may come to lie on what another has put there.
    let value = holder.write(&place.names.guard);
    let mut batch = Batch::default();
    let put = put_lease(&value, expires(Some(by)));
    batch.swap(&place.names.entry, put, grant.cas);
    let Answer::Done(cas) = one(place.ask(batch).await?)? else {
        return Ok(false);
    };
    grants.renew(token, Grant { cas, ..grant });
    Ok(true)
}

/// Gives a lease back.
pub(in super::super) async fn release(place: Place, token: Token) -> Result<()> {
    match place.link.grants.take(token) {
        None => Ok(()),
        Some(Grant { beside: true, .. }) => clear_beside(place, token).await,
        Some(Grant { cas, beside: false }) => {
            let mut batch = Batch::default();
            batch.delete_if(&place.names.entry, cas);
            let gone = one(place.ask(batch).await?)?;
            if gone == Answer::Exists
                && let Some(cas) = extended(&place, token).await?
            {
                let mut batch = Batch::default();
                batch.delete_if(&place.names.entry, cas);
                place.ask(batch).await?;
            }
            Ok(())
        }
    }
}
