//! What a function remembers of its latest hits, so that it need not ask the store each time.
//!
//! A hit by the store hashes the key, locks a shard and counts a handle. For short keys the lookaside keeps
//! copies of the key and of small values, as words, and handles of other values: a hit by it is a
//! comparison, and a clone. It is nobody's store. What it keeps is taken from a hit, and is used only
//! while all of this holds:
//!
//! 1. the key is the same, byte for byte;
//! 2. nothing that covers the entry has changed since before the store was read: see `changes`;
//! 3. its term is not over. The store sets that, to the entry's timeout or to a second, so that
//!    what it evicts is not remembered for long. A store that is full hears of some of the hits, so that
//!    it learns what is in use. Handles are let go of within a second more: see `sweep`.
//!
//! Entries with tags are not remembered.

mod cell;
mod cells;
mod copies;
mod handles;
mod head;
pub mod packed;
mod sweep;

use std::sync::{Arc, OnceLock};

use crate::changes::Stripe;
use crate::sip::Short;
use crate::value::{Object, Term};

use copies::Copies;
use handles::{Handles, Loan};
use packed::Packed;

/// The latest hits of one function in one cache.
#[derive(Default)]
pub(crate) struct Lookaside {
    copies: OnceLock<Copies>,
    /// Of the type of the first value.
    handles: OnceLock<Object>,
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

/// Where a hit may be remembered, and for how long.
pub(crate) struct Spot<'a> {
    pub(crate) lookaside: &'a Lookaside,
    pub(crate) key: &'a Short,
    pub(crate) seen: Seen,
    pub(crate) term: Term,
}

impl Lookaside {
    /// Finds the copy of a value, if its term is not over, and writes it into `packed`.
    #[inline]
    pub(crate) fn find(&self, key: &Short, packed: &mut Packed) -> Option<Terms> {
        self.copies.get()?.find(key, packed)
    }

    /// Finds the handle of a value, if its term is not over.
    #[inline]
    pub(crate) fn borrow<T: Send + Sync + 'static>(&self, key: &Short) -> Option<(Loan<T>, Terms)> {
        let handles = self.handles.get()?;
        handles.downcast_ref::<Handles<T>>()?.find(key)
    }
}

impl Spot<'_> {
    /// Takes a copy of a hit, if it fits.
    #[inline(never)]
    pub(crate) fn copy(&self, packed: &Packed) {
        let new = || Copies::new(self.key, packed, &self.term);
        self.lookaside.copies.get_or_init(new).put(self, packed);
    }

    /// Takes the handle of a hit.
    #[inline(never)]
    pub(crate) fn hold<T: Send + Sync + 'static>(&self, value: Arc<T>) {
        let new = || {
            let handles = Arc::new(Handles::<T>::new(&self.term));
            sweep::register(Arc::downgrade(&handles) as _);
            handles as _
        };
        let handles = self.lookaside.handles.get_or_init(new);
        if let Some(handles) = handles.downcast_ref::<Handles<T>>() {
            handles.put(self, value);
            sweep::start();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::packed::{Packed, pack, unpack};
    use super::{Lookaside, Seen, Spot};
    use crate::changes::Stripe;
    use crate::clock::Clock;
    use crate::key::KeyHasher;
    use crate::sip::Short;
    use crate::value::Term;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    const SEEN: Seen = Seen {
        stripe: Stripe(7),
        number: 40,
    };

    fn key(number: u64) -> Short {
        let mut hasher = KeyHasher::new(1);
        hasher.part(&number).unwrap();
        *hasher.short().unwrap()
    }

    fn term(until: u64) -> Term {
        Term {
            until,
            heard: false,
            clock: Clock::manual(),
        }
    }

    fn spot<R>(
        lookaside: &Lookaside,
        number: u64,
        term: &Term,
        run: impl FnOnce(&Spot<'_>) -> R,
    ) -> R {
        run(&Spot {
            lookaside,
            key: &key(number),
            seen: SEEN,
            term: term.clone(),
        })
    }

    fn copy<T: 'static>(lookaside: &Lookaside, number: u64, value: &T, term: &Term) {
        spot(lookaside, number, term, |spot| {
            spot.copy(&pack(value).unwrap());
        });
    }

    fn hold(lookaside: &Lookaside, number: u64, value: &Arc<Vec<u64>>, term: &Term) {
        spot(lookaside, number, term, |spot| spot.hold(Arc::clone(value)));
    }

    fn lent(lookaside: &Lookaside, number: u64) -> Option<Vec<u64>> {
        let (loan, terms) = lookaside.borrow::<Vec<u64>>(&key(number))?;
        assert_eq!(terms.seen, SEEN);
        Some(Vec::clone(&loan))
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
        copy(&lookaside, 1, &10_u64, &term(9));
        assert_eq!(recall(&lookaside, 1), Some(10));
        assert_eq!(recall(&lookaside, 2), None);
        copy(&lookaside, 1, &11_u64, &term(9));
        assert_eq!(recall(&lookaside, 1), Some(11));
    }

    #[test]
    fn what_is_over_is_not_found() {
        let (lookaside, term) = (Lookaside::default(), term(5));
        copy(&lookaside, 1, &10_u64, &term);
        term.clock.advance(std::time::Duration::from_millis(3));
        assert_eq!(recall(&lookaside, 1), Some(10));
        term.clock.advance(std::time::Duration::from_millis(1));
        assert_eq!(recall(&lookaside, 1), None);
    }

    #[test]
    fn large_ones_are_found_where_the_first_was_large_and_small_ones_always() {
        let text = |number: u64| format!("{number:048}");
        let lookaside = Lookaside::default();
        copy(&lookaside, 1, &text(1), &term(9));
        copy(&lookaside, 2, &String::new(), &term(9));
        let opened = |number| found(&lookaside, &key(number)).and_then(|found| unpack(&found.0));
        assert_eq!(opened(1), Some(text(1)));
        assert_eq!(opened(2), Some(String::new()));
        let small = Lookaside::default();
        copy(&small, 1, &1_u64, &term(9));
        copy(&small, 2, &text(2), &term(9));
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
                        copy(&lookaside, number, &number, &term(9));
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
                        copy(&lookaside, number, &(number * 3), &term(9));
                    }
                }
            }
        }
        let found = (0..4_000).filter_map(|number| Some((number, recall(&lookaside, number)?)));
        let found: Vec<_> = found.collect();
        assert!(found.len() > 2_500, "{}", found.len());
        assert!(found.iter().all(|(number, value)| *value == number * 3));
    }

    #[test]
    fn a_handle_is_found_by_its_key_and_type_until_its_term_is_over() {
        let (lookaside, term) = (Lookaside::default(), term(5));
        let value = Arc::new(vec![1]);
        assert_eq!(lent(&lookaside, 1), None);
        hold(&lookaside, 1, &value, &term);
        assert_eq!(lent(&lookaside, 1), Some(vec![1]));
        assert_eq!(lent(&lookaside, 2), None);
        assert!(lookaside.borrow::<Vec<u8>>(&key(1)).is_none());
        hold(&lookaside, 1, &Arc::new(vec![2]), &term);
        assert_eq!(lent(&lookaside, 1), Some(vec![2]));
        assert_eq!(Arc::strong_count(&value), 1, "it was let go of");
        term.clock.advance(Duration::from_millis(4));
        assert_eq!(lent(&lookaside, 1), None);
    }

    #[test]
    fn a_handle_that_is_over_is_let_go_of_and_others_stay() {
        let (lookaside, short) = (Lookaside::default(), term(5));
        let long = Term {
            until: 1_000_000,
            ..short.clone()
        };
        let values: Vec<_> = (0..9).map(|number| Arc::new(vec![number])).collect();
        hold(&lookaside, 8, &values[8], &long);
        // What was used is not displaced by what was not.
        assert_eq!(lent(&lookaside, 8), Some(vec![8]));
        for (number, value) in (0..8).zip(&values) {
            hold(&lookaside, number, value, &short);
        }
        let held = || {
            values
                .iter()
                .filter(|value| Arc::strong_count(value) > 1)
                .count()
        };
        assert!(held() > 1);
        short.clock.advance(Duration::from_millis(4));
        while held() > 1 {
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_millis(5));
        assert_eq!(lent(&lookaside, 8), Some(vec![8]));
        let table = Arc::downgrade(lookaside.handles.get().unwrap());
        drop(lookaside);
        while table.strong_count() > 0 {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(held(), 0);
    }

    #[test]
    fn a_handle_is_read_with_the_key_it_was_written_with() {
        let lookaside = Lookaside::default();
        let values: Vec<_> = (0..4_096).map(|number| Arc::new(vec![number])).collect();
        let over = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                for _ in 0..100 {
                    for (number, value) in (0..).zip(&values) {
                        hold(&lookaside, number, value, &term(9));
                    }
                }
                over.store(true, Ordering::Relaxed);
            });
            while !over.load(Ordering::Relaxed) {
                for number in 0..4_096 {
                    if let Some(found) = lent(&lookaside, number) {
                        assert_eq!(found, [number]);
                    }
                }
            }
        });
    }

    /// A value and its copy, in words that are written one by one.
    #[test]
    fn what_is_read_was_written_together() {
        let lookaside = Lookaside::default();
        let text = |number: u64| format!("{number:024}{number:024}");
        copy(&lookaside, 1, &text(0), &term(9));
        let over = AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                for number in 0..200_000 {
                    copy(&lookaside, 1, &text(number), &term(9));
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
