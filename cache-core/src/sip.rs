//! SipHash-1-3 with a 128-bit result.
//!
//! Aumasson and Bernstein, *SipHash: a fast short-input PRF*, 2012, with the 128-bit output of the
//! authors' reference code; one compression round and three finalisation rounds. Arguments come as
//! numbers of known width, so it takes numbers, not only bytes.

/// So many whole words are held back before the first of them is hashed.
const HELD: usize = 3;

/// So many whole words at a time are more than can be held back, and worth a way of their own.
const MANY: usize = 8;

/// A hash under way.
///
/// The first words are only written down: who finds what it looks for by these needs no hash.
#[derive(Clone)]
pub(crate) struct Sip {
    key: (u64, u64),
    /// The first words, then the one that is not full yet.
    start: Short,
    /// What the words came to, once there are more of them than can be held back.
    state: Option<State>,
    /// How many words are full.
    words: usize,
    /// How many bits of the last word are filled; less than 64.
    filled: u32,
}

/// All that was written, if it is short: what two texts have in common only if they are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short {
    /// How many bytes.
    pub(crate) length: u64,
    /// The bytes from the low end; zero beyond them.
    pub(crate) words: [u64; SHORT_WORDS],
}

const SHORT_WORDS: usize = HELD + 1;

impl Short {
    /// Whether it fits into so many words.
    #[inline]
    pub(crate) fn fits(&self, words: usize) -> bool {
        self.length <= words as u64 * 8
    }
}

#[derive(Clone)]
struct State(u64, u64, u64, u64);

impl State {
    fn new((low, high): (u64, u64)) -> Self {
        Self(
            low ^ 0x736f_6d65_7073_6575,
            high ^ 0x646f_7261_6e64_6f6d ^ 0xee,
            low ^ 0x6c79_6765_6e65_7261,
            high ^ 0x7465_6462_7974_6573,
        )
    }

    /// The state after the words that were held back.
    fn after(key: (u64, u64), held: &[u64]) -> Self {
        let mut state = Self::new(key);
        for word in held {
            state.absorb(*word);
        }
        state
    }

    #[inline]
    fn round(&mut self) {
        let Self(a, b, c, d) = self;
        *a = a.wrapping_add(*b);
        *b = b.rotate_left(13) ^ *a;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*d);
        *d = d.rotate_left(16) ^ *c;
        *a = a.wrapping_add(*d);
        *d = d.rotate_left(21) ^ *a;
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *c = c.rotate_left(32);
    }

    #[inline]
    fn absorb(&mut self, word: u64) {
        self.3 ^= word;
        self.round();
        self.0 ^= word;
    }

    #[inline]
    fn squeeze(&mut self) -> u64 {
        self.round();
        self.round();
        self.round();
        self.0 ^ self.1 ^ self.2 ^ self.3
    }
}

impl Sip {
    #[inline]
    pub(crate) fn new(low: u64, high: u64) -> Self {
        Self {
            key: (low, high),
            start: Short {
                length: 0,
                words: [0; SHORT_WORDS],
            },
            state: None,
            words: 0,
            filled: 0,
        }
    }

    /// A hash under the same key that has seen nothing yet.
    pub(crate) fn restart(&self) -> Self {
        Self::new(self.key.0, self.key.1)
    }

    /// All that was written, if it is short.
    #[inline]
    pub(crate) fn short(&self) -> Option<&Short> {
        (self.words <= HELD).then_some(&self.start)
    }

    /// The word that is not full yet.
    #[inline]
    fn tail(&mut self) -> &mut u64 {
        &mut self.start.words[self.words.min(HELD)]
    }

    /// Goes on to the next word, of which some is known.
    #[inline]
    fn next_word(&mut self, begun: u64) {
        if self.words >= HELD {
            self.hash_tail();
        }
        self.words += 1;
        *self.tail() = begun;
    }

    #[inline(never)]
    fn hash_tail(&mut self) {
        let (key, [held @ .., word]) = (self.key, &self.start.words);
        let state = self.state.get_or_insert_with(|| State::after(key, held));
        state.absorb(*word);
    }

    /// Writes the low `bits` of a number, whose other bits are zero; a multiple of 8, at most 64.
    #[inline]
    pub(crate) fn number(&mut self, number: u64, bits: u32) {
        self.start.length = self.start.length.wrapping_add(u64::from(bits / 8));
        let before = self.filled;
        *self.tail() |= number << before;
        let filled = before + bits;
        if filled < 64 {
            self.filled = filled;
            return;
        }
        // What of the number did not fit; a shift by all 64 bits would be none.
        self.next_word(number.checked_shr(64 - before).unwrap_or(0));
        self.filled = filled - 64;
    }

    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        if words.len() < MANY {
            for word in words {
                self.number(u64::from_le_bytes(*word), 64);
            }
        } else {
            self.many(words);
        }
        if !rest.is_empty() {
            #[allow(clippy::cast_possible_truncation)] // less than eight
            self.number(low_word(rest), rest.len() as u32 * 8);
        }
    }

    /// Writes many words: hashes them where they are, after as many as are held back.
    #[inline(never)]
    fn many(&mut self, words: &[[u8; 8]]) {
        let (first, others) = words.split_at(HELD.saturating_sub(self.words));
        for word in first {
            self.number(u64::from_le_bytes(*word), 64);
        }
        let [held @ .., tail] = &mut self.start.words;
        let begun = self.state.take();
        let mut state = begun.unwrap_or_else(|| State::after(self.key, held));
        for word in others {
            let word = u64::from_le_bytes(*word);
            state.absorb(*tail | word << self.filled);
            // What of it did not fit; a shift by all 64 bits would be none.
            *tail = word >> 1 >> (63 - self.filled);
        }
        self.state = Some(state);
        self.words += others.len();
        self.start.length = self.start.length.wrapping_add(others.len() as u64 * 8);
    }

    #[inline]
    pub(crate) fn finish(&self) -> u128 {
        let Short { length, words } = &self.start;
        let full = self.words.min(HELD);
        let mut state = match &self.state {
            Some(state) => state.clone(),
            None => State::after(self.key, &words[..full]),
        };
        state.absorb(words[full] | length << 56);
        state.2 ^= 0xee;
        let low = state.squeeze();
        state.1 ^= 0xdd;
        let high = state.squeeze();
        u128::from(high) << 64 | u128::from(low)
    }
}

/// The number that one to seven bytes are, from the low end: read in two pieces that may overlap.
#[inline]
fn low_word(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    if let (Some(low), Some(high)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let high = u64::from(u32::from_le_bytes(*high));
        return u64::from(u32::from_le_bytes(*low)) | high << (8 * (length - 4));
    }
    let at = |place: usize| u64::from(bytes[place]) << (8 * place);
    at(0) | at(length / 2) | at(length - 1)
}

#[cfg(test)]
mod tests {
    use super::Sip;
    use siphasher::sip128::{Hasher128, SipHasher13};
    use std::hash::Hasher;

    /// Written in whatever pieces, the hash is that of the reference implementation's bytes.
    #[test]
    fn the_hash_is_that_of_another_implementation() {
        let text: Vec<u8> = (0..=255).collect();
        for length in 0..=text.len() {
            for piece in (1..=17).chain([41, 100, 256]) {
                let mut ours = Sip::new(length as u64, 77);
                let mut theirs = SipHasher13::new_with_keys(length as u64, 77);
                text[..length]
                    .chunks(piece)
                    .for_each(|bytes| ours.bytes(bytes));
                theirs.write(&text[..length]);
                assert_eq!(
                    ours.finish(),
                    theirs.finish128().as_u128(),
                    "{length} by {piece}"
                );
            }
        }
    }

    #[test]
    fn a_number_is_its_little_endian_bytes() {
        for offset in 0..9 {
            for width in [8, 16, 32, 64] {
                let number = 0x0102_0304_0506_0708_u64 & (u64::MAX >> (64 - width));
                let (mut numbers, mut bytes) = (Sip::new(1, 2), Sip::new(1, 2));
                for sip in [&mut numbers, &mut bytes] {
                    sip.bytes(&vec![9; offset]);
                }
                numbers.number(number, width);
                bytes.bytes(&number.to_le_bytes()[..width as usize / 8]);
                assert_eq!(numbers.finish(), bytes.finish());
            }
        }
    }
}
