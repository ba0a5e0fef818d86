//! Leases: asking for one, storing under it, giving it back.

use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::{Acquired, Claim, Lease, Seen, Stored, Token, Versions};
use larder_core::error::Result;
use larder_core::frame::Frame;
use larder_core::value::Kept;

use super::super::answer::{integer, many, seen, text, word};
use super::super::failure::nonsense;
use super::super::link::Link;
use super::super::names::Names;
use super::super::script::{self, Call};
use super::super::version::{LIFE_OF_A_CLAIM, fresh};
use super::{keep_version, life, make_version, millis};

/// Asks for the lease.
pub(in super::super) async fn acquire(
    link: Arc<Link>,
    names: Names,
    claim: Claim,
) -> Result<Acquired> {
    let far = names.far.iter().map(|key| make_version(&link, key, None));
    let far: Vec<_> = far.collect();
    let how = match (claim.steal, claim.anew) {
        (true, _) => "steal",
        (false, true) => "compute",
        (false, false) => "read",
    };
    let mut answer = claim_near(&link, &names, claim, how).await?;
    let mut others = Vec::new();
    for far in far {
        others.push(Some(text(far.await?)?));
    }
    if let Near::Fresh(frame) = &answer {
        if let Some(kept) = fresh_after_all(&link, &names, frame, &others) {
            return Ok(Acquired::Fresh(kept));
        }
        // It is in force as far as the server knows, and cannot be used: write over it.
        answer = claim_near(&link, &names, claim, "compute").await?;
    }
    Ok(match answer {
        Near::Granted(near) => Acquired::Granted(Lease {
            token: claim.token,
            seen: Seen::Versions(seen(&near, others)?),
        }),
        Near::Fresh(_) | Near::Held => Acquired::Held,
    })
}

/// What the server with the entry says to a claim.
enum Near {
    Fresh(Vec<u8>),
    Held,
    /// The versions that it knows of, as a frame has them.
    Granted(Vec<u8>),
}

async fn claim_near(link: &Link, names: &Names, claim: Claim, how: &str) -> Result<Near> {
    let keys = [&names.entry, &names.lease].into_iter().chain(&names.near);
    let call = Call::script(&script::ACQUIRE, keys)
        .number(claim.token.0)
        .number(millis(claim.lease))
        .arg(how)
        .flag(names.grouped)
        .arg(fresh(names.near.len()))
        .number(LIFE_OF_A_CLAIM);
    let mut answer = many(link.send(call).await?)?.into_iter().flatten();
    match (answer.next().as_deref(), answer.next()) {
        (Some(b"fresh"), Some(frame)) => Ok(Near::Fresh(frame)),
        (Some(b"granted"), versions) => Ok(Near::Granted(versions.unwrap_or_default())),
        (Some(b"held"), _) => Ok(Near::Held),
        _ => Err(nonsense()),
    }
}

/// The value of an entry of which the server does not know all versions.
fn fresh_after_all(
    link: &Link,
    names: &Names,
    frame: &[u8],
    others: &[Option<Vec<u8>>],
) -> Option<Kept> {
    let frame = Frame::decode(frame)?;
    if !names.far.is_empty() {
        let group = frame.versions.group.to_le_bytes();
        let in_force = seen(&group, others.to_vec()).ok()?;
        if in_force != frame.versions {
            return None;
        }
    }
    link.settings.limits.value(&frame)
}

/// Stores under a lease.
pub(in super::super) async fn store(
    link: Arc<Link>,
    names: Names,
    lease: Lease,
    frame: Vec<u8>,
    ttl: Option<Duration>,
) -> Result<Stored> {
    let Some(granted) = lease.seen.versions() else {
        return Ok(Stored::Lost);
    };
    let life = life(&link, ttl);
    let far = names.far.iter().map(|key| keep_version(&link, key, life));
    let far: Vec<_> = far.collect();
    let keys = [&names.entry, &names.lease].into_iter().chain(&names.near);
    let call = Call::script(&script::STORE, keys)
        .number(lease.token.0)
        .flag(names.grouped)
        .arg(near_bytes(&names, granted))
        .arg(frame)
        .number(life)
        .flag(link.settings.compare_leases);
    let stored = match &*word(link.send(call).await?)? {
        "kept" => Stored::Kept,
        "moved" => Stored::Moved,
        _ => Stored::Lost,
    };
    let mut others = Vec::new();
    for far in far {
        others.extend(many(far.await?)?);
    }
    let moved = || seen(&granted.group.to_le_bytes(), others).ok() != Some(granted);
    if stored == Stored::Kept && !names.far.is_empty() && moved() {
        return Ok(Stored::Moved);
    }
    Ok(stored)
}

/// The versions that the server with the entry knows of, as a frame has them.
fn near_bytes(names: &Names, granted: Versions) -> Vec<u8> {
    let mut bytes = granted.group.to_le_bytes().to_vec();
    if names.far.is_empty() {
        bytes.extend(granted.all.to_le_bytes());
        bytes.extend(granted.tags.to_le_bytes());
    }
    bytes
}

/// Lets a lease live on.
pub(in super::super) async fn extend(
    link: Arc<Link>,
    names: Names,
    token: Token,
    by: Duration,
) -> Result<bool> {
    let call = Call::script(&script::EXTEND, [&names.lease])
        .number(token.0)
        .number(millis(by));
    Ok(integer(&link.send(call).await?)? == 1)
}

/// Gives a lease back.
pub(in super::super) async fn release(link: Arc<Link>, names: Names, token: Token) -> Result<()> {
    let call = Call::script(&script::RELEASE, [&names.lease]).number(token.0);
    link.send(call).await.map(drop)
}
