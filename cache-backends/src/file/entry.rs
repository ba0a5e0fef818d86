//! Entries: how one is read, and how a file gets into its place.

use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::frame::{Frame, NEVER};
use larder_core::timeout::Ttl;
use larder_core::value::Kept;

use super::failure::of_file;
use super::folder::Aside;
use super::lock::Held;
use super::names::{Name, Names};
use super::record::Kind;
use super::shelves::Shelves;
use super::sweep::Chores;

/// So many blocks, 256 KiB, are read and summed up in a tenth of a millisecond.
const LARGE: u64 = 64;

/// An entry that is in force.
pub(super) struct Entry {
    pub(super) kept: Kept,
    /// When it expires.
    pub(super) expires: u64,
    /// Under which it was written.
    pub(super) versions: Versions,
}

impl Shelves {
    /// Reads an entry that is in force: without a lock, as a file is replaced in one step.
    pub(super) fn entry(&self, names: &Names) -> Result<Option<Entry>> {
        let Some(content) = self.read_file(&names.entry, Kind::Entry)? else {
            return Ok(None);
        };
        let (mut seen, mut failed) = (None, None);
        let kept = self.limits.value_if(content.body, |frame| {
            seen = Some((frame.expires, frame.versions));
            let valid = self.is_in_force(names, frame);
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

    fn is_in_force(&self, names: &Names, frame: &Frame<'_>) -> Result<bool> {
        Ok(self.time.is_within(frame.created, frame.expires)
            && self.versions(names)? == Some(frame.versions))
    }

    /// Whether reading an entry takes so long that an executor should not wait for it.
    pub(super) fn is_large(&self, name: &Name) -> bool {
        let blocks = self.folder.blocks(name, Kind::Entry);
        blocks.is_ok_and(|blocks| blocks > LARGE)
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
