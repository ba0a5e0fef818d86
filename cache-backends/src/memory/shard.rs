//! One shard: an index, and the hand that evicts.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU8, Ordering};

use crate::table::Slot;

/// A part of the table.
///
/// Slots stand in the index itself, so that a hit touches nothing else. A ring of keys beside it
/// has a hand that goes round like the hand of a clock: an entry that was used since it last came
/// by loses one use and stays, one that was not is evicted. A hit writes only to its entry's own
/// count, and not even that once the count is full.
#[derive(Default)]
pub(super) struct Shard {
    index: HashMap<u128, Cell, BuildHasherDefault<Folded>>,
    ring: Vec<Option<u128>>,
    free: Vec<usize>,
    hand: usize,
}

struct Cell {
    slot: Slot,
    /// Where the key stands in the ring.
    place: usize,
    uses: AtomicU8,
}

/// The most uses that are counted.
const MAX_USES: u8 = 3;

impl Shard {
    #[inline]
    pub(super) fn get(&self, id: u128) -> Option<&Slot> {
        let cell = self.index.get(&id)?;
        let uses = cell.uses.load(Ordering::Relaxed);
        if uses < MAX_USES {
            cell.uses.store(uses + 1, Ordering::Relaxed);
        }
        Some(&cell.slot)
    }

    /// Writes a slot; answers what it replaced.
    pub(super) fn insert(&mut self, id: u128, slot: Slot) -> Option<Slot> {
        if let Some(cell) = self.index.get_mut(&id) {
            *cell.uses.get_mut() = 0;
            return Some(std::mem::replace(&mut cell.slot, slot));
        }
        let cell = Cell {
            slot,
            place: self.take_place(id),
            uses: AtomicU8::new(0),
        };
        self.index.insert(id, cell);
        None
    }

    pub(super) fn remove(&mut self, id: u128) -> Option<Slot> {
        let cell = self.index.remove(&id)?;
        self.ring[cell.place] = None;
        self.free.push(cell.place);
        Some(cell.slot)
    }

    /// Moves the hand on to an entry that was not used lately, and takes it out; never `newest`,
    /// which nobody could have used yet.
    pub(super) fn evict(&mut self, newest: u128) -> Option<Slot> {
        let rounds = usize::from(MAX_USES) + 1;
        for _ in 0..=self.ring.len() * rounds {
            let at = self.hand;
            self.hand = if at + 1 < self.ring.len() { at + 1 } else { 0 };
            let Some(id) = self.ring.get(at).copied().flatten() else {
                continue;
            };
            let Some(cell) = self.index.get_mut(&id).filter(|_| id != newest) else {
                continue;
            };
            let uses = cell.uses.get_mut();
            if *uses == 0 {
                return self.remove(id);
            }
            *uses -= 1;
        }
        None
    }

    fn take_place(&mut self, id: u128) -> usize {
        if let Some(place) = self.free.pop() {
            self.ring[place] = Some(id);
            place
        } else {
            self.ring.push(Some(id));
            self.ring.len() - 1
        }
    }
}

/// The key is a hash already: takes its low half.
#[derive(Default)]
struct Folded(u64);

impl Hasher for Folded {
    #[allow(clippy::cast_possible_truncation)] // the low half of a hash
    fn write_u128(&mut self, id: u128) {
        self.0 = id as u64;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers of entries are hashed");
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Shard;
    use crate::table::{NEVER, Slot};
    use larder_core::stamp::Stamp;
    use larder_core::tag::Tags;
    use std::sync::Arc;

    fn slot() -> Slot {
        Slot {
            object: Arc::new(()),
            stamp: Stamp::from_bits(1),
            tags: Tags::NONE,
            expires: NEVER,
            weight: 0,
        }
    }

    #[test]
    fn what_was_used_stays_and_what_was_not_goes() {
        let mut shard = Shard::default();
        for id in 0..4 {
            shard.insert(id, slot());
        }
        assert!(shard.get(1).is_some());
        for _ in 0..3 {
            assert!(shard.evict(99).is_some());
        }
        assert!(shard.get(1).is_some(), "the used one is the last");
        assert!(shard.evict(99).is_some());
        assert!(
            shard.evict(99).is_none(),
            "an empty shard has nothing to give"
        );
    }

    #[test]
    fn the_newest_is_not_evicted_for_itself() {
        let mut shard = Shard::default();
        shard.insert(7, slot());
        assert!(shard.evict(7).is_none());
        assert!(shard.get(7).is_some());
    }

    #[test]
    fn a_freed_place_is_used_again() {
        let mut shard = Shard::default();
        for id in 0..100 {
            shard.insert(id, slot());
            shard.remove(id);
        }
        assert_eq!(shard.ring.len(), 1);
    }
}
