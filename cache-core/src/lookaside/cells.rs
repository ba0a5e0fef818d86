//! Copies by key: a table that forgets.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cell::{Cell, Reading};
use super::head::Head;
use super::{Spot, Terms};
use crate::random::random;
use crate::sip::Short;

/// Cells in sets, of `W` words each, `K` of them the key's; more of them with each level.
pub(super) struct Cells<const W: usize, const K: usize, B = ()> {
    seed: [u64; 2],
    levels: [OnceLock<Box<[Set<W, B>]>>; LEVELS],
    level: AtomicUsize,
    /// How often copies in use were in the way of another one, on this level.
    crowded: AtomicUsize,
    /// How often other copies were in the way.
    turns: AtomicUsize,
}

/// The cells in which a key may be.
type Set<const W: usize, B> = [Cell<W, B>; WAYS];

/// With two, one call in twenty would find others in its way when a third of all cells is in use.
const WAYS: usize = 4;

/// What is written into a cell: its words, of which the first is the cell's own, and the number of what
/// was seen.
pub(super) struct Written<const W: usize> {
    pub(super) words: [u64; W],
    pub(super) number: u32,
}

const LEVELS: usize = 3;
/// The sets of each level: few steps, because a new level is empty.
const SETS: [usize; LEVELS] = [16, 256, 8_192];

/// The most bytes of all functions' larger levels together.
const MOST_BYTES: usize = 32 << 20;

static BYTES: AtomicUsize = AtomicUsize::new(0);

/// The words before the key: the cell's own, and what it says about its copy.
pub(super) const HEAD: usize = 2;

impl<const W: usize> Written<W> {
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
        read: impl FnOnce(&Cell<W, B>, Head) -> R,
    ) -> Option<(R, Terms)> {
        if !key.fits(K) {
            return None;
        }
        let (set, first) = self.set(key);
        let (cell, reading) = match seek::<W, K, B>(&set[first], key) {
            None => beyond::<W, K, B>(set, first, key)?,
            found => found?,
        };
        let head = head(cell);
        if head.is_over(now) {
            return None;
        }
        let read = read(cell, head);
        let number = cell.confirm(reading)?;
        Some((read, head.terms(number)))
    }

    /// Writes a copy over an older one of its key, or over one that is of no use.
    pub(super) fn put<R>(
        &self,
        key: &Short,
        written: &Written<W>,
        now: u64,
        beside: impl FnOnce(&B) -> R,
    ) -> Option<R> {
        let (set, first) = self.set(key);
        let is_free = |cell: &&Cell<W, B>| head(cell).is_over(now) || is_of::<W, K, B>(cell, key);
        let cell = match in_turn(set, first).find(is_free) {
            Some(cell) => cell,
            None => self.displaced(set)?,
        };
        cell.write(written.number, &written.words, beside)
    }

    /// The cell of one that still counts: of one that nobody used yet, if there is one, else only now and
    /// then. By chance, because keys that come in turn would write over each other for ever.
    fn displaced<'a>(&self, set: &'a Set<W, B>) -> Option<&'a Cell<W, B>> {
        let chance = self.chance();
        let (first, rest) = (chance % WAYS, chance / WAYS);
        if let Some(unused) = in_turn(set, first).find(|cell| !cell.is_used()) {
            return (rest != 0).then_some(unused);
        }
        self.grow(self.crowded.fetch_add(1, Ordering::Relaxed));
        (rest == 0).then(|| &set[first])
    }

    /// Empties the cells whose term is over; answers whether there are others.
    pub(super) fn sweep<R>(&self, now: u64, mut empty: impl FnMut(&B) -> R) -> bool {
        let mut left = false;
        let cells = self.levels.iter().filter_map(OnceLock::get).flatten();
        for cell in cells.flatten() {
            let head = head(cell);
            let is_gone =
                head.is_none() || head.is_over(now) && cell.write(0, &[0; W], &mut empty).is_some();
            left |= !is_gone;
        }
        left
    }

    /// Four bits, as if by chance.
    #[allow(clippy::cast_possible_truncation)] // so few bits
    fn chance(&self) -> usize {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed) as u64;
        (spread(turn.wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 60) as usize
    }

    /// Goes on to the next level, if this one is too small, and as long as all functions together do not
    /// have too much.
    fn grow(&self, crowded: usize) {
        let level = self.level.load(Ordering::Relaxed);
        if level + 1 == LEVELS || crowded < SETS[level] / 2 {
            return;
        }
        let bytes = SETS[level + 1] * size_of::<Set<W, B>>();
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

    /// The set of a key, and the cell in it where to begin: most keys are in that one.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // bits of a hash
    fn set(&self, key: &Short) -> (&Set<W, B>, usize) {
        let level = self.level.load(Ordering::Acquire);
        let sets = self.levels[level].get_or_init(|| sets(level));
        let hash = self.hash(key);
        // Their number is a power of two.
        let set = &sets[(hash >> 32) as usize & (sets.len() - 1)];
        (set, (hash >> 60) as usize % WAYS)
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
        let grown: usize = SETS[1..=*self.level.get_mut()].iter().sum();
        BYTES.fetch_sub(grown * size_of::<Set<W, B>>(), Ordering::Relaxed);
    }
}

#[cold]
fn sets<const W: usize, B: Default>(level: usize) -> Box<[Set<W, B>]> {
    (0..SETS[level]).map(|_| Default::default()).collect()
}

/// The cells of a set, in turn.
fn in_turn<const W: usize, B>(set: &Set<W, B>, first: usize) -> impl Iterator<Item = &Cell<W, B>> {
    (0..WAYS).map(move |step| &set[(first + step) % WAYS])
}

/// Starts to read a cell, if it is of this key.
#[inline]
fn seek<'a, const W: usize, const K: usize, B>(
    cell: &'a Cell<W, B>,
    key: &Short,
) -> Option<(&'a Cell<W, B>, Reading)> {
    let reading = cell.read()?;
    is_of::<W, K, B>(cell, key).then_some((cell, reading))
}

/// Whether there is a copy of this key in a cell, byte for byte.
#[inline]
fn is_of<const W: usize, const K: usize, B>(cell: &Cell<W, B>, key: &Short) -> bool {
    let word = |at: usize| cell.words()[HEAD + at].load(Ordering::Relaxed);
    let differs = head(cell).key_length() ^ key.length;
    (0..K).fold(differs, |all, at| all | (word(at) ^ key.words[at])) == 0
}

/// What the copy in a cell says about itself.
#[inline]
fn head<const W: usize, B>(cell: &Cell<W, B>) -> Head {
    Head(cell.words()[1].load(Ordering::Relaxed))
}

/// Looks into the other cells of a set.
#[inline(never)]
fn beyond<'a, const W: usize, const K: usize, B>(
    set: &'a Set<W, B>,
    first: usize,
    key: &Short,
) -> Option<(&'a Cell<W, B>, Reading)> {
    let mut others = in_turn(set, first).skip(1);
    others.find_map(|cell| seek::<W, K, B>(cell, key))
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
