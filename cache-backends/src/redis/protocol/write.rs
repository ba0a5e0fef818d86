//! Writing manual keys: whatever was there, only if nothing was, or by adding to it.

use std::sync::Arc;
use std::time::Duration;

use larder_core::error::{Error, ErrorKind, Result};
use larder_core::frame::{Codec, Frame, NEVER};
use larder_core::value::Item;

use super::super::answer::{integer, text, word};
use super::super::link::Link;
use super::super::names::Names;
use super::super::script::{self, Call};
use super::super::version::{LIFE, fresh};
use super::{life, make_version};
use crate::payload::NONE;

/// Writes many entries of manual keys. Leases on them are gone.
pub(in super::super) async fn write_many(
    link: Arc<Link>,
    entries: Vec<(Names, Vec<u8>)>,
    ttl: Option<Duration>,
) -> Result<()> {
    let life = life(&link, ttl);
    if link.is_cluster() {
        let sent: Vec<_> = entries
            .into_iter()
            .map(|entry| link.start(write_batch(Arc::clone(&link), vec![entry], life)))
            .collect();
        for sent in sent {
            sent.await?;
        }
        return Ok(());
    }
    write_batch(link, entries, life).await
}

async fn write_batch(link: Arc<Link>, entries: Vec<(Names, Vec<u8>)>, life: i64) -> Result<()> {
    let Some((first, _)) = entries.first() else {
        return Ok(());
    };
    let everything = everything(&link, first, life).await?;
    let keys = entries
        .iter()
        .flat_map(|(names, _)| [&names.entry, &names.lease])
        .chain(&everything.key);
    let call = Call::script(&script::WRITE, keys)
        .arg(everything.version)
        .number(LIFE)
        .number(life);
    let call = entries
        .iter()
        .fold(call, |call, (_, frame)| call.arg(frame.as_slice()));
    link.send(call).await.map(drop)
}

/// Writes an entry of a manual key only if there is none.
pub(in super::super) async fn add(
    link: Arc<Link>,
    names: Names,
    frame: Vec<u8>,
    ttl: Option<Duration>,
) -> Result<bool> {
    let life = life(&link, ttl);
    let everything = everything(&link, &names, life).await?;
    let keys = [&names.entry, &names.lease]
        .into_iter()
        .chain(&everything.key);
    let call = Call::script(&script::ADD, keys)
        .arg(everything.version)
        .number(LIFE)
        .number(life)
        .arg(frame);
    Ok(integer(&link.send(call).await?)? == 1)
}

/// Adds to a counter.
pub(in super::super) async fn incr(
    link: Arc<Link>,
    names: Names,
    by: i64,
    ttl: Option<Duration>,
) -> Result<i64> {
    let life = life(&link, ttl);
    let everything = everything(&link, &names, life).await?;
    let keys = [&names.entry, &names.lease]
        .into_iter()
        .chain(&everything.key);
    let call = Call::script(&script::INCR, keys)
        .arg(everything.version)
        .number(LIFE)
        .number(life)
        .number(by)
        .arg(zero()?);
    let digits = word(link.send(call).await?)?;
    let wrong = |error| Error::new(ErrorKind::Decode, "not a number").with_source(error);
    digits.parse().map_err(wrong)
}

/// A counter of 0, as a script continues it.
fn zero() -> Result<Vec<u8>> {
    let item = Item::of(&0_i64);
    let frame = Frame {
        codec: Codec::Counter,
        compressed: false,
        created: 0,
        versions: NONE,
        expires: NEVER,
        fingerprint: item.fingerprint()?,
        payload: b"0",
    };
    Ok(frame.encode())
}

/// Everything's version for a script: the key where the script may read it, the version where not.
struct Everything {
    key: Option<String>,
    version: Vec<u8>,
}

async fn everything(link: &Arc<Link>, names: &Names, life: i64) -> Result<Everything> {
    let key = names.all().to_owned();
    if link.is_cluster() {
        let version = text(make_version(link, &key, Some(life)).await?)?;
        return Ok(Everything { key: None, version });
    }
    Ok(Everything {
        key: Some(key),
        version: fresh(1),
    })
}
