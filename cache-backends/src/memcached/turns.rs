//! Whose turn it is to write an entry by hand.
//!
//! A write by hand takes two steps: a look, then a compare and swap. What its caller does next comes after
//! it, whether or not he has waited: another write to the entry, or an invalidation that covers it. So each
//! waits for those that began before it in this process; the order among processes is the server's.

use std::collections::BTreeSet;

use larder_core::key::KeyHasher;
use tokio::sync::{Mutex, MutexGuard};

/// Entries take turns by a part of the hash of their names.
const PARTS: usize = 64;

/// Who writes what by hand.
#[derive(Debug)]
pub(super) struct Turns([Mutex<()>; PARTS]);

/// As long as it lives nobody else in this process writes these entries by hand.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _parts: Vec<MutexGuard<'a, ()>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self([(); PARTS].map(|()| Mutex::new(())))
    }
}

impl Turns {
    /// Waits for the turn of some entries, by their names.
    pub(super) async fn of(&self, entries: impl Iterator<Item = &str>) -> Turn<'_> {
        self.take(entries.map(part).collect()).await
    }

    /// Waits until everything is written that was begun before.
    pub(super) async fn of_all(&self) -> Turn<'_> {
        self.take((0..PARTS).collect()).await
    }

    /// In one order, so that nobody waits for somebody who waits for him.
    async fn take(&self, parts: BTreeSet<usize>) -> Turn<'_> {
        let mut taken = Vec::new();
        for part in parts {
            taken.push(self.0[part].lock().await);
        }
        Turn { _parts: taken }
    }
}

#[allow(clippy::cast_possible_truncation)] // a part of a hash
fn part(entry: &str) -> usize {
    let mut hasher = KeyHasher::new(0);
    hasher.run(entry.as_bytes());
    hasher.finish() as usize % PARTS
}
