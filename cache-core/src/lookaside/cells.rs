//! Copies by key: a table that forgets.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cell::Cell;
use super::packed::{PACKED_WORDS, Packed};
use super::{Seen, Terms};
use crate::changes::Stripe;
use crate::random::random;
use crate::sip::Short;
use crate::value::Term;

/// Cells in pairs, of `W` words each, `K` of them the key's; more of them with each level.
pub(super) struct Cells<const W: usize, const K: usize> {
    seed: [u64; 2],
    levels: [OnceLock<Box<[Pair<W>]>>; LEVELS],
    level: AtomicUsize,
    /// How often two copies in use were in the way of a third one, on this level.
    crowded: AtomicUsize,
    /// How often other copies were in the way.
    turns: AtomicUsize,
}

/// The two cells in which a key may be.
type Pair<const W: usize> = [Cell<W>; 2];

const LEVELS: usize = 3;
/// The pairs of each level: few steps, because a new level is empty.
const PAIRS: [usize; LEVELS] = [32, 512, 16_384];

/// The most bytes of all functions' larger levels together.
const MOST_BYTES: usize = 32 << 20;

static BYTES: AtomicUsize = AtomicUsize::new(0);

/// The words before the key: the cell's own, and what it says about its copy.
const HEAD: usize = 2;

impl<const W: usize, const K: usize> Cells<W, K> {
    pub(super) fn new() -> Self {
        Self {
            seed: [random(), random()],
            levels: Default::default(),
            level: AtomicUsize::new(0),
            crowded: AtomicUsize::new(0),
            turns: AtomicUsize::new(0),
        }
    }

    /// Whether there is room for a copy in a cell.
    pub(super) fn fit(key: &Short, packed: &Packed) -> bool {
        key.fits(K) && packed.fits(W - HEAD - K)
    }

    /// Finds the copy of a key.
    #[inline]
    pub(super) fn find(&self, key: &Short, now: u64, packed: &mut Packed) -> Option<Terms> {
        if !key.fits(K) {
            return None;
        }
        let [one, other] = self.pair(key);
        match open::<W, K>(one, key, now, packed) {
            None => open::<W, K>(other, key, now, packed),
            found => found,
        }
    }

    /// Writes a copy over an older one of its key, or over one that is of no use.
    pub(super) fn put(&self, key: &Short, packed: &Packed, seen: Seen, term: &Term, now: u64) {
        if !Self::fit(key, packed) {
            return;
        }
        let words = copy::<W, K>(key, packed, seen, term);
        let pair = self.pair(key);
        let is_free = |cell: &&Cell<W>| {
            let word = |at: usize| cell.words()[at].load(Ordering::Relaxed);
            is_over(word(1), now) || word(HEAD) == words[HEAD]
        };
        match pair.iter().find(is_free) {
            Some(cell) => cell.write(seen.number, &words),
            None => self.displace(pair, seen.number, &words),
        }
    }

    /// Writes over one that still counts: over one that nobody used yet, if there is one, else only now and
    /// then. By chance, because keys that come in turn would write over each other for ever.
    fn displace(&self, pair: &Pair<W>, number: u32, words: &[u64; W]) {
        let chance = self.chance();
        let at = chance & 1;
        let unused = [at, 1 - at].into_iter().find(|at| !pair[*at].is_used());
        if let Some(unused) = unused {
            if chance & 6 != 0 {
                pair[unused].write(number, words);
            }
        } else {
            if chance & 6 == 0 {
                pair[at].write(number, words);
            }
            self.grow(self.crowded.fetch_add(1, Ordering::Relaxed));
        }
    }

    /// Three bits, as if by chance.
    #[allow(clippy::cast_possible_truncation)] // so few bits
    fn chance(&self) -> usize {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed) as u64;
        (spread(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 61) as usize
    }

    /// Goes on to the next level, if this one is too small, and as long as all functions together do not
    /// have too much.
    fn grow(&self, crowded: usize) {
        let level = self.level.load(Ordering::Relaxed);
        if level + 1 == LEVELS || crowded < PAIRS[level] / 2 {
            return;
        }
        let bytes = PAIRS[level + 1] * size_of::<Pair<W>>();
        if BYTES.load(Ordering::Relaxed) + bytes > MOST_BYTES {
            return;
        }
        let next =
            self.level
                .compare_exchange(level, level + 1, Ordering::AcqRel, Ordering::Relaxed);
        if next.is_ok() {
            BYTES.fetch_add(bytes, Ordering::Relaxed);
            self.crowded.store(0, Ordering::Relaxed);
        }
    }

    #[inline]
    fn pair(&self, key: &Short) -> &Pair<W> {
        let level = self.level.load(Ordering::Acquire);
        let cells = self.levels[level].get_or_init(|| cells(level));
        // Their number is a power of two.
        #[allow(clippy::cast_possible_truncation)] // the high bits of a hash
        let at = (self.hash(key) >> 32) as usize & (cells.len() - 1);
        &cells[at]
    }

    /// Where to look. Keys are compared: a bad hash costs time, and nothing else.
    #[inline]
    fn hash(&self, key: &Short) -> u64 {
        let ([a, b, c, d], [seed, other]) = (key.words, self.seed);
        let mixed = fold(a ^ seed, b ^ other) ^ fold(c ^ other, d ^ seed.rotate_left(32));
        // Keys that differ in few bits may differ in few bits of that.
        spread(mixed)
    }
}

impl<const W: usize, const K: usize> Drop for Cells<W, K> {
    fn drop(&mut self) {
        let grown: usize = PAIRS[1..=*self.level.get_mut()].iter().sum();
        BYTES.fetch_sub(grown * size_of::<Pair<W>>(), Ordering::Relaxed);
    }
}

#[cold]
fn cells<const W: usize>(level: usize) -> Box<[Pair<W>]> {
    (0..PAIRS[level]).map(|_| Default::default()).collect()
}

/// What a copy says about itself, in one word: the lengths of its key and its value, 8 bits each, its
/// stripe, 7, whether the store wants to hear of hits, 1, and when its term is over, the others.
#[derive(Clone, Copy)]
struct Head(u64);

const UNTIL: u32 = 24;

impl Head {
    fn of(key: &Short, packed: &Packed, seen: Seen, term: &Term) -> Self {
        let lengths = key.length | u64::from(packed.length) << 8;
        let until = term.until.min((1 << (64 - UNTIL)) - 1);
        let stripe = u64::from(seen.stripe.0) << 16 | u64::from(term.heard) << 23;
        Self(lengths | stripe | until << UNTIL)
    }
}

fn is_over(head: u64, now: u64) -> bool {
    head >> UNTIL <= now
}

/// The words of a copy.
fn copy<const W: usize, const K: usize>(
    key: &Short,
    packed: &Packed,
    seen: Seen,
    term: &Term,
) -> [u64; W] {
    let mut words = [0; W];
    words[1] = Head::of(key, packed, seen, term).0;
    let (keys, value) = words[HEAD..].split_at_mut(K);
    keys.copy_from_slice(&key.words[..K]);
    let room = value.len().min(PACKED_WORDS);
    value[..room].copy_from_slice(&packed.words[..room]);
    words
}

/// Opens a copy, if it is of this key and its term is not over.
#[inline]
#[allow(clippy::cast_possible_truncation)] // bytes of the head
fn open<const W: usize, const K: usize>(
    cell: &Cell<W>,
    key: &Short,
    now: u64,
    packed: &mut Packed,
) -> Option<Terms> {
    let reading = cell.read()?;
    let words = cell.words();
    let head = words[1].load(Ordering::Relaxed);
    let word = |at: usize| words[HEAD + at].load(Ordering::Relaxed);
    let differs = (head & 0xff) ^ key.length;
    let differs = (0..K).fold(differs, |all, at| all | (word(at) ^ key.words[at]));
    if differs != 0 || is_over(head, now) {
        return None;
    }
    packed.length = (head >> 8) as u8;
    for at in 0..W - HEAD - K {
        packed.words[at] = word(K + at);
    }
    let number = cell.confirm(reading)?;
    let stripe = Stripe((head >> 16) as u8 & 0x7f);
    Some(Terms {
        seen: Seen { stripe, number },
        heard: head >> 23 & 1 == 1,
    })
}

/// Spreads what differs anywhere into the high bits (a step of Vigna's *splitmix*).
#[inline]
fn spread(mixed: u64) -> u64 {
    (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// Mixes by a multiplication of which both halves count (Wang Yi, *wyhash*).
#[inline]
#[allow(clippy::cast_possible_truncation)] // the two halves
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}
