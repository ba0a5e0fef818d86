//! Slots by number: what an in-process store is over.

use std::fmt;

use larder_core::stamp::Stamp;
use larder_core::tag::Tags;
use larder_core::value::Object;

/// A table of slots by number.
///
/// It may forget a slot at any time, but never bring one back.
pub trait Table: fmt::Debug + Send + Sync + 'static {
    /// Whether [`Slot::weight`] matters to the table.
    fn weighs(&self) -> bool;

    /// Looks at a slot. The look is quick and runs no user code: the slot may be locked.
    fn look<R>(&self, id: u128, look: impl FnOnce(View<'_>) -> R) -> Option<R>;

    /// Writes a slot over whatever there is; false if the table cannot hold it. What has to go
    /// goes to `out`, so that values are dropped when no lock is held.
    fn insert(&self, id: u128, slot: Slot, out: &mut Leftovers) -> bool;

    /// Whether something is evicted for what comes: then the table wants to hear of hits.
    fn is_full(&self) -> bool;

    /// Removes a slot.
    fn remove(&self, id: u128) -> Option<Slot>;
}

/// A kept value, when its computation started, and when it expires.
#[derive(Clone)]
pub struct Slot {
    /// The value.
    pub object: Object,
    /// When its computation started, in the order of invalidations.
    pub stamp: Stamp,
    /// Its tags, which outlive the key that brought them.
    pub tags: Tags,
    /// When it expires, by the store's clock; [`NEVER`] if it does not.
    pub expires: u64,
    /// Its size in bytes: encoded, or in memory for a value that has no encoding. 0 if the table
    /// does not weigh.
    pub weight: u64,
}

/// A [`Slot`] where it stands, however the table packs it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The value.
    pub object: &'a Object,
    /// When its computation started, in the order of invalidations.
    pub stamp: Stamp,
    /// Its tags.
    pub tags: &'a Tags,
    /// When it expires; [`NEVER`] if it does not.
    pub expires: u64,
    /// Its size in bytes; 0 if the table does not weigh.
    pub weight: u64,
}

impl Slot {
    /// The slot as a table shows it.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View {
            object: &self.object,
            stamp: self.stamp,
            tags: &self.tags,
            expires: self.expires,
            weight: self.weight,
        }
    }
}

impl View<'_> {
    /// Makes a slot of its own of it.
    pub fn to_slot(self) -> Slot {
        Slot {
            object: Object::clone(self.object),
            stamp: self.stamp,
            tags: self.tags.clone(),
            expires: self.expires,
            weight: self.weight,
        }
    }
}

/// Slots that a table gave up.
#[derive(Debug, Default)]
pub struct Leftovers {
    first: Option<Slot>,
    more: Vec<Slot>,
}

impl Leftovers {
    /// Takes a slot in. The first one costs no allocation.
    pub fn push(&mut self, slot: Slot) {
        match self.first {
            None => self.first = Some(slot),
            Some(_) => self.more.push(slot),
        }
    }
}

/// The moment that does not come.
pub const NEVER: u64 = u64::MAX;

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").finish_non_exhaustive()
    }
}
