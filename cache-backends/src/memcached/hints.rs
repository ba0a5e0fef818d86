//! The versions that were read last: a guess at those that are in force.
//!
//! A lease says which versions its holder saw. Who asks for one learns the versions with the answer; if
//! he guessed them right, he need not write the lease again. A wrong guess costs a round trip.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use larder_core::backend::Versions;

/// So many entries' versions are remembered.
const MOST: usize = 4_096;

/// The versions that were read last, by the names of the entries.
#[derive(Debug, Default)]
pub(super) struct Hints(Mutex<HashMap<String, Versions>>);

impl Hints {
    /// Notes what was read with an entry that is not there.
    pub(super) fn note(&self, entry: &str, versions: Versions) {
        let mut hints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hints.len() >= MOST {
            hints.clear();
        }
        hints.insert(entry.to_owned(), versions);
    }

    /// What was read with an entry when somebody looked for it.
    pub(super) fn take(&self, entry: &str) -> Option<Versions> {
        let mut hints = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hints.remove(entry)
    }
}
