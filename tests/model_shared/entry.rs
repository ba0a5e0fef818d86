//! A stored value and the versions that it was computed under.

use crate::names::Names;
use crate::rule::{Rule, Rules};

/// The versions that a computation started under.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Seen {
    pub(crate) group: u8,
    pub(crate) all: u8,
}

/// A stored value.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Entry {
    /// The version of the source that the body read.
    pub(crate) version: u8,
    /// The stamps in its frame.
    pub(crate) seen: Seen,
}

/// Tells whether a stamp is that of the version in force.
pub(crate) fn matches(current: Option<u8>, seen: u8, rules: Rules) -> bool {
    current.map_or(!rules.hold(Rule::AbsentIsMiss), |current| current == seen)
}

impl Seen {
    pub(crate) fn rename(&mut self, names: &mut Names) {
        names.group(&mut self.group);
        names.all(&mut self.all);
    }
}

impl Entry {
    pub(crate) fn rename(&mut self, names: &mut Names) {
        names.source(&mut self.version);
        self.seen.rename(names);
    }
}
