//! Keys that were evicted not long ago.

/// Fingerprints of the keys that were evicted last, a byte for each entry that is kept.
///
/// Four prints of sixteen bits share a word, by the hash of the key, and the latest pushes the
/// oldest out. A print may be another key's, once in some ten thousand times: then an entry stays
/// longer than it should.
#[derive(Default)]
pub(super) struct Ghost {
    words: Vec<u64>,
}

/// So that two keys are remembered for every five entries: more let in what is asked for too
/// rarely, fewer are slow to learn.
const ENTRIES_A_WORD: usize = 10;
const PRINT: u32 = 16;

impl Ghost {
    /// Remembers a key, beside so many entries that are kept.
    pub(super) fn remember(&mut self, id: u128, entries: usize) {
        let words = (entries / ENTRIES_A_WORD).max(1);
        if self.words.len() < words / 2 + 1 {
            // What was remembered is forgotten: that costs some misses, once.
            self.words = vec![0; words];
        }
        let at = self.place(id);
        self.words[at] = self.words[at] << PRINT | print(id);
    }

    /// Whether a key is remembered, which is then forgotten.
    pub(super) fn recall(&mut self, id: u128) -> bool {
        let at = self.place(id);
        let Some(word) = self.words.get_mut(at) else {
            return false;
        };
        let shifts = [0, PRINT, PRINT * 2, PRINT * 3];
        let found = |shift: &&u32| *word >> **shift & 0xffff == print(id);
        let Some(shift) = shifts.iter().find(found) else {
            return false;
        };
        let younger = *word & ((1 << shift) - 1);
        let older = (*word >> shift >> PRINT) << shift;
        *word = older | younger;
        true
    }

    #[allow(clippy::cast_possible_truncation)] // bits of a hash
    fn place(&self, id: u128) -> usize {
        ((u64::from((id >> 64) as u32) * self.words.len() as u64) >> 32) as usize
    }
}

/// Never 0, which stands for none.
#[allow(clippy::cast_possible_truncation)] // bits of a hash
fn print(id: u128) -> u64 {
    u64::from((id >> 32) as u16).max(1)
}

#[cfg(test)]
mod tests {
    use super::Ghost;

    fn id(number: u128) -> u128 {
        number << 32
    }

    #[test]
    fn the_last_four_of_a_word_are_known_once() {
        let mut ghost = Ghost::default();
        assert!(!ghost.recall(id(1)));
        (1..=5).for_each(|number| ghost.remember(id(number), 10));
        assert!(!ghost.recall(id(1)), "it was pushed out");
        for number in [3, 5, 2, 4] {
            assert!(ghost.recall(id(number)), "{number}");
            assert!(!ghost.recall(id(number)), "{number} again");
        }
        assert_eq!(ghost.words, [0]);
    }
}
