//! What is written in the file that is the lock of a folder: what its files take, and who has leases.
//!
//! ```text
//! offset  bytes
//!      0     16  whose turn it is, and whether somebody waits: the lock's
//!     16     32  the ledger
//!     48    104  a lease, or nothing whole; and so on
//! ```
//!
//! Whoever changes it holds the lock, and writes in place. A process that dies in the middle leaves a place
//! whose checksum does not fit: a ledger that is not known, or a lease that nobody has.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::disk::present;
use super::folder::Folder;
use super::lease::Record;
use super::ledger::Ledger;
use super::lock::{Held, unlocked};
use super::turn::SIGN;

/// No register is longer: it would be one of ten thousand leases.
const LONGEST: u64 = 1 << 20;

impl Held<'_> {
    /// What the folder's files take.
    pub(super) fn ledger(&self) -> io::Result<Ledger> {
        read_ledger(&self.file)
    }

    pub(super) fn write_ledger(&self, ledger: Ledger) -> io::Result<()> {
        self.write_at(SIGN as u64, &ledger.encode())
    }

    /// The lease of an entry.
    pub(super) fn lease(&self, hash: u128) -> io::Result<Option<Place>> {
        let places = self.places()?;
        let of_entry = |place: &Place| place.lease.is_some_and(|lease| lease.hash == hash);
        Ok(places.into_iter().find(of_entry))
    }

    /// Writes a lease in the place of the entry's own, of one whose time has ended, or in a free one.
    pub(super) fn write_lease(
        &self,
        lease: Record,
        is_timely: impl Fn(&Record) -> bool,
    ) -> io::Result<()> {
        let places = self.places()?;
        let own = |place: &Place| place.lease.is_some_and(|other| other.hash == lease.hash);
        let free = |place: &Place| place.lease.is_none_or(|other| !is_timely(&other));
        let place = places.iter().find(|place| own(place));
        let place = place.or_else(|| places.iter().find(|place| free(place)));
        let at = place.map_or(offset(places.len()), |place| place.at);
        self.write_at(at, &lease.encode())
    }

    /// Frees the place of an entry's lease, if it has one.
    ///
    /// A disk can be so full that nothing is written even where something was. Then the register goes as a
    /// whole: who has a lease in it loses it, and who locks the folder next makes another.
    pub(super) fn free_lease(&self, hash: u128) -> io::Result<()> {
        let Some(place) = self.lease(hash)? else {
            return Ok(());
        };
        let freed = self.write_at(place.at, &[0; Record::LENGTH]);
        freed.or_else(|_| present(fs::remove_file(&self.path)).map(drop))
    }

    fn places(&self) -> io::Result<Vec<Place>> {
        let bytes = read(&self.file, offset(0), LONGEST)?;
        let places = bytes.chunks(Record::LENGTH).enumerate();
        let place = |(number, bytes)| Place {
            at: offset(number),
            lease: Record::decode(bytes),
        };
        Ok(places.map(place).collect())
    }

    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)
    }
}

/// A place of a lease.
pub(super) struct Place {
    at: u64,
    pub(super) lease: Option<Record>,
}

/// The ledger of a folder, read without its lock; nothing if there is none.
pub(super) fn peek(folder: &Folder, shard: usize) -> io::Result<Option<Ledger>> {
    let file = unlocked(folder, shard)?;
    file.map(|file| read_ledger(&file)).transpose()
}

fn read_ledger(file: &File) -> io::Result<Ledger> {
    let bytes = read(file, SIGN as u64, Ledger::LENGTH as u64)?;
    Ok(Ledger::decode(&bytes))
}

fn offset(number: usize) -> u64 {
    (SIGN + Ledger::LENGTH + number * Record::LENGTH) as u64
}

fn read(mut file: &File, at: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1_024);
    file.seek(SeekFrom::Start(at))?;
    Read::take(file, most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
