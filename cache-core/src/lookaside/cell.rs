//! A few words that are read as they were written together, without a lock.
//!
//! A sequence lock: a number that is odd while somebody writes, and another one afterwards. Who reads
//! compares it before and after, and takes nothing if it moved. (Boehm, *Can seqlocks get along with
//! programming language memory models?*, 2012.) A writer who finds another at work leaves: what he
//! wanted to write is only a copy.
//!
//! The first word is the lock. Its lowest bit says that somebody writes, the next one that somebody has
//! read since, the rest of its low half counts what was written, and its high half is a number that was
//! written with the words.

use crate::sync::atomic::{AtomicU64, Ordering, fence};

/// `W` words, the first of them the lock, and what may be read beside them; on a cache line of its own.
#[repr(align(64))]
pub(super) struct Cell<const W: usize, B = ()> {
    words: [AtomicU64; W],
    beside: B,
}

/// The lock, before the words were read.
#[derive(Clone, Copy)]
pub(super) struct Reading(u64);

const WRITING: u64 = 1;
const USED: u64 = 2;
const STEP: u64 = 4;

impl<const W: usize, B: Default> Default for Cell<W, B> {
    fn default() -> Self {
        Self {
            words: std::array::from_fn(|_| AtomicU64::new(0)),
            beside: B::default(),
        }
    }
}

impl<const W: usize, B> Cell<W, B> {
    /// Starts to read, unless somebody writes.
    #[inline]
    pub(super) fn read(&self) -> Option<Reading> {
        let before = self.words[0].load(Ordering::Acquire);
        (before & WRITING == 0).then_some(Reading(before))
    }

    /// The words, to be read, and believed when it is [confirmed](Cell::confirm).
    #[inline]
    pub(super) fn words(&self) -> &[AtomicU64; W] {
        &self.words
    }

    /// What is beside the words, to be believed like them.
    #[inline]
    pub(super) fn beside(&self) -> &B {
        &self.beside
    }

    /// The number that was written with the words that were read, if nobody has written since.
    #[inline]
    pub(super) fn confirm(&self, Reading(before): Reading) -> Option<u32> {
        fence(Ordering::Acquire);
        let now = self.words[0].load(Ordering::Relaxed);
        if now | USED != before | USED {
            return None;
        }
        if now & USED == 0 {
            self.note_use(now);
        }
        Some((before >> 32) as u32)
    }

    /// Once for each copy: afterwards, who reads writes nothing.
    #[cold]
    fn note_use(&self, now: u64) {
        let _raced =
            self.words[0].compare_exchange(now, now | USED, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether the words were read since they were written.
    pub(super) fn is_used(&self) -> bool {
        self.words[0].load(Ordering::Relaxed) & USED != 0
    }

    /// Writes the words behind the first one, and what is beside them; nothing if another writes.
    pub(super) fn write<R>(
        &self,
        number: u32,
        written: &[u64; W],
        write_beside: impl FnOnce(&B) -> R,
    ) -> Option<R> {
        let before = self.words[0].load(Ordering::Relaxed);
        let taken = before & WRITING == 0
            && self.words[0]
                .compare_exchange(
                    before,
                    before | WRITING,
                    Ordering::Acquire,
                    Ordering::Relaxed,
                )
                .is_ok();
        if !taken {
            return None;
        }
        fence(Ordering::Release);
        for (word, written) in self.words.iter().zip(written).skip(1) {
            word.store(*written, Ordering::Relaxed);
        }
        let answer = write_beside(&self.beside);
        let count = before.wrapping_add(STEP) & 0xffff_ffff & !(WRITING | USED);
        self.words[0].store(count | u64::from(number) << 32, Ordering::Release);
        Some(answer)
    }
}
