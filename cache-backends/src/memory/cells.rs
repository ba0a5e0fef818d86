//! The entries of a shard by number, in forty bytes each.

use larder_core::stamp::Stamp;
use larder_core::tag::Tags;
use larder_core::value::Object;

use super::head::{Head, Rest};
use super::slab::Slab;
use crate::table::{Slot, View};

/// Entries by number, and beside them what only few entries have.
#[derive(Default)]
pub(super) struct Cells {
    cells: Slab<Cell>,
    rare: Slab<Rare>,
}

/// An entry; without an object it is a place where one was.
#[derive(Default)]
struct Cell {
    /// The key: a `u128` would be aligned to sixteen bytes.
    id: [u64; 2],
    object: Option<Object>,
    head: Head,
}

/// What has tags or a weight, or whose stamp or deadline does not fit into a [`Head`].
#[derive(Default)]
pub(super) struct Rare {
    tags: Tags,
    stamp: u64,
    expires: u64,
    weight: u64,
}

static UNTAGGED: Tags = Tags::NONE;

impl Cells {
    /// How many places there are, free ones included.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    #[inline]
    pub(super) fn is(&self, at: u32, id: u128) -> bool {
        self.cells.get(at).id == halves(id)
    }

    pub(super) fn id(&self, at: u32) -> u128 {
        let [high, low] = self.cells.get(at).id;
        u128::from(high) << 64 | u128::from(low)
    }

    #[inline]
    pub(super) fn head(&self, at: u32) -> &Head {
        &self.cells.get(at).head
    }

    pub(super) fn head_mut(&mut self, at: u32) -> &mut Head {
        &mut self.cells.get_mut(at).head
    }

    /// Whether there is an entry.
    pub(super) fn is_taken(&self, at: u32) -> bool {
        self.cells.get(at).object.is_some()
    }

    #[inline]
    pub(super) fn view(&self, at: u32) -> Option<View<'_>> {
        let cell = self.cells.get(at);
        let object = cell.object.as_ref()?;
        Some(match cell.head.rest() {
            Rest::Plain(stamp, expires) => View {
                object,
                stamp,
                tags: &UNTAGGED,
                expires,
                weight: 0,
            },
            Rest::Rare(at) => self.rare.get(at).view(object),
        })
    }

    pub(super) fn put(&mut self, id: u128, slot: Slot) -> u32 {
        let (object, rest) = self.split(slot);
        self.cells.put(Cell {
            id: halves(id),
            object: Some(object),
            head: Head::new(rest),
        })
    }

    /// Writes another entry of the same key, whose uses count on.
    pub(super) fn replace(&mut self, at: u32, slot: Slot) -> Option<Slot> {
        let replaced = self.vacate(at);
        let (object, rest) = self.split(slot);
        let cell = self.cells.get_mut(at);
        cell.object = Some(object);
        cell.head.set_rest(rest);
        replaced
    }

    /// Takes an entry out. Its place stays taken.
    pub(super) fn vacate(&mut self, at: u32) -> Option<Slot> {
        let cell = self.cells.get_mut(at);
        let object = cell.object.take()?;
        Some(match cell.head.rest() {
            Rest::Plain(stamp, expires) => Slot {
                object,
                stamp,
                tags: Tags::NONE,
                expires,
                weight: 0,
            },
            Rest::Rare(at) => self.rare.take(at).into_slot(object),
        })
    }

    /// Gives a place back.
    pub(super) fn free(&mut self, at: u32) {
        self.cells.take(at);
    }

    fn split(&mut self, slot: Slot) -> (Object, Rest) {
        let is_usual = slot.tags.is_empty() && slot.weight == 0;
        let plain = Rest::plain(slot.stamp, slot.expires).filter(|_| is_usual);
        let rest = plain.unwrap_or_else(|| {
            Rest::Rare(self.rare.put(Rare {
                tags: slot.tags,
                stamp: slot.stamp.to_bits(),
                expires: slot.expires,
                weight: slot.weight,
            }))
        });
        (slot.object, rest)
    }
}

impl Rare {
    fn view<'a>(&'a self, object: &'a Object) -> View<'a> {
        View {
            object,
            stamp: Stamp::from_bits(self.stamp),
            tags: &self.tags,
            expires: self.expires,
            weight: self.weight,
        }
    }

    fn into_slot(self, object: Object) -> Slot {
        Slot {
            object,
            stamp: Stamp::from_bits(self.stamp),
            tags: self.tags,
            expires: self.expires,
            weight: self.weight,
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // the two halves
fn halves(id: u128) -> [u64; 2] {
    [(id >> 64) as u64, id as u64]
}

#[cfg(test)]
mod tests {
    use super::{Cell, Cells};
    use crate::table::{NEVER, Slot};
    use larder_core::stamp::Stamp;
    use larder_core::tag::Tags;
    use std::sync::Arc;

    #[test]
    fn a_cell_takes_forty_bytes() {
        assert_eq!(size_of::<Cell>(), 40);
    }

    #[test]
    fn what_does_not_fit_is_kept_beside_and_given_back() {
        let mut cells = Cells::default();
        let (usual, large) = ((5, 7, 0), (u64::MAX, NEVER - 1, 9));
        let at = cells.put(1, slot(usual));
        for (old, new) in [(usual, large), (large, large), (large, usual)] {
            let replaced = cells.replace(at, slot(new)).unwrap();
            assert_eq!(numbers(&replaced), old);
            assert_eq!(numbers(&cells.view(at).unwrap().to_slot()), new);
        }
        assert_eq!(cells.rare.len(), 1, "its room was used again");
        assert_eq!(numbers(&cells.vacate(at).unwrap()), usual);
        assert!(cells.view(at).is_none() && cells.vacate(at).is_none());
    }

    fn slot((stamp, expires, weight): (u64, u64, u64)) -> Slot {
        Slot {
            object: Arc::new(()),
            stamp: Stamp::from_bits(stamp),
            tags: Tags::NONE,
            expires,
            weight,
        }
    }

    fn numbers(slot: &Slot) -> (u64, u64, u64) {
        (slot.stamp.to_bits(), slot.expires, slot.weight)
    }
}
