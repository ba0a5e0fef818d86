//! Lanes: what a thread alone writes to, so that it need not lock out others.
//!
//! The first threads that ask get a lane each, for as long as they live; all others share one.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// So many lanes there are, with the shared one.
pub(crate) const COUNT: usize = OWNED + 1;

/// The lane of all who have none of their own.
pub(crate) const SHARED: usize = OWNED;

const OWNED: usize = 15;

/// No lane was asked for yet.
const UNKNOWN: usize = usize::MAX;

/// A bit for each lane that is a thread's own.
static TAKEN: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static MINE: Cell<usize> = const { Cell::new(UNKNOWN) };
    /// Gives the lane back when the thread ends.
    static LEASE: Lease = const { Lease };
}

/// The lane of this thread.
#[inline]
pub(crate) fn mine() -> usize {
    match MINE.get() {
        lane if lane < COUNT => lane,
        _ => take(),
    }
}

#[cold]
fn take() -> usize {
    // A thread that ends already could not give a lane back.
    let lane = LEASE.try_with(|_| free_lane()).unwrap_or(SHARED);
    MINE.set(lane);
    lane
}

fn free_lane() -> usize {
    let free = |taken: u32| (0..OWNED).find(|lane| taken >> lane & 1 == 0);
    let take = |taken| free(taken).map(|lane| taken | 1 << lane);
    // What the lane's last owner wrote is seen by the next one.
    match TAKEN.fetch_update(Ordering::AcqRel, Ordering::Acquire, take) {
        Ok(taken) => free(taken).unwrap_or(SHARED),
        Err(_) => SHARED,
    }
}

struct Lease;

impl Drop for Lease {
    fn drop(&mut self) {
        let lane = MINE.replace(SHARED);
        if lane < SHARED {
            TAKEN.fetch_and(!(1 << lane), Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SHARED, mine};
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn threads_that_live_together_share_no_lane_but_the_shared_one() {
        let all_there = Barrier::new(40);
        let lanes: Vec<usize> = thread::scope(|threads| {
            let ask = || {
                let lane = mine();
                all_there.wait();
                assert_eq!(mine(), lane);
                lane
            };
            let asking: Vec<_> = (0..40).map(|_| threads.spawn(ask)).collect();
            asking
                .into_iter()
                .map(|asked| asked.join().unwrap())
                .collect()
        });
        let own: Vec<_> = lanes.iter().filter(|lane| **lane != SHARED).collect();
        let different: HashSet<_> = own.iter().collect();
        assert_eq!(different.len(), own.len());
        assert!(lanes.contains(&SHARED));
    }

    #[test]
    fn a_lane_is_given_back() {
        for _ in 0..200 {
            let lane = thread::spawn(mine).join().unwrap();
            assert!(lane <= SHARED);
        }
        let again = (0..50).any(|_| thread::spawn(mine).join().unwrap() != SHARED);
        assert!(again, "lanes come back");
    }
}
