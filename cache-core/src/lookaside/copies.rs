//! Copies of small values.

use std::sync::atomic::Ordering;

use super::cell::Cell;
use super::cells::{Cells, HEAD, Written};
use super::head::Head;
use super::packed::Packed;
use super::{Spot, Terms};
use crate::clock::Clock;
use crate::sip::Short;
use crate::value::Term;

/// Small values by their keys.
pub(super) struct Copies {
    clock: Clock,
    size: Size,
}

/// Of one size is a function's whole table: that of the first hit.
enum Size {
    /// Three words of a key, three of a value: with two that say when it counts, a cache line.
    Small(Cells<8, 3>),
    /// Four words of a key, ten of a value: two lines.
    Large(Cells<16, 4>),
}

impl Copies {
    pub(super) fn new(key: &Short, packed: &Packed, term: &Term) -> Self {
        let size = if Cells::<8, 3>::fit(key, packed) {
            Size::Small(Cells::new())
        } else {
            Size::Large(Cells::new())
        };
        let clock = term.clock.clone();
        Self { clock, size }
    }

    #[inline]
    pub(super) fn find(&self, key: &Short, packed: &mut Packed) -> Option<Terms> {
        let now = self.clock.now();
        match &self.size {
            Size::Small(cells) => cells.unpack(key, now, packed),
            Size::Large(cells) => cells.unpack(key, now, packed),
        }
    }

    pub(super) fn put(&self, spot: &Spot<'_>, packed: &Packed) {
        let now = self.clock.now();
        match &self.size {
            Size::Small(cells) => cells.pack(spot, packed, now),
            Size::Large(cells) => cells.pack(spot, packed, now),
        }
    }
}

impl<const W: usize, const K: usize> Cells<W, K> {
    /// Whether there is room for a copy in a cell.
    fn fit(key: &Short, packed: &Packed) -> bool {
        key.fits(K) && packed.fits(W - HEAD - K)
    }

    /// Finds the copy of a key.
    #[inline]
    fn unpack(&self, key: &Short, now: u64, packed: &mut Packed) -> Option<Terms> {
        let read = |cell: &Cell<W>, head: Head| {
            packed.length = head.value_length();
            for at in 0..W - HEAD - K {
                packed.words[at] = cell.words()[HEAD + K + at].load(Ordering::Relaxed);
            }
        };
        self.find(key, now, read).map(|((), terms)| terms)
    }

    fn pack(&self, spot: &Spot<'_>, packed: &Packed, now: u64) {
        if Self::fit(spot.key, packed) {
            let written = Written::of::<K>(spot, packed.length, &packed.words);
            self.put(spot.key, &written, now, |()| ());
        }
    }
}
