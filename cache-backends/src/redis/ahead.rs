//! What was sent on the line and is to have its effect before what is read beside it.
//!
//! Nobody has to wait for what he writes: what he reads next comes after it all the same.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The writes under way of one store.
#[derive(Default)]
pub(super) struct Ahead {
    /// How many may concern any entry.
    any: AtomicUsize,
    /// How many there are in all: mostly none, and then nobody has to look.
    count: AtomicUsize,
    /// The entries that the others concern.
    entries: Mutex<Vec<u128>>,
}

impl Ahead {
    /// Whether an entry can be read beside the line.
    pub(super) fn is_clear(&self, entry: u128) -> bool {
        self.count.load(Ordering::SeqCst) == 0
            || self.any.load(Ordering::SeqCst) == 0 && !self.entries().contains(&entry)
    }

    fn entries(&self) -> MutexGuard<'_, Vec<u128>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A write under way.
pub(super) struct Write {
    ahead: Arc<Ahead>,
    entry: Option<u128>,
}

impl Write {
    /// Notes one that concerns this entry, or any.
    pub(super) fn new(ahead: &Arc<Ahead>, entry: Option<u128>) -> Self {
        match entry {
            Some(entry) => ahead.entries().push(entry),
            None => drop(ahead.any.fetch_add(1, Ordering::SeqCst)),
        }
        ahead.count.fetch_add(1, Ordering::SeqCst);
        let ahead = Arc::clone(ahead);
        Self { ahead, entry }
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        let Ahead { any, count, .. } = &*self.ahead;
        count.fetch_sub(1, Ordering::SeqCst);
        let Some(entry) = self.entry else {
            any.fetch_sub(1, Ordering::SeqCst);
            return;
        };
        let mut entries = self.ahead.entries();
        if let Some(at) = entries.iter().position(|one| *one == entry) {
            entries.swap_remove(at);
        }
    }
}
