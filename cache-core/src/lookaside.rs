//! What a function remembers of its latest hits, so that it need not ask the store each time.
//!
//! A hit by the store hashes the key, locks a shard and counts a handle. For short keys and small values
//! the lookaside keeps copies of both, as words: a hit by it is a comparison. It is nobody's store. A copy is
//! taken from a hit, and is used only while all of this holds:
//!
//! 1. the key is the same, byte for byte;
//! 2. nothing that covers the entry has changed since before the store was read: see `changes`;
//! 3. its term is not over. The store sets that, to the entry's timeout or to some milliseconds, so that
//!    it learns what is in use, and what it evicts is not remembered for long.
//!
//! Entries with tags are not remembered.

mod cell;
pub mod packed;

use std::sync::OnceLock;

use crate::changes::Stripe;
use crate::clock::Clock;
use crate::random::random;
use crate::sip::{SHORT_WORDS, Short};
use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::value::Term;

use packed::{PACKED_WORDS, Packed};

/// The latest hits of one function in one cache.
#[derive(Default)]
pub(crate) struct Lookaside(OnceLock<Table>);

/// Cells in pairs, of one size, more of them with each level.
struct Table {
    clock: Clock,
    seed: u64,
    size: Size,
    levels: [OnceLock<Box<[AtomicU64]>>; LEVELS],
    level: AtomicUsize,
    /// How often two copies in use were in the way of a third one, on this level.
    crowded: AtomicUsize,
}

/// How many words a cell has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    /// Two words of a key, one of a value.
    Small,
    /// Four words of a key, six of a value.
    Large,
}

const LEVELS: usize = 9;
/// The pairs of the first level; each level has twice as many as the one before.
const PAIRS: usize = 32;

impl Lookaside {
    /// The copy of a value, if it may be used.
    #[inline]
    pub(crate) fn recall(&self, key: &Short, number: impl FnOnce(Stripe) -> u64) -> Option<Packed> {
        let table = self.0.get()?;
        let (pair, now) = (table.pair(key), table.clock.now());
        let (packed, seen) = match table.size {
            Size::Small => find::<5, 2>(pair, key, now),
            Size::Large => find::<12, SHORT_WORDS>(pair, key, now),
        }?;
        (number(seen.stripe) == seen.number).then_some(packed)
    }

    /// Takes a copy of a hit.
    #[inline(never)]
    pub(crate) fn remember(&self, key: &Short, packed: &Packed, seen: Seen, term: &Term) {
        let table = self.0.get_or_init(|| Table::new(key, packed, term));
        if table.size == Size::Large || Size::of(key, packed) == Size::Small {
            let copy = copy(table.size, key, packed, seen, term);
            table.put(key, &copy);
        }
    }
}

impl Size {
    /// What a copy of this needs.
    fn of(key: &Short, packed: &Packed) -> Self {
        if key.length <= 16 && packed.length <= 8 {
            Self::Small
        } else {
            Self::Large
        }
    }

    /// With the number of the cell's lock.
    fn words(self) -> usize {
        match self {
            Self::Small => 6,
            Self::Large => 13,
        }
    }

    fn key_words(self) -> usize {
        match self {
            Self::Small => 2,
            Self::Large => SHORT_WORDS,
        }
    }
}

impl Table {
    fn new(key: &Short, packed: &Packed, term: &Term) -> Self {
        Self {
            clock: term.clock.clone(),
            seed: random(),
            size: Size::of(key, packed),
            levels: Default::default(),
            level: AtomicUsize::new(0),
            crowded: AtomicUsize::new(0),
        }
    }

    /// The two cells in which a key may be.
    #[inline]
    fn pair(&self, key: &Short) -> &[AtomicU64] {
        let level = self.level.load(Ordering::Acquire);
        let cells = self.levels[level].get_or_init(|| self.cells(level));
        let words = self.size.words() * 2;
        #[allow(clippy::cast_possible_truncation)] // the high bits of a hash
        let at = (self.hash(key) >> 32) as usize & ((PAIRS << level) - 1);
        &cells[at * words..(at + 1) * words]
    }

    #[cold]
    fn cells(&self, level: usize) -> Box<[AtomicU64]> {
        let words = (PAIRS << level) * 2 * self.size.words();
        (0..words).map(|_| AtomicU64::new(0)).collect()
    }

    /// Where to look. Keys are compared: a bad hash costs time, and nothing else.
    #[inline]
    fn hash(&self, key: &Short) -> u64 {
        let words = &key.words[..self.size.key_words()];
        let mix = |hash: u64, word: &u64| fold(hash ^ word, 0x9e37_79b9_7f4a_7c15);
        words.iter().fold(self.seed ^ u64::from(key.length), mix)
    }

    /// Writes a copy over an older one of its key, or over one that is of no use, or, now and then, over
    /// another.
    fn put(&self, key: &Short, copy: &[u64]) {
        let now = self.clock.now();
        let (one, other) = self.pair(key).split_at(self.size.words());
        let is_free = |cell: &[AtomicU64]| {
            let [_, head, _, key, ..] = cell else {
                return false;
            };
            let is_over = head.load(Ordering::Relaxed) >> UNTIL <= now;
            is_over || key.load(Ordering::Relaxed) == copy[2]
        };
        if is_free(one) {
            cell::write(one, copy);
        } else if is_free(other) {
            cell::write(other, copy);
        } else {
            let crowded = self.crowded.fetch_add(1, Ordering::Relaxed);
            if crowded.is_multiple_of(4) {
                cell::write(
                    if crowded.is_multiple_of(8) {
                        one
                    } else {
                        other
                    },
                    copy,
                );
            }
            self.grow(crowded);
        }
    }

    /// Goes on to the next level, if this one is too small.
    fn grow(&self, crowded: usize) {
        let level = self.level.load(Ordering::Relaxed);
        if level + 1 < LEVELS && crowded >= PAIRS << level {
            let next =
                self.level
                    .compare_exchange(level, level + 1, Ordering::AcqRel, Ordering::Relaxed);
            if next.is_ok() {
                self.crowded.store(0, Ordering::Relaxed);
            }
        }
    }
}

/// What was known when the store was read.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) stripe: Stripe,
    pub(crate) number: u64,
}

/// Where the end of a term stands in the head; below it stand the stripe and two lengths.
const UNTIL: u32 = 24;

/// The words of a copy; a small cell takes the first of them.
type Copied = [u64; 2 + SHORT_WORDS + PACKED_WORDS];

/// The words of a copy: its head, the number of changes, the key, the value.
fn copy(size: Size, key: &Short, packed: &Packed, seen: Seen, term: &Term) -> Copied {
    let lengths = u64::from(key.length) | u64::from(packed.length) << 8;
    let until = term.until.min((1 << (64 - UNTIL)) - 1);
    let head = lengths | u64::from(seen.stripe.0) << 16 | until << UNTIL;
    let mut copy = [0; 2 + SHORT_WORDS + PACKED_WORDS];
    (copy[0], copy[1]) = (head, seen.number);
    let (keys, value) = copy[2..].split_at_mut(size.key_words());
    keys.copy_from_slice(&key.words[..size.key_words()]);
    value[..PACKED_WORDS].copy_from_slice(&packed.words);
    copy
}

/// Finds the copy of a key in a pair of cells of `W` words each (and one), `K` of them the key's.
#[inline]
fn find<const W: usize, const K: usize>(
    pair: &[AtomicU64],
    key: &Short,
    now: u64,
) -> Option<(Packed, Seen)> {
    let (one, other) = pair.split_at_checked(W + 1)?;
    let found = |cell| cell::read::<W>(cell).and_then(|words| open::<W, K>(&words, key, now));
    found(one).or_else(|| found(other))
}

/// Opens a copy, if it is of this key and its term is not over.
#[inline]
#[allow(clippy::cast_possible_truncation)] // bytes of the head
fn open<const W: usize, const K: usize>(
    words: &[u64; W],
    key: &Short,
    now: u64,
) -> Option<(Packed, Seen)> {
    let (head, number) = (words[0], words[1]);
    let differs = |at: usize| words[2 + at] ^ key.words[at];
    let differs = (0..K).fold((head & 0xff) ^ u64::from(key.length), |all, at| {
        all | differs(at)
    });
    if differs != 0 || head >> UNTIL <= now {
        return None;
    }
    let mut packed = Packed {
        length: (head >> 8) as u8,
        words: [0; PACKED_WORDS],
    };
    for (word, kept) in packed.words.iter_mut().zip(&words[2 + K..]) {
        *word = *kept;
    }
    let stripe = Stripe((head >> 16) as u8);
    Some((packed, Seen { stripe, number }))
}

/// Mixes by a multiplication of which both halves count (Wang Yi, *wyhash*).
#[inline]
#[allow(clippy::cast_possible_truncation)] // the two halves
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
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
        hasher.short().unwrap()
    }

    fn packed(number: u64) -> Packed {
        pack(&number).unwrap()
    }

    fn term(until: u64) -> Term {
        let clock = Clock::manual();
        Term { until, clock }
    }

    fn recall(lookaside: &Lookaside, number: u64) -> Option<u64> {
        let found = lookaside.recall(&key(number), |_| SEEN.number)?;
        unpack(&found)
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
    fn what_has_changed_since_is_not_found() {
        let lookaside = Lookaside::default();
        lookaside.remember(&key(1), &packed(10), SEEN, &term(9));
        let other = lookaside.recall(&key(1), |stripe| {
            assert_eq!(stripe, SEEN.stripe);
            SEEN.number + 1
        });
        assert_eq!(other, None);
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
        let found = |number| lookaside.recall(&key(number), |_| SEEN.number);
        assert_eq!(unpack(&found(1).unwrap()), Some(text(1)));
        assert_eq!(unpack(&found(2).unwrap()), Some(String::new()));
        let small = Lookaside::default();
        small.remember(&key(1), &packed(1), SEEN, &term(9));
        small.remember(&key(2), &pack(&text(2)).unwrap(), SEEN, &term(9));
        assert!(small.recall(&key(2), |_| SEEN.number).is_none());
    }

    #[test]
    fn it_grows_with_what_is_in_use_and_never_mixes_keys_up() {
        let lookaside = Lookaside::default();
        for _ in 0..20 {
            for number in 0..4_000 {
                lookaside.remember(&key(number), &packed(number * 3), SEEN, &term(9));
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
                if let Some(found) = lookaside.recall(&key(1), |_| SEEN.number) {
                    let found: String = unpack(&found).unwrap();
                    assert_eq!(found[..24], found[24..]);
                }
            }
        });
    }
}
