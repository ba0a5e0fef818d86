//! The protocol: what is sent for each operation of a store, and what the answers mean.
//!
//! In one server every operation is one command. In a cluster the versions of everything and of
//! tags are in other slots than the entry: they are read side by side with it, always before the
//! body runs, and once more when it is stored. (See
//! `docs/design/0005-freshness-in-a-shared-store.md`.)

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::{Acquired, Claim, Lease, Seen, Stored, Token, Versions};
use larder_core::error::{Error, ErrorKind, Result};
use larder_core::frame::Frame;
use larder_core::timeout::Ttl;
use larder_core::value::Kept;
use redis::Value;

use super::answer::{integer, many, seen, text, versions, word};
use super::link::Link;
use super::names::Names;
use super::script::{self, Call};
use super::version::{LIFE, fresh};

/// Reads one entry: the versions come with it in one command, so that a hit costs one round trip.
pub(super) async fn read(link: Arc<Link>, names: Names) -> Result<Option<Kept>> {
    let (frame, versions) = look(&link, &names).await?;
    Ok(value(&link, frame.as_deref(), versions))
}

/// The bytes under an entry's key, and the versions in force.
async fn look(link: &Arc<Link>, names: &Names) -> Result<(Option<Vec<u8>>, Option<Versions>)> {
    let near = std::iter::once(&names.entry).chain(&names.near);
    let near = link.send(Call::mget(near));
    let mut found = if names.far.is_empty() {
        many(near.await?)?
    } else {
        let far: Vec<_> = names
            .far
            .iter()
            .map(|key| read_version(link, key))
            .collect();
        let mut found = many(near.await?)?;
        for far in far {
            found.extend(many(far.await?)?);
        }
        found
    };
    let versions = versions(found.split_off(1), names.grouped);
    Ok((found.pop().flatten(), versions))
}

/// The value in a frame that was written under the versions in force.
fn value(link: &Link, frame: Option<&[u8]>, versions: Option<Versions>) -> Option<Kept> {
    let frame = Frame::decode(frame?)?;
    if Some(frame.versions) != versions {
        return None;
    }
    link.settings.limits.value(&frame)
}

/// Asks for the lease.
pub(super) async fn acquire(link: Arc<Link>, names: Names, claim: Claim) -> Result<Acquired> {
    let far = names.far.iter().map(|key| make_version(&link, key));
    let far: Vec<_> = far.collect();
    let mut answer = claim_near(&link, &names, claim, claim.steal).await?;
    let mut others = Vec::new();
    for far in far {
        others.push(Some(text(far.await?)?));
    }
    if let Near::Fresh(frame) = &answer {
        if let Some(kept) = fresh_after_all(&link, &names, frame, &others) {
            return Ok(Acquired::Fresh(kept));
        }
        // It is in force as far as the server knows, and cannot be used: write over it.
        answer = claim_near(&link, &names, claim, true).await?;
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

async fn claim_near(link: &Link, names: &Names, claim: Claim, steal: bool) -> Result<Near> {
    let keys = [&names.entry, &names.lease].into_iter().chain(&names.near);
    let call = Call::script(&script::ACQUIRE, keys)
        .number(claim.token.0)
        .number(millis(claim.lease))
        .flag(steal)
        .flag(names.grouped)
        .arg(fresh(names.near.len()))
        .number(LIFE);
    let mut answer = many(link.send(call).await?)?.into_iter().flatten();
    match (answer.next().as_deref(), answer.next()) {
        (Some(b"fresh"), Some(frame)) => Ok(Near::Fresh(frame)),
        (Some(b"granted"), versions) => Ok(Near::Granted(versions.unwrap_or_default())),
        (Some(b"held"), _) => Ok(Near::Held),
        _ => Err(super::failure::nonsense()),
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
pub(super) async fn store(
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
pub(super) async fn extend(
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
pub(super) async fn release(link: Arc<Link>, names: Names, token: Token) -> Result<()> {
    let call = Call::script(&script::RELEASE, [&names.lease]).number(token.0);
    link.send(call).await.map(drop)
}

/// Deletes entries with their leases; answers how many were in force.
pub(super) async fn forget(link: Arc<Link>, entries: Vec<Names>) -> Result<u64> {
    let batches: Vec<&[Names]> = if link.is_cluster() {
        entries.chunks(1).collect()
    } else {
        vec![&entries]
    };
    let sent: Vec<_> = batches
        .into_iter()
        .map(|batch| forget_batch(&link, batch))
        .collect();
    let mut count = 0;
    for sent in sent {
        count += integer(&sent.await?)?.unsigned_abs();
    }
    Ok(count)
}

fn forget_batch(
    link: &Arc<Link>,
    entries: &[Names],
) -> larder_core::reply::Reply<'static, Result<Value>> {
    let keys = entries
        .iter()
        .flat_map(|names| [&names.entry, &names.lease].into_iter().chain(&names.near));
    let call = entries
        .iter()
        .fold(Call::script(&script::FORGET, keys), |call, names| {
            call.number(names.near.len() as u64).flag(names.grouped)
        });
    send_now(link, call)
}

/// Deletes versions: what was written under them is in force no more.
pub(super) async fn forget_versions(link: Arc<Link>, keys: Vec<String>) -> Result<u64> {
    let sent: Vec<_> = keys
        .iter()
        .map(|key| send_now(&link, Call::plain("UNLINK", key)))
        .collect();
    for sent in sent {
        sent.await?;
    }
    Ok(0)
}

/// Reads many entries.
pub(super) async fn read_many(link: Arc<Link>, entries: Vec<Names>) -> Result<Vec<Option<Kept>>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    if link.is_cluster() {
        return read_each(&link, &entries).await;
    }
    let mut keys = OneLine::default();
    let places: Vec<_> = entries
        .iter()
        .map(|names| {
            let near = names.near.iter().map(|key| keys.place(key)).collect();
            (keys.place(&names.entry), near)
        })
        .collect();
    let found = many(link.send(Call::mget(keys.keys)).await?)?;
    let value_at = |((entry, near), names): ((usize, Vec<usize>), &Names)| {
        let near = near.into_iter().map(|at| found.get(at).cloned().flatten());
        let versions = versions(near.collect(), names.grouped);
        value(&link, found.get(entry)?.as_deref(), versions)
    };
    Ok(places.into_iter().zip(&entries).map(value_at).collect())
}

/// Keys in a line, each once.
#[derive(Default)]
struct OneLine<'n> {
    keys: Vec<&'n String>,
    places: HashMap<&'n String, usize>,
}

impl<'n> OneLine<'n> {
    /// Where in the line the key stands.
    fn place(&mut self, key: &'n String) -> usize {
        *self.places.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.keys.len() - 1
        })
    }
}

async fn read_each(link: &Arc<Link>, entries: &[Names]) -> Result<Vec<Option<Kept>>> {
    let sent: Vec<_> = entries
        .iter()
        .map(|names| link.start(read(Arc::clone(link), names.clone())))
        .collect();
    let mut values = Vec::new();
    for sent in sent {
        values.push(sent.await?);
    }
    Ok(values)
}

/// Writes many entries of manual keys. Leases on them are gone.
pub(super) async fn write_many(
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
    let everything = everything(&link, first).await?;
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
pub(super) async fn add(
    link: Arc<Link>,
    names: Names,
    frame: Vec<u8>,
    ttl: Option<Duration>,
) -> Result<bool> {
    let everything = everything(&link, &names).await?;
    let keys = [&names.entry, &names.lease]
        .into_iter()
        .chain(&everything.key);
    let call = Call::script(&script::ADD, keys)
        .arg(everything.version)
        .number(LIFE)
        .number(life(&link, ttl))
        .arg(frame);
    Ok(integer(&link.send(call).await?)? == 1)
}

/// Adds to a counter.
pub(super) async fn incr(
    link: Arc<Link>,
    names: Names,
    by: i64,
    ttl: Option<Duration>,
) -> Result<i64> {
    let everything = everything(&link, &names).await?;
    let keys = [&names.entry, &names.lease]
        .into_iter()
        .chain(&everything.key);
    let call = Call::script(&script::INCR, keys)
        .arg(everything.version)
        .number(LIFE)
        .number(life(&link, ttl))
        .number(by)
        .arg(super::payload::zero()?);
    let digits = word(link.send(call).await?)?;
    let wrong = |error| Error::new(ErrorKind::Decode, "not a number").with_source(error);
    digits.parse().map_err(wrong)
}

/// Says how long an entry still lives.
pub(super) async fn ttl(link: Arc<Link>, names: Names) -> Result<Ttl> {
    if !names.far.is_empty() && read(Arc::clone(&link), names.clone()).await?.is_none() {
        return Ok(Ttl::Absent);
    }
    let keys = std::iter::once(&names.entry).chain(&names.near);
    let call = Call::script(&script::TTL, keys).flag(names.grouped);
    Ok(match integer(&link.send(call).await?)? {
        -1 => Ttl::Forever,
        left if left >= 0 => Ttl::Remaining(Duration::from_millis(left.unsigned_abs())),
        _ => Ttl::Absent,
    })
}

/// Everything's version for a script: the key where the script may read it, the version where not.
struct Everything {
    key: Option<String>,
    version: Vec<u8>,
}

async fn everything(link: &Arc<Link>, names: &Names) -> Result<Everything> {
    let key = names.all().to_owned();
    if link.is_cluster() {
        let version = text(make_version(link, &key).await?)?;
        return Ok(Everything { key: None, version });
    }
    Ok(Everything {
        key: Some(key),
        version: fresh(1),
    })
}

type Sent = larder_core::reply::Reply<'static, Result<Value>>;

fn read_version(link: &Arc<Link>, key: &String) -> Sent {
    send_now(link, Call::mget([key]))
}

fn make_version(link: &Arc<Link>, key: &String) -> Sent {
    let call = Call::script(&script::VERSION, [key]);
    send_now(link, call.arg(fresh(1)).number(LIFE))
}

fn keep_version(link: &Arc<Link>, key: &String, life: i64) -> Sent {
    send_now(link, Call::script(&script::OUTLIVE, [key]).number(life))
}

/// Sends a command side by side with others.
fn send_now(link: &Arc<Link>, call: Call) -> Sent {
    let sender = Arc::clone(link);
    link.start(async move { sender.send(call).await })
}

/// How long an entry lives, in milliseconds; -1 has no end. Redis takes no 0.
fn life(link: &Link, ttl: Option<Duration>) -> i64 {
    let longest = link.settings.max_timeout;
    match ttl {
        Some(ttl) => millis(ttl.min(longest)).max(1),
        None if longest == Duration::MAX => -1,
        None => millis(longest),
    }
}

fn millis(duration: Duration) -> i64 {
    let millis = larder_core::clock::millis(duration);
    i64::try_from(millis).map_or(LONGEST, |millis| millis.min(LONGEST))
}

/// What Redis can count: a moment in milliseconds that is still ahead in some 100 000 years.
const LONGEST: i64 = 1 << 51;
