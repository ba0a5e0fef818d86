//! Keys for tests of a store, as a cache would make them.

use std::sync::Arc;

use crate::backend::{Backend, Scope};
use crate::error::Result;
use crate::freshness::{Group, Realm};
use crate::key::{Key, KeyHasher, OwnedKey};
use crate::value::{Item, Value};

/// Makes keys, for tests that drive a [`Backend`] without a cache.
///
/// It stands for one cache in one process: two keyrings with one prefix are two processes on one
/// store.
///
/// ```
/// # use larder_core::{backend::Backend, conformance::Keyring};
/// # fn test(store: &dyn Backend) -> larder_core::error::Result<()> {
/// let keys = Keyring::new("test:");
/// let entry = keys.manual("greeting");
/// store.write_many(vec![(entry.key(), Keyring::item(&"hello".to_owned()))], None).wait()?;
/// assert!(store.read(&entry.key()).wait()?.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Keyring {
    prefix: String,
    realm: Arc<Realm>,
}

/// A key of a [`Keyring`].
pub struct EntryKey(OwnedKey);

impl EntryKey {
    /// The key as a store gets it.
    pub fn key(&self) -> Key<'_> {
        self.0.key()
    }
}

impl Keyring {
    /// Makes the keys of a cache with this `key_prefix`.
    pub fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            realm: Arc::new(Realm::new(prefix, [0; 16])),
        }
    }

    /// The keys of the same cache in another process.
    pub(super) fn elsewhere(&self) -> Self {
        Self::new(&self.prefix)
    }

    /// The key of `cache.get(name)`, which belongs to no group.
    pub fn manual(&self, name: &str) -> EntryKey {
        EntryKey(OwnedKey::manual(&self.realm, name))
    }

    /// The key of one call of a cached function: a member of a group.
    pub fn member(&self, group: &str, argument: u64) -> EntryKey {
        self.tagged(group, argument, &[])
    }

    /// The key of one call of a cached function with tags.
    pub fn tagged(&self, group: &str, argument: u64, tags: &[&str]) -> EntryKey {
        let mut hasher = KeyHasher::new(self.realm.seed());
        hasher.text("member");
        hasher.text(group);
        hasher.run(&argument.to_le_bytes());
        let (group, id) = (self.group(group), hasher.finish());
        EntryKey(OwnedKey {
            realm: Arc::clone(&self.realm),
            name: Arc::clone(group.shared_name()),
            group: Some(group),
            label: None,
            is_hash: true,
            id,
            tags: self
                .realm
                .tags
                .find(tags.iter().map(ToString::to_string).collect()),
        })
    }

    /// A group, to be invalidated.
    pub fn group(&self, name: &str) -> Arc<Group> {
        self.realm.group(name)
    }

    /// The scope of a group.
    pub fn group_scope<'a>(&'a self, group: &'a Arc<Group>) -> Scope<'a> {
        Scope::Group(&self.realm, group)
    }

    /// The scope of a tag.
    pub fn tag_scope<'a>(&'a self, name: &'a str) -> Scope<'a> {
        Scope::Tag(&self.realm, name)
    }

    /// The scope of everything.
    pub fn everything(&self) -> Scope<'_> {
        Scope::All(&self.realm)
    }

    /// A value on its way into a store.
    pub fn item<T: Value>(value: &T) -> Item {
        Item::of(value)
    }

    /// Invalidates as a cache does: in this process, in the store, and in this process again.
    ///
    /// # Errors
    ///
    /// The store's own.
    pub fn invalidate(&self, store: &dyn Backend, scope: &Scope<'_>) -> Result<u64> {
        self.void(scope);
        let answer = store.invalidate(scope).wait();
        self.void(scope);
        answer
    }

    fn void(&self, scope: &Scope<'_>) {
        match scope {
            Scope::Entries(_) => {}
            Scope::Group(_, group) => self.realm.void_group(group),
            Scope::Tag(_, name) => self.realm.void_tag(name),
            Scope::All(_) => self.realm.void_all(),
        }
    }
}
