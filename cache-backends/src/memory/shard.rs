//! One shard: entries, where they stand, and which of them goes.

use std::collections::VecDeque;

use super::cells::Cells;
use super::ghost::Ghost;
use super::index::Index;
use crate::table::{Slot, View};

/// A part of the table, with a policy of its own.
///
/// This is S3-FIFO (Yang and others, *FIFO Queues are All You Need for Cache Eviction*, 2023) with
/// a hand over the cells in place of the main queue. A new entry is *young*: it waits in a queue,
/// and when its turn comes it becomes an old one if it was used, or is evicted and remembered as a
/// ghost. What comes back while it is remembered is old at once. So what is asked for only once
/// passes by what is in use. Among the old ones a hand goes round like the hand of a clock (Corbató,
/// *A Paging Experiment with the Multics System*, 1968): it takes a use off each entry and evicts
/// one that has none left.
///
/// A use writes only to its entry's own count, and not even that once the count is full.
#[derive(Default)]
pub(super) struct Shard {
    index: Index,
    cells: Cells,
    /// The young ones, the oldest first, and the places of those that were removed.
    young: VecDeque<u32>,
    hand: u32,
    ghost: Ghost,
}

/// One in so many entries is young when the shard is full.
const ENTRIES_A_YOUNG_ONE: usize = 20;

/// How many old ones the hand looks at before it takes the one that was used least: nobody waits
/// for the lock while it goes round and round.
const LOOKS: usize = 32;

impl Shard {
    /// Looks at an entry and counts the use.
    #[inline]
    pub(super) fn get(&self, id: u128) -> Option<View<'_>> {
        let at = self.find(id)?;
        self.cells.head(at).count_use();
        self.cells.view(at)
    }

    /// Writes a slot; answers what it replaced.
    pub(super) fn insert(&mut self, id: u128, slot: Slot) -> Option<Slot> {
        if let Some(at) = self.find(id) {
            return self.cells.replace(at, slot);
        }
        let at = self.cells.put(id, slot);
        self.index.insert(id, at, |at| self.cells.id(at));
        if !self.ghost.recall(id) {
            self.cells.head_mut(at).make_young();
            self.young.push_back(at);
        }
        None
    }

    pub(super) fn remove(&mut self, id: u128) -> Option<Slot> {
        let at = self.find(id)?;
        self.index.remove(id, at);
        let slot = self.cells.vacate(at);
        // The place of a young one stands in the queue, and is free when its turn comes.
        if !self.cells.head(at).is_young() {
            self.cells.free(at);
        }
        slot
    }

    /// Lets young ones grow old, used or not, while nothing has to go.
    pub(super) fn settle(&mut self) {
        while self.has_many_young() {
            if let Some(at) = self.next_young() {
                self.cells.head_mut(at).make_old();
            }
        }
    }

    /// Takes an entry out: a young one that was not used, or an old one that was not used lately.
    /// Never `newest`, which nobody could have used yet.
    pub(super) fn evict(&mut self, newest: u128) -> Option<Slot> {
        while self.has_many_young() {
            let Some(at) = self.next_young() else {
                continue;
            };
            let was_used = self.cells.head(at).uses() > 0 || self.cells.is(at, newest);
            self.cells.head_mut(at).make_old();
            if !was_used {
                self.ghost.remember(self.cells.id(at), self.index.len());
                return self.take(at);
            }
        }
        let at = self.least_used(newest).or_else(|| self.any_young(newest))?;
        self.take(at)
    }

    #[inline]
    fn find(&self, id: u128) -> Option<u32> {
        self.index.find(id, |at| self.cells.is(at, id))
    }

    /// Takes an old one out.
    fn take(&mut self, at: u32) -> Option<Slot> {
        self.index.remove(self.cells.id(at), at);
        let slot = self.cells.vacate(at);
        self.cells.free(at);
        slot
    }

    fn has_many_young(&self) -> bool {
        self.young.len() > (self.index.len() / ENTRIES_A_YOUNG_ONE).max(1)
    }

    /// The next one of the queue, unless it was removed.
    fn next_young(&mut self) -> Option<u32> {
        let at = self.young.pop_front()?;
        if self.cells.is_taken(at) {
            return Some(at);
        }
        self.cells.free(at);
        None
    }

    /// Moves the hand on to an old one that has no uses left, or past so many that the one with
    /// the fewest has to do.
    fn least_used(&mut self, newest: u128) -> Option<u32> {
        let mut least: Option<(u64, u32)> = None;
        let mut looks = 0;
        for _ in 0..self.cells.len() {
            let at = self.advance();
            let head = self.cells.head(at);
            if head.is_young() || !self.cells.is_taken(at) || self.cells.is(at, newest) {
                continue;
            }
            let uses = head.uses();
            if least.is_none_or(|(fewest, _)| uses < fewest) {
                least = Some((uses, at));
            }
            looks += 1;
            if uses == 0 || looks == LOOKS {
                break;
            }
            self.cells.head_mut(at).discount();
        }
        least.map(|(_, at)| at)
    }

    fn advance(&mut self) -> u32 {
        let at = self.hand;
        let is_last = at as usize + 1 >= self.cells.len();
        self.hand = if is_last { 0 } else { at + 1 };
        at
    }

    /// The oldest of the young ones, where there are no others.
    fn any_young(&mut self, newest: u128) -> Option<u32> {
        for _ in 0..self.young.len() {
            let Some(at) = self.next_young() else {
                continue;
            };
            if self.cells.is(at, newest) {
                self.young.push_back(at);
            } else {
                self.cells.head_mut(at).make_old();
                return Some(at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Shard;
    use crate::memory::sample::{Random, id, number, slot};
    use std::collections::HashMap;

    /// A full store of one shard.
    struct Store(Shard, usize);

    impl Store {
        fn of(size: usize) -> Self {
            Self(Shard::default(), size)
        }

        /// Asks for a key as a cached function does; answers whether it was there.
        fn ask(&mut self, key: u64) -> bool {
            let hit = self.0.get(id(key)).is_some();
            if !hit {
                self.put(key);
            }
            hit
        }

        fn put(&mut self, key: u64) {
            assert!(self.0.insert(id(key), slot(key)).is_none());
            if self.0.index.len() > self.1 {
                assert!(self.0.evict(id(key)).is_some());
            } else {
                self.0.settle();
            }
            assert!(self.0.index.len() <= self.1);
        }

        fn hits(&mut self, keys: impl Iterator<Item = u64>) -> usize {
            keys.filter(|key| self.ask(*key)).count()
        }

        fn holds(&self, key: u64) -> bool {
            self.0.find(id(key)).is_some()
        }
    }

    #[test]
    fn what_was_used_stays_and_what_was_not_goes() {
        let mut store = Store::of(100);
        store.hits(0..100);
        assert_eq!(store.hits(0..50), 50);
        (1_000..1_050).for_each(|key| store.put(key));
        assert!((0..50).all(|key| store.holds(key)));
    }

    #[test]
    fn a_scan_does_not_wash_out_what_is_in_use() {
        let mut store = Store::of(100);
        for _ in 0..3 {
            store.hits(0..90);
        }
        store.hits(1_000..11_000);
        let left = (0..90).filter(|key| store.holds(*key)).count();
        assert!(left >= 85, "{left} are left");
    }

    #[test]
    fn a_loop_larger_than_the_store_still_hits() {
        for size in [16, 39, 40, 41, 100, 999] {
            let mut store = Store::of(size);
            let round = size as u64 * 5 / 4;
            store.hits((0..20).flat_map(|_| 0..round));
            let hits = store.hits((0..20).flat_map(|_| 0..round));
            assert!(hits > size * 20 / 2, "{hits} hits with {size} entries");
        }
    }

    #[test]
    fn what_comes_into_use_is_let_in() {
        let mut store = Store::of(100);
        for _ in 0..10 {
            store.hits(0..100);
        }
        for _ in 0..60 {
            store.hits(1_000..1_050);
        }
        assert_eq!(store.hits(1_000..1_050), 50);
    }

    #[test]
    fn the_newest_is_not_evicted_for_itself() {
        let mut shard = Shard::default();
        shard.insert(id(7), slot(7));
        assert!(shard.evict(id(7)).is_none());
        assert!(shard.get(id(7)).is_some());
        shard.settle();
        assert!(shard.evict(id(7)).is_none(), "nor as an old one");
        assert!(shard.evict(id(8)).is_some());
        assert!(shard.evict(id(8)).is_none(), "there is nothing to give");
        for size in 1..50 {
            let mut store = Store::of(size);
            for key in 0..500 {
                store.put(key);
                assert!(store.ask(key), "{key} in {size}");
            }
        }
    }

    #[test]
    fn a_place_is_used_again() {
        let mut shard = Shard::default();
        for key in 0..1_000 {
            shard.insert(id(key), slot(key));
            shard.settle();
            shard.remove(id(key));
        }
        assert!(shard.cells.len() <= 3, "{} places", shard.cells.len());
        assert!(shard.young.len() <= 1);
    }

    #[test]
    fn nobody_waits_for_the_hand_to_go_round() {
        let mut store = Store::of(10_000);
        for _ in 0..8 {
            store.hits(0..10_000);
        }
        let before = store.0.hand;
        store.put(20_000);
        let moved = store.0.hand - before;
        assert!((1..=32).contains(&moved), "it looks at {moved}");
    }

    /// Whatever is done, the shard holds what a map would, less what it gave up.
    #[test]
    fn it_holds_what_was_put_in_and_neither_taken_out_nor_evicted() {
        for size in 1..50 {
            let (mut shard, mut random) = (Shard::default(), Random(size));
            let mut model = HashMap::new();
            for step in 0..2_000 {
                let key = random.below(size * 2);
                match random.below(8) {
                    0..=3 => {
                        let found = shard.get(id(key)).map(number);
                        assert_eq!(found, model.get(&key).copied());
                    }
                    4 => {
                        let removed = shard.remove(id(key));
                        let removed = removed.map(|slot| number(slot.view()));
                        assert_eq!(removed, model.remove(&key));
                    }
                    5 => give_up(&mut shard, &mut model, key),
                    _ => {
                        let replaced = shard.insert(id(key), slot(step));
                        let replaced = replaced.map(|slot| number(slot.view()));
                        assert_eq!(replaced, model.insert(key, step));
                        if model.len() as u64 > size {
                            give_up(&mut shard, &mut model, key);
                        } else {
                            shard.settle();
                        }
                    }
                }
                verify(&shard, &model);
            }
        }
    }

    /// Evicts something that is there, if there is anything but the newest.
    fn give_up(shard: &mut Shard, model: &mut HashMap<u64, u64>, newest: u64) {
        let others = model.len() - usize::from(model.contains_key(&newest));
        let evicted = shard.evict(id(newest)).map(|slot| number(slot.view()));
        assert_eq!(evicted.is_some(), others > 0);
        let Some(evicted) = evicted else { return };
        let before = model.len();
        model.retain(|key, value| *value != evicted || *key == newest);
        assert_eq!(model.len() + 1, before, "{evicted} was there");
    }

    fn verify(shard: &Shard, model: &HashMap<u64, u64>) {
        assert_eq!(shard.index.len(), model.len());
        for (key, value) in model {
            let at = shard.find(id(*key)).expect("it is there");
            assert_eq!(shard.cells.view(at).map(number), Some(*value));
        }
        let young = (0..shard.cells.len()).filter(|at| {
            let at = u32::try_from(*at).unwrap();
            shard.cells.head(at).is_young()
        });
        assert_eq!(young.count(), shard.young.len(), "each waits once");
    }
}
