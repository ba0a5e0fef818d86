//! A lease beside its entry, which others may still use while it is computed anew.

use std::time::Duration;

use larder_core::backend::{Claim, Token};
use larder_core::error::Result;

use super::super::failure::refused;
use super::super::moment::expires;
use super::super::place::Place;
use super::super::wire::{Answer, Batch, Found, Put};
use super::together::one;

/// Puts the lease beside an entry that stays, unless somebody else has put his there. One for what the
/// entry was before is worth nothing.
pub(super) async fn lie_beside(place: &Place, claim: Claim, cas: u64) -> Result<bool> {
    let lease = &place.names.lease();
    let of_entry = cas.to_le_bytes();
    let put = Put {
        value: &[claim.token.0.to_le_bytes(), of_entry].concat(),
        flags: 0,
        expires: expires(Some(claim.lease)),
    };
    let mut batch = Batch::default();
    if claim.steal {
        batch.set(lease, put);
    } else {
        batch.add(lease, put);
    }
    batch.get(lease);
    let mut answers = place.ask(batch).await?;
    let other = answers.pop();
    match (one(answers)?, other) {
        (Answer::Done(_), _) => Ok(true),
        (Answer::Refused(why), _) => Err(refused(&why)),
        (_, Some(Answer::Found(Found { value, cas, .. }))) if !value.ends_with(&of_entry) => {
            let mut batch = Batch::default();
            batch.swap(lease, put, cas);
            Ok(matches!(one(place.ask(batch).await?)?, Answer::Done(_)))
        }
        _ => Ok(false),
    }
}

/// Lets a lease live on that lies beside its entry, if that is still the one.
pub(super) async fn extend_beside(
    place: &Place,
    token: Token,
    cas: u64,
    by: Duration,
) -> Result<bool> {
    let names = &place.names;
    let mut batch = Batch::default();
    batch.look(&names.entry);
    batch.get(&names.lease());
    let mut answers = place.ask(batch).await?;
    let beside = answers.pop();
    let is_mine = matches!(one(answers)?, Answer::Done(now) if now == cas)
        && matches!(beside, Some(Answer::Found(found)) if is_of(&found, token));
    if !is_mine {
        return Ok(false);
    }
    let mut batch = Batch::default();
    batch.touch(&names.lease(), expires(Some(by)));
    let answer = one(place.ask(batch).await?)?;
    Ok(matches!(answer, Answer::Done(_)))
}

/// Takes a lease away that lies beside its entry, if it is still there.
pub(super) async fn clear_beside(place: Place, token: Token) -> Result<()> {
    let lease = &place.names.lease();
    let mut batch = Batch::default();
    batch.get(lease);
    if let Answer::Found(found) = one(place.ask(batch).await?)?
        && is_of(&found, token)
    {
        let mut batch = Batch::default();
        batch.delete_if(lease, found.cas);
        place.ask(batch).await?;
    }
    Ok(())
}

/// Whether a lease that lies beside its entry is that of a claim.
fn is_of(beside: &Found, token: Token) -> bool {
    beside.value.starts_with(&token.0.to_le_bytes())
}
