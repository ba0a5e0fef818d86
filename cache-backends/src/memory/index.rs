//! Where the entry of a key stands.

/// The number of each key's cell, in four bytes and some room.
///
/// Open addressing with linear probing (Peterson, *Addressing for Random-Access Storage*, 1957),
/// and removal that moves back what follows (Knuth, *The Art of Computer Programming* 3, 6.4,
/// algorithm R). An entry is a number and, in the bits that it leaves, a fingerprint of the key, so
/// that almost no other key's cell is looked at; and its home is made of the fingerprint, so that none
/// is looked at when entries move. The keys themselves stand in the cells, and who calls knows them. They
/// are hashes already, and are not hashed again.
#[derive(Default)]
pub(super) struct Index {
    /// A cell's number plus one, the fingerprint above it; 0 where there is none.
    entries: Vec<u32>,
    len: usize,
    /// How many bits a number takes.
    bits: u32,
}

const VACANT: u32 = 0;

impl Index {
    /// The number of keys.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The number of the cell of a key, if `is` says that it is the key's.
    #[inline]
    pub(super) fn find(&self, id: u128, is: impl Fn(u32) -> bool) -> Option<u32> {
        let print = self.print(id);
        let mut place = self.home(id);
        loop {
            let entry = *self.entries.get(place)?;
            if entry == VACANT {
                return None;
            }
            let cell = self.cell(entry);
            if entry >> self.bits == print && is(cell) {
                return Some(cell);
            }
            place = self.next(place);
        }
    }

    /// Adds a key that is not there. `id` tells the keys of the cells that are.
    pub(super) fn insert(&mut self, new: u128, cell: u32, id: impl Fn(u32) -> u128) {
        let is_full = (self.len + 1) * 4 > self.entries.len() * 3;
        if is_full || (cell + 1) >> self.bits != 0 {
            self.rebuild(cell, id);
        }
        self.len += 1;
        self.place(new, cell);
    }

    /// Removes the key of a cell.
    pub(super) fn remove(&mut self, id: u128, cell: u32) {
        let mut vacant = self.home(id);
        while self.cell(self.entries[vacant]) != cell {
            vacant = self.next(vacant);
        }
        self.len -= 1;
        let mut place = self.next(vacant);
        while self.entries[place] != VACANT {
            let home = self.home_of(self.entries[place] >> self.bits);
            // An entry may move back to its home, and no further.
            if self.distance(home, place) >= self.distance(vacant, place) {
                self.entries[vacant] = self.entries[place];
                vacant = place;
            }
            place = self.next(place);
        }
        self.entries[vacant] = VACANT;
    }

    /// Grows by a quarter if there is no room, and places all anew.
    fn rebuild(&mut self, newest: u32, id: impl Fn(u32) -> u128) {
        let mut cells = std::mem::take(&mut self.entries);
        let mut room = cells.len();
        if (self.len + 1) * 4 > room * 3 {
            room += room / 4 + 8;
        }
        cells.retain(|entry| *entry != VACANT);
        let cells: Vec<u32> = cells.into_iter().map(|entry| self.cell(entry)).collect();
        // Cells are numbered one by one: a bit more lasts until there are twice as many.
        self.bits = self.bits.max(newest.checked_ilog2().unwrap_or(0) + 2);
        self.entries = vec![VACANT; room];
        for cell in cells {
            self.place(id(cell), cell);
        }
    }

    fn place(&mut self, id: u128, cell: u32) {
        let mut place = self.home(id);
        while self.entries[place] != VACANT {
            place = self.next(place);
        }
        self.entries[place] = self.print(id) << self.bits | (cell + 1);
    }

    /// Where a key stands if nothing is in its way: any number of places, without a division
    /// (Lemire, *Fast Random Integer Generation in an Interval*, 2019).
    #[inline]
    fn home(&self, id: u128) -> usize {
        self.home_of(self.print(id))
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // less than the number of places
    fn home_of(&self, print: u32) -> usize {
        ((u64::from(print << self.bits) * self.entries.len() as u64) >> 32) as usize
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // bits of a hash
    fn print(&self, id: u128) -> u32 {
        (id >> 32) as u32 >> self.bits
    }

    #[inline]
    fn cell(&self, entry: u32) -> u32 {
        (entry & ((1 << self.bits) - 1)).wrapping_sub(1)
    }

    #[inline]
    fn next(&self, place: usize) -> usize {
        if place + 1 < self.entries.len() {
            place + 1
        } else {
            0
        }
    }

    /// How far it is on from a place to another.
    fn distance(&self, from: usize, to: usize) -> usize {
        if from <= to {
            to - from
        } else {
            to + self.entries.len() - from
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Index, VACANT};
    use crate::memory::sample::{Random, id};

    type Scattering = fn(u64) -> u128;

    /// Keys that all want one place, two of them with one fingerprint.
    fn crowded(number: u64) -> u128 {
        u128::from(number / 2) << 40
    }

    #[test]
    fn it_finds_what_is_there_and_nothing_else() {
        let scatterings: [(u64, Scattering); 3] = [(40, crowded), (50, id), (2_000, id)];
        for (keys, id) in scatterings {
            let (mut index, mut random) = (Index::default(), Random(keys));
            let mut is_there = vec![false; usize::try_from(keys).unwrap()];
            let of = |cell: u32| id(u64::from(cell));
            for step in 0..keys * 20 {
                let cell = u32::try_from(random.below(keys)).unwrap();
                let there = &mut is_there[cell as usize];
                if *there {
                    index.remove(of(cell), cell);
                } else {
                    index.insert(of(cell), cell, of);
                }
                *there = !*there;
                if step % 16 == 0 {
                    verify(&index, &is_there, of);
                }
            }
        }
    }

    fn verify(index: &Index, is_there: &[bool], id: impl Fn(u32) -> u128) {
        let count = is_there.iter().filter(|there| **there).count();
        let entries = index.entries.iter().filter(|entry| **entry != VACANT);
        assert_eq!((index.len(), entries.count()), (count, count));
        for (cell, there) in (0..).zip(is_there) {
            let found = index.find(id(cell), |other| other == cell);
            assert_eq!(found, there.then_some(cell));
        }
    }

    #[test]
    fn a_low_number_that_is_used_again_leaves_room_for_high_ones() {
        let (mut index, of) = (Index::default(), |cell: u32| id(u64::from(cell)));
        index.insert(of(900), 900, of);
        (0..100).for_each(|cell| index.insert(of(cell), cell, of));
        assert_eq!(index.find(of(900), |cell| cell == 900), Some(900));
    }

    #[test]
    fn a_key_takes_four_bytes_and_some_room() {
        let (mut index, of) = (Index::default(), |cell: u32| id(u64::from(cell)));
        for cell in 0..10_000 {
            index.insert(of(cell), cell, of);
            let room = index.entries.capacity();
            assert!(room <= (cell as usize + 1) * 7 / 4 + 8, "{room} for {cell}");
        }
    }
}
