//! Reading: the versions come with the entry.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::frame::Frame;
use larder_core::timeout::Ttl;
use larder_core::value::Kept;

use redis::Cmd;

use super::super::answer::{entry, integer, many, versions};
use super::super::link::Link;
use super::super::names::Names;
use super::super::script::{self, Call};
use super::read_version;

/// Reads one entry of one server: the versions come with it in one command, so that a hit costs one
/// round trip.
pub(in super::super) async fn read_one(
    link: Arc<Link>,
    id: u128,
    command: Cmd,
    grouped: bool,
) -> Result<Option<Kept>> {
    let (frame, versions) = entry(link.read(id, command).await?, grouped)?;
    let (Some(frame), Some(versions)) = (frame, versions) else {
        return Ok(None);
    };
    let limits = link.settings.limits;
    Ok(limits.value_if(frame, |frame| frame.versions == versions))
}

/// Reads one entry of which some versions are elsewhere.
pub(in super::super) async fn read(link: Arc<Link>, names: Names) -> Result<Option<Kept>> {
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

/// Reads many entries.
pub(in super::super) async fn read_many(
    link: Arc<Link>,
    entries: Vec<Names>,
) -> Result<Vec<Option<Kept>>> {
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
        let near = near.into_iter().map(|at| found.get(at)?.clone());
        let versions = versions(near, names.grouped);
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

/// Says how long an entry still lives.
pub(in super::super) async fn ttl(link: Arc<Link>, names: Names) -> Result<Ttl> {
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
