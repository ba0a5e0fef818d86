//! What an invalidation covers, for what outlives the call.

use std::sync::Arc;

use crate::backend::Scope;
use crate::freshness::{Group, Realm};
use crate::key::{Key, OwnedKey};

/// A scope that owns its parts.
pub(crate) enum OwnedScope {
    Entries(Vec<OwnedKey>),
    Group(Arc<Group>),
    Tag(String),
    All,
}

impl OwnedScope {
    pub(crate) fn of(realm: &Arc<Realm>, scope: &Scope<'_>) -> Self {
        match scope {
            Scope::Entries(keys) => {
                Self::Entries(keys.iter().map(|key| key.to_owned_in(realm)).collect())
            }
            Scope::Group(_, group) => Self::Group(Arc::clone(group)),
            Scope::Tag(_, name) => Self::Tag((*name).to_owned()),
            Scope::All(_) => Self::All,
        }
    }

    /// Lends the scope to a store.
    pub(crate) fn borrowed<T>(&self, realm: &Realm, to: impl FnOnce(&Scope<'_>) -> T) -> T {
        match self {
            Self::Entries(keys) => {
                let keys: Vec<_> = keys.iter().map(OwnedKey::key).collect();
                to(&Scope::Entries(&keys))
            }
            Self::Group(group) => to(&Scope::Group(realm, group)),
            Self::Tag(name) => to(&Scope::Tag(realm, name)),
            Self::All => to(&Scope::All(realm)),
        }
    }

    /// One scope for each entry.
    pub(crate) fn split(self) -> Vec<Self> {
        match self {
            Self::Entries(keys) => keys
                .into_iter()
                .map(|key| Self::Entries(vec![key]))
                .collect(),
            other => vec![other],
        }
    }

    /// Whether it is the same scope. Of entries, of one entry each.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Entries(keys), other) => keys.iter().all(|key| other.is_entry(key.id)),
            (Self::Group(one), Self::Group(other)) => Arc::ptr_eq(one, other),
            (Self::Tag(one), Self::Tag(other)) => one == other,
            (Self::All, Self::All) => true,
            _ => false,
        }
    }

    /// Whether it is this entry and no more.
    pub(crate) fn is_entry(&self, id: u128) -> bool {
        matches!(self, Self::Entries(keys) if keys.iter().all(|key| key.id == id))
    }

    pub(crate) fn covers(&self, key: &Key<'_>) -> bool {
        match self {
            Self::Entries(keys) => keys.iter().any(|entry| entry.id == key.id()),
            Self::Group(group) => key.is_grouped() && key.group() == group.name(),
            Self::Tag(name) => key.tags().iter().any(|tag| tag.name() == name),
            Self::All => true,
        }
    }
}
