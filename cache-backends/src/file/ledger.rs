//! What the files of a folder take, written down where its lock is.

use std::sync::Mutex;

use super::disk::BLOCK;

/// What is known of one folder.
///
/// What is put in is written down before it is there, what is removed after it is gone: a process that
/// dies in between leaves a number that is too high, never one that is too low, and whoever looks through
/// the folder next puts it right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// How many blocks its entries and versions take.
    pub(super) blocks: u64,
    /// How many files were put in since somebody looked through it,
    pub(super) puts: u64,
    /// and how many there were then.
    pub(super) files: u64,
}

/// A folder is not looked through for fewer files.
const FEW: u64 = 32;

impl Ledger {
    pub(super) const LENGTH: usize = 32;

    pub(super) fn encode(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let words = [self.blocks, self.puts, self.files, self.sum()];
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Reads what was written. Where that was nothing, nothing is known: the folder is due.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let unknown = Self {
            puts: FEW,
            ..Self::default()
        };
        let (&[blocks, puts, files, sum], []) = bytes.as_chunks::<8>() else {
            return unknown;
        };
        let [blocks, puts, files] = [blocks, puts, files].map(u64::from_le_bytes);
        let ledger = Self {
            blocks,
            puts,
            files,
        };
        let whole = u64::from_le_bytes(sum) == ledger.sum();
        if whole { ledger } else { unknown }
    }

    /// So simple that a disk may do it wrong, and that only costs a look through the folder.
    fn sum(self) -> u64 {
        let mixed = [self.blocks, self.puts, self.files].into_iter();
        mixed.fold(0x9e37_79b9_7f4a_7c15, |sum: u64, word| {
            (sum ^ word)
                .wrapping_mul(0xbf58_476d_1ce4_e5b9)
                .rotate_left(29)
        })
    }

    /// Notes that a file of so many blocks takes the place of one of so many.
    pub(super) fn put(&mut self, blocks: u64, before: u64) {
        self.blocks = (self.blocks + blocks).saturating_sub(before);
        self.puts += 1;
    }

    /// Notes that a file of so many blocks is gone.
    pub(super) fn remove(&mut self, blocks: u64) {
        self.blocks = self.blocks.saturating_sub(blocks);
    }

    /// Whether the folder is to be looked through: as many files were put in as there were, so that each
    /// pays for about one that is looked at, and what is dead is never more than what lives.
    pub(super) fn is_due(self) -> bool {
        self.puts >= FEW.max(self.files)
    }
}

/// What this process knows of all folders together.
pub(super) struct Usage {
    /// The bound, in blocks.
    most: u64,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The sum, when somebody looked.
    sum: Option<u64>,
    /// What this process put in since then.
    grown: u64,
}

impl Usage {
    pub(super) fn new(max_bytes: u64) -> Self {
        let most = max_bytes / BLOCK;
        let known = Mutex::default();
        Self { most, known }
    }

    /// The bound, in blocks.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Notes that this process put in so many blocks; answers whether the folders are to be summed up.
    pub(super) fn grow(&self, blocks: u64) -> bool {
        let mut known = self.known();
        known.grown += blocks;
        let unseen = known.grown >= (self.most / 64).max(1);
        unseen || known.sum.is_none_or(|sum| sum + known.grown > self.most)
    }

    /// Notes the sum of all folders.
    pub(super) fn set(&self, sum: u64) {
        let mut known = self.known();
        known.sum = Some(sum);
        known.grown = 0;
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        let known = self.known.lock();
        known.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_comes_back_as_it_was_written() {
        let mut ledger = Ledger::default();
        ledger.put(7, 0);
        ledger.put(2, 7);
        assert_eq!(Ledger::decode(&ledger.encode()), ledger);
        assert_eq!((ledger.blocks, ledger.puts), (2, 2));
    }

    #[test]
    fn what_cannot_be_read_makes_a_folder_due() {
        assert!(Ledger::decode(b"").is_due());
        assert!(Ledger::decode(&[0; 32]).is_due());
        let good = Ledger::default().encode();
        assert!(!Ledger::decode(&good).is_due());
        assert!(Ledger::decode(&good[1..]).is_due());
    }

    #[test]
    fn a_process_sums_up_what_it_does_not_know_and_what_is_too_much() {
        let usage = Usage::new(6_400 * BLOCK);
        assert!(usage.grow(1), "nothing is known");
        usage.set(10);
        assert!(!usage.grow(99));
        assert!(usage.grow(1), "others may have written as much");
        usage.set(6_399);
        assert!(!usage.grow(1));
        assert!(usage.grow(1), "that is too much");
    }
}
