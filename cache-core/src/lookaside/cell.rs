//! A few words that are read as they were written together, without a lock.
//!
//! A sequence lock: a number that is odd while somebody writes, and another one afterwards. Who reads
//! compares it before and after, and takes nothing if it moved. (Boehm, *Can seqlocks get along with
//! programming language memory models?*, 2012.) A writer who finds another at work leaves: what he
//! wanted to write is only a copy.

use crate::sync::atomic::{AtomicU64, Ordering, fence};

/// Reads the words behind the first one, which is the number.
#[inline]
pub(super) fn read<const N: usize>(cell: &[AtomicU64]) -> Option<[u64; N]> {
    let (number, words) = cell.split_first()?;
    let before = number.load(Ordering::Acquire);
    if before & 1 == 1 {
        return None;
    }
    let words: &[AtomicU64; N] = words.first_chunk()?;
    let read = std::array::from_fn(|at| words[at].load(Ordering::Relaxed));
    fence(Ordering::Acquire);
    (number.load(Ordering::Relaxed) == before).then_some(read)
}

/// Writes the words behind the first one.
pub(super) fn write(cell: &[AtomicU64], written: &[u64]) {
    let Some((number, words)) = cell.split_first() else {
        return;
    };
    let before = number.load(Ordering::Relaxed);
    let free = before & 1 == 0;
    let taken = free
        && number
            .compare_exchange(before, before + 1, Ordering::Acquire, Ordering::Relaxed)
            .is_ok();
    if !taken {
        return;
    }
    fence(Ordering::Release);
    for (word, written) in words.iter().zip(written) {
        word.store(*written, Ordering::Relaxed);
    }
    number.store(before + 2, Ordering::Release);
}
