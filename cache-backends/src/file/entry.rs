//! Entries: how one is read, and how a file gets into its place.

use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::frame::{CREATED_AT, HEADER, NEVER, VERSIONS_AT};
use larder_core::timeout::Ttl;
use larder_core::value::Kept;

use super::disk::{Opened, blocks, deadline, is_same};
use super::failure::of_file;
use super::folder::Aside;
use super::lock::Held;
use super::names::{Name, Names};
use super::record::{self, Kind, tail};
use super::shelves::{Shelves, body_of, unreadable};
use super::sweep::Chores;

/// So many blocks, 256 KiB, are read and summed up in a tenth of a millisecond.
const LARGE: u64 = 64;
/// So many, 16 KiB, are read and unpacked under a lock.
const SHORT: u64 = 4;

/// An entry that is in force.
pub(super) struct Entry {
    pub(super) kept: Kept,
    /// When it expires.
    pub(super) expires: u64,
    /// Under which it was written.
    pub(super) versions: Versions,
}

/// What is known of an entry that is to be changed.
pub(super) enum Known<'a> {
    /// None is in force.
    Absent(Held<'a>),
    /// It is in force, and nobody changes it now.
    Short(Held<'a>, Entry),
    /// It was in force a moment ago, and is not locked.
    Long(Entry),
}

impl Shelves {
    /// Reads an entry that is in force: without a lock, as a file is replaced in one step.
    pub(super) fn entry(&self, names: &Names) -> Result<Option<Entry>> {
        match self.open(&names.entry, Kind::Entry)? {
            Some(file) => self.entry_in(names, &file),
            None => Ok(None),
        }
    }

    fn entry_in(&self, names: &Names, file: &Opened) -> Result<Option<Entry>> {
        let Some(body) = body_of(file, &names.entry, Kind::Entry)? else {
            return Ok(None);
        };
        let (mut seen, mut failed) = (None, None);
        let kept = self.limits.value_if(body, |frame| {
            seen = Some((frame.expires, frame.versions));
            let valid = self.is_in_force(names, frame.created, frame.expires, frame.versions);
            valid.unwrap_or_else(|error| {
                failed = Some(error);
                false
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        Ok(kept.zip(seen).map(|(kept, (expires, versions))| Entry {
            kept,
            expires,
            versions,
        }))
    }

    /// Whether an entry is there, by what stands before its value and behind it. Nobody who holds a lock
    /// reads more, only to count it.
    pub(super) fn is_there(&self, names: &Names) -> Result<bool> {
        let name = &names.entry;
        let Some(file) = self.open(name, Kind::Entry)? else {
            return Ok(false);
        };
        let ends = file.read_ends(HEADER, tail(&name.text));
        let ends = ends.map_err(unreadable)?;
        let header = ends.and_then(|ends| record::open(Kind::Entry, &name.text, ends));
        match header.as_deref().and_then(stamps) {
            Some((created, versions)) => {
                self.is_in_force(names, created, deadline(&file.found), versions)
            }
            None => Ok(false),
        }
    }

    fn is_in_force(
        &self,
        names: &Names,
        created: u64,
        expires: u64,
        versions: Versions,
    ) -> Result<bool> {
        Ok(self.time.is_within(created, expires) && self.versions(names)? == Some(versions))
    }

    /// Locks the folder of an entry, and reads the entry there.
    ///
    /// What is not short is read without the lock: others who need it would wait. If it is not in force,
    /// it will not come into force again, and under the lock it is enough to see that it is still that file.
    pub(super) fn lock_entry(&self, names: &Names) -> Result<Known<'_>> {
        let name = &names.entry;
        let mut passed: Option<Opened> = None;
        loop {
            let held = self.locks.lock(&self.folder, name.shard())?;
            let Some(file) = self.open(name, Kind::Entry)? else {
                return Ok(Known::Absent(held));
            };
            if passed
                .as_ref()
                .is_some_and(|passed| is_same(&passed.found, &file.found))
            {
                return Ok(Known::Absent(held));
            }
            if blocks(file.found.len()) <= SHORT {
                return Ok(match self.entry_in(names, &file)? {
                    Some(entry) => Known::Short(held, entry),
                    None => Known::Absent(held),
                });
            }
            drop(held);
            if let Some(entry) = self.entry_in(names, &file)? {
                return Ok(Known::Long(entry));
            }
            // It stays open: no other file gets its number.
            passed = Some(file);
        }
    }

    /// Whether reading entries takes so long that an executor should not wait for it.
    pub(super) fn are_large(&self, entries: &[Names]) -> bool {
        let blocks = |names: &Names| self.folder.blocks(&names.entry, Kind::Entry);
        let mut left = LARGE;
        !entries.iter().all(|names| {
            let rest = left.checked_sub(blocks(names).unwrap_or(0));
            left = rest.unwrap_or(0);
            rest.is_some()
        })
    }

    /// The value of an entry that is in force.
    pub(super) fn value(&self, names: &Names) -> Result<Option<Kept>> {
        Ok(self.entry(names)?.map(|entry| entry.kept))
    }

    pub(super) fn ttl(&self, names: &Names) -> Result<Ttl> {
        Ok(match self.entry(names)? {
            None => Ttl::Absent,
            Some(entry) if entry.expires == NEVER => Ttl::Forever,
            Some(entry) => Ttl::Remaining(Duration::from_millis(
                entry.expires.saturating_sub(self.time.now()),
            )),
        })
    }

    /// Writes a frame beside its place.
    pub(super) fn aside(&self, name: &Name, frame: Vec<u8>, expires: u64) -> Result<Aside> {
        let aside = self.folder.aside(name, Kind::Entry, frame, expires);
        aside.map_err(|error| of_file("cannot write an entry", error))
    }

    /// Puts a file in its place, and writes down what it takes before it is there. Answers what is to be
    /// tidied up when the lock is free.
    pub(super) fn put(
        &self,
        held: &Held<'_>,
        name: &Name,
        kind: Kind,
        aside: Aside,
    ) -> Result<Chores> {
        let put = || {
            let (blocks, before) = (aside.blocks, self.folder.blocks(name, kind)?);
            let mut ledger = held.ledger()?;
            ledger.put(blocks, before);
            held.write_ledger(ledger)?;
            self.folder.publish(aside)?;
            Ok(Chores {
                shard: name.shard(),
                folder: ledger.is_due(),
                bound: self.usage.grow(blocks.saturating_sub(before)),
            })
        };
        put().map_err(|error| of_file("cannot put a file in its place", error))
    }

    /// Removes an entry, and writes down that it is gone.
    pub(super) fn take(&self, held: &Held<'_>, name: &Name) -> Result<()> {
        let take = || {
            let blocks = self.folder.blocks(name, Kind::Entry)?;
            if self.folder.remove(name, Kind::Entry)? {
                let mut ledger = held.ledger()?;
                ledger.remove(blocks);
                // It is gone: that the count is too high harms nobody.
                held.write_ledger(ledger).ok();
            }
            Ok(())
        };
        take().map_err(|error| of_file("cannot remove an entry", error))
    }
}

/// When an entry was created and under which versions, by the header of its frame.
fn stamps(header: &[u8]) -> Option<(u64, Versions)> {
    let created = header.get(CREATED_AT..)?.first_chunk()?;
    let (versions, _) = header.get(VERSIONS_AT..)?.as_chunks();
    let &[group, all, tags, ..] = versions else {
        return None;
    };
    let [group, all, tags] = [group, all, tags].map(u128::from_le_bytes);
    Some((u64::from_le_bytes(*created), Versions { group, all, tags }))
}
