//! The versions of groups, of tags and of everything: sixteen random bytes in a file each.
//!
//! An invalidation writes others in their place: one step, without a lock, even on a full disk. Where that
//! fails the file is removed, and the next who computes makes another. A version that is not there, or not
//! whole, is nobody's.

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::random::random;

use super::disk::{FAR, deadline};
use super::failure::of_file;
use super::names::{Name, Names};
use super::record::Kind;
use super::shelves::{Shelves, body_of};

/// A version stays for an hour, in milliseconds, after everything that was written under it.
const LONGER: u64 = 3_600_000;

impl Shelves {
    /// The versions in force; nothing if one is absent.
    pub(super) fn versions(&self, names: &Names) -> Result<Option<Versions>> {
        combine(names, |name| Ok(self.version(name)?.map(|found| found.0)))
    }

    /// The versions in force, which stay for longer than what is written under them until then.
    pub(super) fn lasting_versions(&self, names: &Names, until: u64) -> Result<Option<Versions>> {
        combine(names, |name| {
            let Some((version, deadline)) = self.version(name)? else {
                return Ok(None);
            };
            self.outlive(name, deadline, until)?;
            Ok(Some(version))
        })
    }

    /// The versions in force, made where they are absent, to stay until then and longer.
    ///
    /// No lock may be held: versions have their own.
    pub(super) fn ensure_versions(&self, names: &Names, until: u64) -> Result<Versions> {
        let made = combine(names, |name| self.ensure_version(name, until).map(Some))?;
        Ok(made.expect("none is absent"))
    }

    /// A version, and until when its file is needed.
    fn version(&self, name: &Name) -> Result<Option<(u128, u64)>> {
        let Some(file) = self.open(name, Kind::Version)? else {
            return Ok(None);
        };
        let body = body_of(&file, name, Kind::Version)?;
        let bytes = body.and_then(|body| <[u8; 16]>::try_from(body).ok());
        Ok(bytes.map(|bytes| (u128::from_le_bytes(bytes), deadline(&file.found))))
    }

    fn ensure_version(&self, name: &Name, until: u64) -> Result<u128> {
        match self.version(name)? {
            Some((version, deadline)) => {
                self.outlive(name, deadline, until)?;
                Ok(version)
            }
            None => self.make_version(name, until),
        }
    }

    /// Has another version take the place of one, if there is one.
    ///
    /// Who makes one at the same time makes it at random as well. If the file is another's by the time that
    /// it is written, that one was made after this began: what is computed under it is new.
    pub(super) fn move_version(&self, name: &Name) -> Result<()> {
        let rewritten = self.folder.rewrite(name, Kind::Version, fresh().to_vec());
        let moved = rewritten.or_else(|_| self.folder.remove(name, Kind::Version).map(drop));
        moved.map_err(|error| of_file("cannot move a version", error))
    }

    /// An absent version is made once: a second one would void what was written under the first.
    fn make_version(&self, name: &Name, until: u64) -> Result<u128> {
        let cannot = |error| of_file("cannot write a version", error);
        let (version, deadline) = (fresh(), until.saturating_add(LONGER));
        let aside = self
            .folder
            .aside(name, Kind::Version, version.to_vec(), deadline);
        let aside = aside.map_err(cannot)?;
        let held = self.locks.lock(&self.folder, name.shard())?;
        if let Some((version, _)) = self.version(name)? {
            return Ok(version);
        }
        let chores = self.put(&held, name, Kind::Version, aside)?;
        drop(held);
        self.tidy(chores);
        Ok(u128::from_le_bytes(version))
    }

    /// Half an hour of the hour may be used up before a file is touched again.
    fn outlive(&self, name: &Name, deadline: u64, until: u64) -> Result<()> {
        if deadline >= until.saturating_add(LONGER / 2).min(FAR) {
            return Ok(());
        }
        let prolonged = self
            .folder
            .prolong(name, Kind::Version, until.saturating_add(LONGER));
        prolonged.map_err(|error| of_file("cannot prolong a version", error))
    }
}

/// A version that nobody has seen.
fn fresh() -> [u8; 16] {
    let mut version = [0; 16];
    for half in version.as_chunks_mut::<8>().0 {
        *half = random().to_le_bytes();
    }
    version
}

/// All that covers an entry; nothing if one of them is absent.
fn combine(
    names: &Names,
    mut version: impl FnMut(&Name) -> Result<Option<u128>>,
) -> Result<Option<Versions>> {
    let mut group = Some(0);
    if let Some(name) = &names.group {
        group = version(name)?;
    }
    let all = version(&names.all)?;
    let mut tags = Some(0);
    for name in &names.tags {
        tags = tags.zip(version(name)?).map(|(tags, one)| tags ^ one);
    }
    let found = group.zip(all).zip(tags);
    Ok(found.map(|((group, all), tags)| Versions { group, all, tags }))
}
