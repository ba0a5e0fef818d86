//! Tables by the numbers of entries.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table by [`Key::id`](crate::key::Key::id). A number is a hash already, and is not hashed again.
pub type IdMap<V> = HashMap<u128, V, BuildHasherDefault<Folded>>;

/// Takes a number's low half.
///
/// Who splits a table into shards chooses them by the [high half](shard_of).
#[derive(Debug, Default)]
pub struct Folded(u64);

impl Hasher for Folded {
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // the low half of a hash
    fn write_u128(&mut self, id: u128) {
        self.0 = id as u64;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers of entries are hashed");
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// The shard of a number, of so many: by bits that an [`IdMap`] does not use.
#[inline]
#[allow(clippy::cast_possible_truncation)] // the high half of a hash
pub fn shard_of(id: u128, shards: usize) -> usize {
    (id >> 64) as usize % shards
}
