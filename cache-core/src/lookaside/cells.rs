//! Copies by key: a table that forgets.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cell::Cell;
use super::head::Head;
use super::{Spot, Terms};
use crate::random::random;
use crate::sip::Short;

/// Cells in pairs, of `W` words each, `K` of them the key's; more of them with each level.
pub(super) struct Cells<const W: usize, const K: usize, B = ()> {
    seed: [u64; 2],
    levels: [OnceLock<Box<[Pair<W, B>]>>; LEVELS],
    level: AtomicUsize,
    /// How often two copies in use were in the way of a third one, on this level.
    crowded: AtomicUsize,
    /// How often other copies were in the way.
    turns: AtomicUsize,
}

/// The two cells in which a key may be.
type Pair<const W: usize, B> = [Cell<W, B>; 2];

/// What is written into a cell: its words, of which the first is the cell's own, and the number of what
/// was seen.
pub(super) struct Copy<const W: usize> {
    pub(super) words: [u64; W],
    pub(super) number: u32,
}

const LEVELS: usize = 3;
/// The pairs of each level: few steps, because a new level is empty.
const PAIRS: [usize; LEVELS] = [32, 512, 16_384];

/// The most bytes of all functions' larger levels together.
const MOST_BYTES: usize = 32 << 20;

static BYTES: AtomicUsize = AtomicUsize::new(0);

/// The words before the key: the cell's own, and what it says about its copy.
pub(super) const HEAD: usize = 2;

impl<const W: usize> Copy<W> {
    /// The copy of a hit: `K` words of its key, and what there is of its value.
    pub(super) fn of<const K: usize>(spot: &Spot<'_>, length: u8, value: &[u64]) -> Self {
        let mut words = [0; W];
        words[1] = Head::of(spot, length).0;
        words[HEAD..][..K].copy_from_slice(&spot.key.words[..K]);
        let room = &mut words[HEAD + K..];
        let filled = room.len().min(value.len());
        room[..filled].copy_from_slice(&value[..filled]);
        let number = spot.seen.number;
        Self { words, number }
    }
}

impl<const W: usize, const K: usize, B: Default> Cells<W, K, B> {
    pub(super) fn new() -> Self {
        Self {
            seed: [random(), random()],
            levels: Default::default(),
            level: AtomicUsize::new(0),
            crowded: AtomicUsize::new(0),
            turns: AtomicUsize::new(0),
        }
    }

    /// Finds the copy of a key, if its term is not over, and reads it.
    #[inline]
    pub(super) fn find<R>(
        &self,
        key: &Short,
        now: u64,
        mut read: impl FnMut(&Cell<W, B>, Head) -> R,
    ) -> Option<(R, Terms)> {
        if !key.fits(K) {
            return None;
        }
        let [one, other] = self.pair(key);
        match open::<W, K, B, R>(one, key, now, &mut read) {
            None => open::<W, K, B, R>(other, key, now, &mut read),
            found => found,
        }
    }

    /// Writes a copy over an older one of its key, or over one that is of no use.
    pub(super) fn put<R>(
        &self,
        key: &Short,
        copy: &Copy<W>,
        now: u64,
        beside: impl FnOnce(&B) -> R,
    ) -> Option<R> {
        let pair = self.pair(key);
        let is_free = |cell: &&Cell<W, B>| {
            let word = |at: usize| cell.words()[at].load(Ordering::Relaxed);
            Head(word(1)).is_over(now) || word(HEAD) == copy.words[HEAD]
        };
        let cell = match pair.iter().find(is_free) {
            Some(cell) => cell,
            None => self.displaced(pair)?,
        };
        cell.write(copy.number, &copy.words, beside)
    }

    /// The cell of one that still counts: of one that nobody used yet, if there is one, else only now and
    /// then. By chance, because keys that come in turn would write over each other for ever.
    fn displaced<'a>(&self, pair: &'a Pair<W, B>) -> Option<&'a Cell<W, B>> {
        let chance = self.chance();
        let (at, rest) = (chance & 1, chance & 6);
        let unused = [at, 1 - at].into_iter().find(|at| !pair[*at].is_used());
        if let Some(unused) = unused {
            return (rest != 0).then(|| &pair[unused]);
        }
        self.grow(self.crowded.fetch_add(1, Ordering::Relaxed));
        (rest == 0).then(|| &pair[at])
    }

    /// Empties the cells whose term is over; answers whether there are others.
    pub(super) fn sweep<R>(&self, now: u64, mut empty: impl FnMut(&B) -> R) -> bool {
        let mut left = false;
        let cells = self.levels.iter().filter_map(OnceLock::get).flatten();
        for cell in cells.flatten() {
            let head = Head(cell.words()[1].load(Ordering::Relaxed));
            let is_gone =
                head.is_none() || head.is_over(now) && cell.write(0, &[0; W], &mut empty).is_some();
            left |= !is_gone;
        }
        left
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
        let bytes = PAIRS[level + 1] * size_of::<Pair<W, B>>();
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
    fn pair(&self, key: &Short) -> &Pair<W, B> {
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

impl<const W: usize, const K: usize, B> Drop for Cells<W, K, B> {
    fn drop(&mut self) {
        let grown: usize = PAIRS[1..=*self.level.get_mut()].iter().sum();
        BYTES.fetch_sub(grown * size_of::<Pair<W, B>>(), Ordering::Relaxed);
    }
}

#[cold]
fn cells<const W: usize, B: Default>(level: usize) -> Box<[Pair<W, B>]> {
    (0..PAIRS[level]).map(|_| Default::default()).collect()
}

/// Opens a copy, if it is of this key and its term is not over.
#[inline]
fn open<const W: usize, const K: usize, B, R>(
    cell: &Cell<W, B>,
    key: &Short,
    now: u64,
    read: &mut impl FnMut(&Cell<W, B>, Head) -> R,
) -> Option<(R, Terms)> {
    let reading = cell.read()?;
    let words = cell.words();
    let head = Head(words[1].load(Ordering::Relaxed));
    let word = |at: usize| words[HEAD + at].load(Ordering::Relaxed);
    let differs = head.key_length() ^ key.length;
    let differs = (0..K).fold(differs, |all, at| all | (word(at) ^ key.words[at]));
    if differs != 0 || head.is_over(now) {
        return None;
    }
    let read = read(cell, head);
    let number = cell.confirm(reading)?;
    Some((read, head.terms(number)))
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
