//! Random numbers that nobody has to guess right, and numbers that are each used once.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns 64 random bits: SipHash of a counter under keys that the system drew. The process is in it,
/// because a child that was forked has the keys of its parent.
pub fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// Returns a number that is returned once in a process: the name of what does not leave it. Far
/// cheaper than a [random](random) one.
pub(crate) fn ticket() -> u64 {
    /// A thread takes so many at a time.
    const BLOCK: u64 = 1 << 16;
    static BLOCKS: AtomicU64 = AtomicU64::new(0);
    thread_local! {
        static NEXT: Cell<u64> = const { Cell::new(0) };
    }
    let next = match NEXT.get() {
        used_up if used_up.is_multiple_of(BLOCK) => BLOCKS.fetch_add(BLOCK, Ordering::Relaxed),
        next => next,
    };
    NEXT.set(next + 1);
    next
}

/// Returns a number from 0 up to 1.
#[allow(clippy::cast_precision_loss)] // 53 bits fit
pub(crate) fn fraction() -> f64 {
    (random() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::ticket;
    use std::collections::HashSet;

    #[test]
    fn no_ticket_is_given_out_twice() {
        let draw = || (0..100_000).map(|_| ticket()).collect::<Vec<_>>();
        let threads = [(); 3].map(|()| std::thread::spawn(draw));
        let tickets = threads.map(|thread| thread.join().unwrap()).concat();
        assert_eq!(tickets.iter().collect::<HashSet<_>>().len(), 300_000);
    }
}
