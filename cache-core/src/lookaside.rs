//! What a function remembers of its latest hits, so that it need not ask the store each time.
//!
//! A hit by the store hashes the key, locks a shard and counts a handle. For short keys and small values
//! the lookaside keeps copies of both, as words: a hit by it is a comparison. It is nobody's store. A copy is
//! taken from a hit, and is used only while all of this holds:
//!
//! 1. the key is the same, byte for byte;
//! 2. nothing that covers the entry has changed since before the store was read: see `changes`;
//! 3. its term is not over. The store sets that, to the entry's timeout or to a second, so that
//!    what it evicts is not remembered for long. A store that is full hears of some of the hits, so that
//!    it learns what is in use.
//!
//! Entries with tags are not remembered.

mod cell;
mod cells;
pub mod packed;

use std::sync::OnceLock;

use crate::changes::Stripe;
use crate::clock::Clock;
use crate::sip::Short;
use crate::value::Term;

use cells::Cells;
use packed::Packed;

/// The latest hits of one function in one cache.
#[derive(Default)]
pub(crate) struct Lookaside(OnceLock<Table>);

struct Table {
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

/// What a copy depends on.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) seen: Seen,
    /// Whether the store wants to hear of some of the hits.
    pub(crate) heard: bool,
}

/// What was known when the store was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) stripe: Stripe,
    pub(crate) number: u32,
}

impl Lookaside {
    /// Finds the copy of a value, if its term is not over, and writes it into `packed`.
    #[inline]
    pub(crate) fn find(&self, key: &Short, packed: &mut Packed) -> Option<Terms> {
        let table = self.0.get()?;
        let now = table.clock.now();
        match &table.size {
            Size::Small(cells) => cells.find(key, now, packed),
            Size::Large(cells) => cells.find(key, now, packed),
        }
    }

    /// Takes a copy of a hit, if it fits.
    #[inline(never)]
    pub(crate) fn remember(&self, key: &Short, packed: &Packed, seen: Seen, term: &Term) {
        let table = self.0.get_or_init(|| Table::new(key, packed, term));
        let now = table.clock.now();
        match &table.size {
            Size::Small(cells) => cells.put(key, packed, seen, term, now),
            Size::Large(cells) => cells.put(key, packed, seen, term, now),
        }
    }
}

impl Table {
    fn new(key: &Short, packed: &Packed, term: &Term) -> Self {
        let small = Cells::<8, 3>::fit(key, packed);
        Self {
            clock: term.clock.clone(),
            size: if small {
                Size::Small(Cells::new())
            } else {
                Size::Large(Cells::new())
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::packed::{Packed, pack, unpack};
    use super::{Lookaside, Seen};
    use crate::changes::Stripe;
    use crate::clock::Clock;
    use crate::key::KeyHasher;
    use crate::sip::Short;
    use crate::value::Term;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    const SEEN: Seen = Seen {
        stripe: Stripe(7),
        number: 40,
    };

    fn key(number: u64) -> Short {
        let mut hasher = KeyHasher::new(1);
        hasher.part(&number).unwrap();
        *hasher.short().unwrap()
    }

    fn packed(number: u64) -> Packed {
        pack(&number).unwrap()
    }

    fn term(until: u64) -> Term {
        let (clock, heard) = (Clock::manual(), false);
        Term {
            until,
            heard,
            clock,
        }
    }

    fn found(lookaside: &Lookaside, key: &Short) -> Option<(Packed, Seen)> {
        let mut packed = Packed::empty();
        let terms = lookaside.find(key, &mut packed)?;
        Some((packed, terms.seen))
    }

    fn recall(lookaside: &Lookaside, number: u64) -> Option<u64> {
        let (packed, seen) = found(lookaside, &key(number))?;
        assert_eq!(seen, SEEN);
        unpack(&packed)
    }

    #[test]
    fn what_was_remembered_is_found_by_its_key_only() {
        let lookaside = Lookaside::default();
        assert_eq!(recall(&lookaside, 1), None);
        lookaside.remember(&key(1), &packed(10), SEEN, &term(9));
        assert_eq!(recall(&lookaside, 1), Some(10));
        assert_eq!(recall(&lookaside, 2), None);
        lookaside.remember(&key(1), &packed(11), SEEN, &term(9));
        assert_eq!(recall(&lookaside, 1), Some(11));
    }

    #[test]
    fn what_is_over_is_not_found() {
        let (lookaside, term) = (Lookaside::default(), term(5));
        lookaside.remember(&key(1), &packed(10), SEEN, &term);
        term.clock.advance(std::time::Duration::from_millis(3));
        assert_eq!(recall(&lookaside, 1), Some(10));
        term.clock.advance(std::time::Duration::from_millis(1));
        assert_eq!(recall(&lookaside, 1), None);
    }

    #[test]
    fn large_ones_are_found_where_the_first_was_large_and_small_ones_always() {
        let text = |number: u64| format!("{number:048}");
        let lookaside = Lookaside::default();
        lookaside.remember(&key(1), &pack(&text(1)).unwrap(), SEEN, &term(9));
        lookaside.remember(&key(2), &pack(&String::new()).unwrap(), SEEN, &term(9));
        let opened = |number| found(&lookaside, &key(number)).and_then(|found| unpack(&found.0));
        assert_eq!(opened(1), Some(text(1)));
        assert_eq!(opened(2), Some(String::new()));
        let small = Lookaside::default();
        small.remember(&key(1), &packed(1), SEEN, &term(9));
        small.remember(&key(2), &pack(&text(2)).unwrap(), SEEN, &term(9));
        assert!(found(&small, &key(2)).is_none());
    }

    #[test]
    fn keys_in_turn_are_all_remembered_in_the_end() {
        for run in 0..200 {
            let lookaside = Lookaside::default();
            let mut missed = 0;
            for round in 0..2_000 {
                for number in 0..16 {
                    if recall(&lookaside, number).is_none() {
                        missed = round;
                        lookaside.remember(&key(number), &packed(number), SEEN, &term(9));
                    }
                }
            }
            assert!(missed < 1_500, "run {run}");
        }
    }

    #[test]
    fn it_grows_with_what_is_in_use_and_never_mixes_keys_up() {
        let lookaside = Lookaside::default();
        for _ in 0..20 {
            for number in 0..4_000 {
                for _ in 0..2 {
                    if recall(&lookaside, number).is_none() {
                        lookaside.remember(&key(number), &packed(number * 3), SEEN, &term(9));
                    }
                }
            }
        }
        let found = (0..4_000).filter_map(|number| Some((number, recall(&lookaside, number)?)));
        let found: Vec<_> = found.collect();
        assert!(found.len() > 2_500, "{}", found.len());
        assert!(found.iter().all(|(number, value)| *value == number * 3));
    }

    /// A value and its copy, in words that are written one by one.
    #[test]
    fn what_is_read_was_written_together() {
        let lookaside = Lookaside::default();
        let text = |number: u64| format!("{number:024}{number:024}");
        lookaside.remember(&key(1), &pack(&text(0)).unwrap(), SEEN, &term(9));
        let over = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                for number in 0..200_000 {
                    lookaside.remember(&key(1), &pack(&text(number)).unwrap(), SEEN, &term(9));
                }
                over.store(true, Ordering::Relaxed);
            });
            while !over.load(Ordering::Relaxed) {
                if let Some((found, _)) = found(&lookaside, &key(1)) {
                    let found: String = unpack(&found).unwrap();
                    assert_eq!(found[..24], found[24..]);
                }
            }
        });
    }
}
