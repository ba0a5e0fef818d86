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
        self.index.remove(at, |at| self.cells.id(at));
        let slot = self.cells.vacate(at);
        // The place of a young one stands in the queue, and is free when its turn comes.
        if !self.cells.head(at).is_young() {
            self.cells.free(at);
        }
        slot
    }

    /// Lets young ones grow old while nothing has to go.
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
        self.index.remove(at, |at| self.cells.id(at));
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
