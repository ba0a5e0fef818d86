//! Slots, keys and numbers for the tests.

use std::sync::Arc;

use larder_core::stamp::Stamp;
use larder_core::tag::Tags;

use crate::table::{NEVER, Slot, View};

/// A slot that holds a number.
pub(super) fn slot(number: u64) -> Slot {
    Slot {
        object: Arc::new(number),
        stamp: Stamp::from_bits(1),
        tags: Tags::NONE,
        expires: NEVER,
        weight: 0,
    }
}

/// The number in a slot.
pub(super) fn number(slot: View<'_>) -> u64 {
    *slot.object.downcast_ref().unwrap()
}

/// The key of a number, as scattered as a hash.
pub(super) fn id(number: u64) -> u128 {
    let mut random = Random(number);
    u128::from(random.next()) << 64 | u128::from(random.next())
}

/// Numbers that are the same in every run (Steele, Lea and Flood, *Fast Splittable Pseudorandom
/// Number Generators*, 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        ((self.next() >> 32) * end) >> 32
    }
}
