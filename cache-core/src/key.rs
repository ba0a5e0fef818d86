//! What an entry is called: in this process a number, in a shared store a readable text.

mod compound;
mod display;
mod encode;
pub(crate) mod hasher;
mod part;
mod refused;
mod tag;
mod unordered;

use std::fmt;
use std::sync::Arc;

use crate::counters::Counters;
use crate::freshness::{Group, Realm};
use crate::stamp::Stamp;
use crate::tag::{Tag, Tags};

pub use hasher::KeyHasher;
pub use part::{KeyPart, Label, TagPart};

/// The key of one entry, as a store sees it.
///
/// An in-process store looks entries up by [`id`](Key::id), which no two entries of one cache
/// share. A shared store uses [`text`](Key::text), the same in every process. A key also knows
/// what has been invalidated in this process: [`stamp`](Key::stamp) and [`admits`](Key::admits).
#[derive(Clone, Copy)]
pub struct Key<'a> {
    pub(crate) realm: &'a Realm,
    pub(crate) group: Option<&'a Arc<Group>>,
    pub(crate) name: &'a str,
    pub(crate) label: Option<&'a str>,
    pub(crate) id: u128,
    /// Whether that is the hash of the arguments: not of a key that is its whole group.
    pub(crate) is_hash: bool,
    pub(crate) tags: &'a Tags,
}

impl Key<'_> {
    /// The number of the entry: unique within its cache, seeded with the cache's hash seed.
    #[inline]
    pub fn id(&self) -> u128 {
        self.id
    }

    /// The name of the entry's group: the function's path, its `key_prefix`, or the manual key.
    pub fn group(&self) -> &str {
        self.name
    }

    /// The cache that the entry belongs to.
    pub fn realm(&self) -> &Realm {
        self.realm
    }

    /// What every key of the cache starts with in a shared store.
    pub fn prefix(&self) -> &str {
        self.realm.prefix()
    }

    /// The readable label over the parameters, if there is one.
    pub fn label(&self) -> Option<&str> {
        self.label
    }

    /// The hash of the arguments; a key that is its whole group has none.
    pub fn hash(&self) -> Option<u128> {
        self.is_hash.then_some(self.id)
    }

    /// Whether the entry is one of a group, which can be invalidated as a whole.
    ///
    /// A manual key is its whole group: it has no version key in a shared store.
    pub fn is_grouped(&self) -> bool {
        self.is_hash
    }

    /// The key in a shared store: `prefix{group}:label:hash`.
    pub fn text(&self) -> String {
        self.to_string()
    }

    /// The key of the group's version in a shared store: `prefix{group}:v`.
    pub fn version_text(&self) -> String {
        format!("{}{{{}}}:v", self.realm.prefix(), self.name)
    }

    /// The key of everything's version in a shared store: `prefix{all}:a`.
    pub fn clear_text(&self) -> String {
        self.realm.clear_text()
    }

    /// The tags of what is kept under the key.
    pub fn tags(&self) -> &Tags {
        self.tags
    }

    /// The keys of the tags' versions in a shared store: `prefix{tag:name}:t`.
    pub fn tag_texts(&self) -> impl Iterator<Item = String> {
        let text = |tag: &Tag| self.realm.tag_text(tag.name());
        self.tags.iter().map(text)
    }

    /// The moment, for what is computed from now on. To be taken before the computation starts.
    #[inline]
    pub fn stamp(&self) -> Stamp {
        self.realm.stamp()
    }

    /// Whether an entry or a lease with this stamp is still in force: neither its group, nor one of
    /// its tags, nor everything was invalidated in this process since.
    #[inline]
    pub fn admits(&self, stamp: Stamp) -> bool {
        self.realm.admits(stamp)
            && self.group.is_none_or(|group| group.admits(stamp))
            && self.tags.admit(stamp)
    }
}

impl Key<'_> {
    /// Whether what is wrong with the key is said in the log, or was said for its group lately.
    pub(crate) fn is_worth_logging(&self) -> bool {
        let last = self.group.map_or(&self.realm.logged, |group| &group.logged);
        last.is_due()
    }

    /// Where is counted what happens to the key.
    #[inline]
    pub(crate) fn counters(&self) -> &Counters {
        let realm = &self.realm.counters;
        self.group.map_or(realm, |group| &group.counters)
    }

    /// A copy that owns its parts.
    pub(crate) fn to_owned_in(self, realm: &Arc<Realm>) -> OwnedKey {
        OwnedKey {
            realm: Arc::clone(realm),
            group: self.group.cloned(),
            name: self.name.into(),
            label: self.label.map(Into::into),
            is_hash: self.is_hash,
            id: self.id,
            tags: self.tags.clone(),
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{{{}}}", self.realm.prefix(), self.name)?;
        if let Some(label) = self.label {
            write!(f, ":{label}")?;
        }
        match self.hash() {
            Some(hash) => write!(f, ":{hash:032x}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// A key that owns its parts, for what outlives the call.
#[derive(Clone)]
pub(crate) struct OwnedKey {
    pub(crate) realm: Arc<Realm>,
    pub(crate) group: Option<Arc<Group>>,
    pub(crate) name: Arc<str>,
    pub(crate) label: Option<Box<str>>,
    pub(crate) id: u128,
    /// Whether that is the hash of the arguments: not of a key that is its whole group.
    pub(crate) is_hash: bool,
    pub(crate) tags: Tags,
}

impl OwnedKey {
    /// The key of `cache.get("name")`: no hash, its own whole group.
    pub(crate) fn manual(realm: &Arc<Realm>, name: &str) -> Self {
        Self {
            realm: Arc::clone(realm),
            group: None,
            name: name.into(),
            label: None,
            is_hash: false,
            id: realm.manual_id(name),
            tags: Tags::NONE,
        }
    }

    pub(crate) fn key(&self) -> Key<'_> {
        Key {
            realm: &self.realm,
            group: self.group.as_ref(),
            name: &self.name,
            label: self.label.as_deref(),
            is_hash: self.is_hash,
            id: self.id,
            tags: &self.tags,
        }
    }
}

impl Realm {
    /// The number of a manual key.
    pub(crate) fn manual_id(&self, name: &str) -> u128 {
        let mut hasher = KeyHasher::new(self.seed());
        hasher.text("key");
        hasher.text(name);
        hasher.finish()
    }
}
