//! Looking at an entry: what lies under its key, and the versions in force.

use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::random::random;

use super::super::failure::{nonsense, refused};
use super::super::moment::expires;
use super::super::place::Place;
use super::super::slot::{Holder, Slot, put_lease};
use super::super::wire::{Answer, Batch, Put};

/// How long a version lives that was made for a computation, of which perhaps nothing is written. A
/// computation that takes longer is not kept.
const LIFE_OF_A_CLAIM: Duration = Duration::from_secs(600);

/// What was seen.
pub(super) struct Look {
    pub(super) versions: Versions,
    /// The versions as they were found.
    pub(super) found: Vec<Answer>,
    /// What lies under the key, with its cas.
    pub(super) there: There,
}

/// What lies under an entry's key.
pub(super) enum There {
    /// Nothing did: now the lease does that was offered.
    Mine(u64),
    /// What did before.
    Other(Slot, u64),
    /// It was there, and is gone.
    Gone,
}

/// Makes the versions that are absent, puts a lease where nothing is, and reads all of it. The versions
/// are read before the lease is there, and once more after that. Nothing, if one was lost or has moved
/// meanwhile: what lies there may be of those who have seen what moved in.
pub(super) async fn look(place: &Place, holder: &Holder, life: Duration) -> Result<Option<Look>> {
    let names = &place.names;
    let mut batch = questions(place, holder, life);
    batch.get_all(&names.versions);
    let mut answers = place.ask(batch).await?;
    let before = answers.len().checked_sub(names.versions.len());
    let after = answers.split_off(before.ok_or_else(nonsense)?);
    let look = seen(place, answers)?;
    Ok(look.filter(|look| versions(&after, names.grouped) == Some(look.versions)))
}

/// What the answers to the questions of a look say.
pub(super) fn seen(place: &Place, mut answers: Vec<Answer>) -> Result<Option<Look>> {
    let (Some(entry), Some(added)) = (answers.pop(), answers.pop()) else {
        return Err(nonsense());
    };
    let found = answers.split_off(place.names.versions.len());
    if let Some(why) = answers.iter().find_map(refusal) {
        return Err(refused(why));
    }
    let Some(versions) = versions(&found, place.names.grouped) else {
        repair(place, &found);
        return Ok(None);
    };
    let there = match (added, entry) {
        (Answer::Done(cas), _) => There::Mine(cas),
        (Answer::Refused(why), _) => return Err(refused(&why)),
        (_, Answer::Found(found)) => {
            let cas = found.cas;
            There::Other(Slot::read(found, &place.names.guard), cas)
        }
        _ => There::Gone,
    };
    Ok(Some(Look {
        versions,
        found,
        there,
    }))
}

/// The questions of a look.
pub(super) fn questions(place: &Place, holder: &Holder, life: Duration) -> Batch {
    let names = &place.names;
    let mut batch = Batch::default();
    for version in &names.versions {
        batch.add(version, put_version(&fresh()));
    }
    batch.get_all(&names.versions);
    let lease = holder.write(&names.guard);
    batch.add(&names.entry, put_lease(&lease, expires(Some(life))));
    batch.get(&names.entry);
    batch
}

/// Why the server takes nothing, if so.
fn refusal(answer: &Answer) -> Option<&String> {
    match answer {
        Answer::Refused(why) => Some(why),
        _ => None,
    }
}

/// Writes over what is no version; nobody waits for that.
fn repair(place: &Place, found: &[Answer]) {
    let mut batch = Batch::default();
    for (name, answer) in place.names.versions.iter().zip(found) {
        if let (None, Answer::Found(found)) = (version(answer), answer) {
            batch.swap(name, put_version(&fresh()), found.cas);
        }
    }
    drop(place.ask(batch));
}

/// The versions in force; nothing if one is absent.
pub(super) fn versions(found: &[Answer], grouped: bool) -> Option<Versions> {
    let mut numbers = found.iter().map(version);
    let group = if grouped { numbers.next()?? } else { 0 };
    let all = numbers.next()??;
    let tags = numbers.try_fold(0, |mixed, tag| Some(mixed ^ tag?))?;
    Some(Versions { group, all, tags })
}

fn version(answer: &Answer) -> Option<u128> {
    match answer {
        Answer::Found(found) => <[u8; 16]>::try_from(&*found.value)
            .ok()
            .map(u128::from_le_bytes),
        _ => None,
    }
}

fn put_version(value: &[u8]) -> Put<'_> {
    Put {
        value,
        flags: 0,
        expires: expires(Some(LIFE_OF_A_CLAIM)),
    }
}

/// A new version: random, never counted.
fn fresh() -> [u8; 16] {
    (u128::from(random()) << 64 | u128::from(random())).to_le_bytes()
}
