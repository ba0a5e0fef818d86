//! What has been invalidated in this process, and since when.
//!
//! One counter, the *epoch*, orders everything in one cache. A computation carries the epoch at
//! which it started, its [`Stamp`]. An invalidation of a group, of a tag or of everything raises a
//! *floor* above the epoch and moves the epoch on to it: whatever carries a stamp below the floor
//! was started before and is void. So an invalidation costs the same however many entries it voids,
//! and there is nothing to scan or to lose. (See `docs/design/0002-freshness-in-process.md`.)

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::counters::Counters;
use crate::last_log::LastLog;
use crate::stamp::{Floor, Stamp};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::tag::TagTable;

/// The entries of one function or one `key_prefix`.
pub struct Group {
    name: Arc<str>,
    floor: Floor,
    pub(crate) counters: Counters,
    pub(crate) logged: LastLog,
}

impl Group {
    fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            floor: Floor::new(),
            counters: Counters::default(),
            logged: LastLog::default(),
        }
    }

    /// The group's name: the function's path or its `key_prefix`.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    #[inline]
    pub(crate) fn admits(&self, stamp: Stamp) -> bool {
        self.floor.admits(stamp)
    }

    /// A number that grows with every invalidation of the group.
    #[inline]
    pub(crate) fn floor(&self) -> u64 {
        self.floor.get()
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Group").field(&self.name).finish()
    }
}

/// Everything of one cache that is not its store: its prefix, seed, groups, epoch and counters.
pub struct Realm {
    id: u64,
    prefix: Box<str>,
    seed: u128,
    epoch: AtomicU64,
    floor: Floor,
    groups: RwLock<HashMap<Arc<str>, Arc<Group>>>,
    pub(crate) tags: TagTable,
    /// Which place in the source has which identity of a function.
    places: Mutex<HashMap<u128, &'static Location<'static>>>,
    pub(crate) counters: Counters,
    pub(crate) logged: LastLog,
}

static REALMS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);

impl Realm {
    pub(crate) fn new(prefix: &str, seed: [u8; 16]) -> Self {
        Self {
            id: REALMS.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            prefix: prefix.into(),
            seed: u128::from_le_bytes(seed),
            epoch: AtomicU64::new(1),
            floor: Floor::new(),
            groups: RwLock::default(),
            tags: TagTable::default(),
            places: Mutex::default(),
            counters: Counters::default(),
            logged: LastLog::default(),
        }
    }

    /// A number that no other cache of this process has or had.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// What every key of the cache starts with in a shared store.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    #[inline]
    pub(crate) fn seed(&self) -> u128 {
        self.seed
    }

    /// The key of everything's version in a shared store: `prefix{all}:a`. The version of a group
    /// that is called `all` is another.
    pub fn clear_text(&self) -> String {
        format!("{}{{all}}:a", self.prefix)
    }

    /// The key of a tag's version in a shared store: `prefix{tag:name}:t`. The version of a group
    /// that is called `tag:name` is another.
    pub fn tag_text(&self, name: &str) -> String {
        format!("{}{{tag:{name}}}:t", self.prefix)
    }

    /// A number that grows with every invalidation of everything.
    #[inline]
    pub(crate) fn floor(&self) -> u64 {
        self.floor.get()
    }

    #[inline]
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp(self.epoch.load(Ordering::SeqCst))
    }

    #[inline]
    pub(crate) fn admits(&self, stamp: Stamp) -> bool {
        self.floor.admits(stamp)
    }

    /// Voids every entry, lease and flight of a group that started before now.
    pub(crate) fn void_group(&self, group: &Group) {
        self.void(|floor| group.floor.raise(floor));
    }

    /// Voids every entry, lease and flight with a tag that started before now.
    pub(crate) fn void_tag(&self, name: &str) {
        self.void(|floor| self.tags.raise(name, floor));
    }

    /// Voids every entry, lease and flight of the cache that started before now.
    pub(crate) fn void_all(&self) {
        self.void(|floor| self.floor.raise(floor));
    }

    /// Raises a floor above the epoch, then moves the epoch up to it.
    ///
    /// The floor comes first. Otherwise a computation could start in between with the new stamp,
    /// hit an old entry of another function that the same invalidation covers, and keep what it
    /// made of it. So, in between, whatever starts is void at once, which costs a miss.
    fn void(&self, raise: impl Fn(u64)) {
        loop {
            let epoch = self.epoch.load(Ordering::SeqCst);
            raise(epoch + 1);
            let moved =
                self.epoch
                    .compare_exchange(epoch, epoch + 1, Ordering::SeqCst, Ordering::SeqCst);
            if moved.is_ok() {
                return;
            }
        }
    }

    /// The group of that name, made at its first use.
    pub(crate) fn group(&self, name: &str) -> Arc<Group> {
        let groups = self.groups.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get(name) {
            return Arc::clone(group);
        }
        drop(groups);
        let mut groups = self.groups.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get(name) {
            return Arc::clone(group);
        }
        let group = Arc::new(Group::new(name));
        groups.insert(Arc::clone(&group.name), Arc::clone(&group));
        group
    }

    /// Whether an identity belongs to this place in the source; it does, if it is the first to ask.
    pub(crate) fn claims(&self, identity: u128, place: &'static Location<'static>) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        *places.entry(identity).or_insert(place) == place
    }

    pub(crate) fn groups(&self) -> Vec<Arc<Group>> {
        let groups = self.groups.read().unwrap_or_else(PoisonError::into_inner);
        groups.values().cloned().collect()
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realm")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
