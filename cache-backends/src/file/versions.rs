//! The versions of groups, of tags and of everything: sixteen random bytes in a file each.
//!
//! An invalidation removes the file: one step, without a lock, even on a full disk. The next who computes
//! makes another version. One that is not there is nobody's.

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::random::random;

use super::disk::FAR;
use super::failure::of_file;
use super::names::{Name, Names};
use super::record::Kind;
use super::shelves::Shelves;

/// A version stays for an hour, in milliseconds, after everything that was written under it.
const LONGER: u64 = 3_600_000;

impl Shelves {
    /// The versions in force; nothing if one is absent.
    pub(super) fn versions(&self, names: &Names) -> Result<Option<Versions>> {
        combine(names, |name| Ok(self.version(name)?.map(|found| found.0)))
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
        let Some(content) = self.read_file(name, Kind::Version)? else {
            return Ok(None);
        };
        let bytes = <[u8; 16]>::try_from(content.body).ok();
        Ok(bytes.map(|bytes| (u128::from_le_bytes(bytes), content.deadline)))
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

    /// An absent version is made once: a second one would void what was written under the first.
    fn make_version(&self, name: &Name, until: u64) -> Result<u128> {
        let cannot = |error| of_file("cannot write a version", error);
        let version = u128::from(random()) << 64 | u128::from(random());
        let (body, deadline) = (version.to_le_bytes().to_vec(), until.saturating_add(LONGER));
        let aside = self.folder.aside(name, Kind::Version, body, deadline);
        let aside = aside.map_err(cannot)?;
        let held = self.locks.lock(&self.folder, name.shard())?;
        if let Some((version, _)) = self.version(name)? {
            return Ok(version);
        }
        let chores = self.put(&held, name, Kind::Version, aside)?;
        drop(held);
        self.tidy(chores);
        Ok(version)
    }

    /// Has the versions stay for longer than what is written under them.
    pub(super) fn outlive_all(&self, names: &Names, until: u64) -> Result<()> {
        for name in names.group.iter().chain([&names.all]).chain(&names.tags) {
            if let Some((_, deadline)) = self.version(name)? {
                self.outlive(name, deadline, until)?;
            }
        }
        Ok(())
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
