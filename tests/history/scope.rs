//! What an invalidation covers.

/// Entries that are forgotten together. Entries, groups and tags are numbers that a run agrees on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    Entry(u32),
    Group(u32),
    Tag(u32),
    All,
}

impl Scope {
    pub(super) fn to_bytes(self) -> (u8, u32) {
        match self {
            Self::All => (0, 0),
            Self::Entry(key) => (1, key),
            Self::Group(group) => (2, group),
            Self::Tag(tag) => (3, tag),
        }
    }

    pub(super) fn from_bytes(kind: u8, number: u32) -> Option<Self> {
        Some(match kind {
            0 => Self::All,
            1 => Self::Entry(number),
            2 => Self::Group(number),
            3 => Self::Tag(number),
            _ => return None,
        })
    }
}

/// Which scopes cover which keys.
#[derive(Clone, Copy)]
pub(crate) struct Keyspace {
    /// The group of a key, if it is in one.
    pub(crate) group: fn(u32) -> Option<u32>,
    /// The tags of a key.
    pub(crate) tags: fn(u32) -> Vec<u32>,
}

impl Keyspace {
    /// Every scope that covers a key.
    pub(crate) fn scopes(&self, key: u32) -> Vec<Scope> {
        let mut scopes = vec![Scope::All, Scope::Entry(key)];
        scopes.extend((self.group)(key).map(Scope::Group));
        scopes.extend((self.tags)(key).into_iter().map(Scope::Tag));
        scopes
    }
}
