//! What the commands of a store work on.

use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use larder_core::clock::{Clock, millis};
use larder_core::error::{Error, Result};
use larder_core::frame::NEVER;

use super::disk::Opened;
use super::failure::{Health, of_file};
use super::folder::Folder;
use super::ledger::Usage;
use super::lock::Locks;
use super::names::Name;
use super::presence::Presence;
use super::record::{Kind, open};
use crate::payload::Limits;

/// The directory and everything that a command needs.
pub(super) struct Shelves {
    pub(super) folder: Folder,
    pub(super) locks: Locks,
    pub(super) presence: Presence,
    pub(super) usage: Usage,
    pub(super) health: Health,
    pub(super) limits: Limits,
    pub(super) time: Time,
    /// For the tests of the tests: without it the protocol is unsound.
    pub(super) compare_leases: bool,
}

impl Shelves {
    /// Opens a file; nothing if there is none.
    pub(super) fn open(&self, name: &Name, kind: Kind) -> Result<Option<Opened>> {
        self.folder.open(name, kind).map_err(unreadable)
    }
}

/// Reads a file; answers its body, or nothing if it is not one of ours.
pub(super) fn body_of(file: &Opened, name: &Name, kind: Kind) -> Result<Option<Vec<u8>>> {
    let bytes = file.read().map_err(unreadable)?;
    Ok(open(kind, &name.text, bytes))
}

pub(super) fn unreadable(error: io::Error) -> Error {
    of_file("cannot read a file", error)
}

/// The time of a store: that of the system, which all processes have in common, or one that a test moves.
pub(super) struct Time(Option<Clock>);

impl Time {
    /// A coarse clock goes on from where it was when the process started, whatever happens to the
    /// system's: processes would not agree.
    pub(super) fn of(clock: Option<Clock>) -> Self {
        Self(clock.filter(Clock::is_manual))
    }

    /// Milliseconds since the epoch.
    pub(super) fn now(&self) -> u64 {
        if let Some(clock) = &self.0 {
            return clock.unix();
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        millis(since.unwrap_or_default())
    }

    /// When what is put in now expires.
    pub(super) fn end_of(&self, ttl: Option<Duration>) -> u64 {
        ttl.map_or(NEVER, |ttl| self.now().saturating_add(millis(ttl)))
    }

    /// Whether it is between these two. What comes from the future was written before the clock was set
    /// back: how old it is nobody knows.
    pub(super) fn is_within(&self, start: u64, end: u64) -> bool {
        let now = self.now();
        start <= now.saturating_add(TOLERANCE) && now < end
    }
}

/// A clock may be set back by so many milliseconds, as it is where it is kept right over a network.
const TOLERANCE: u64 = 1_000;
