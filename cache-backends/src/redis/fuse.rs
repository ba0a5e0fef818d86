//! What keeps a dead part of a cluster from slowing every call down.
//!
//! One server of many may be out of reach while the others answer. A command that failed blows the
//! fuse of its keys; until that is tried again, commands with such keys fail at once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

const FUSES: usize = 64;
/// Between two commands that try a blown fuse, in milliseconds.
const PAUSE: u64 = 200;

/// The fuses of a cluster, by the hash tags of keys.
pub(super) struct Fuses {
    start: Instant,
    /// Until when they are blown, in milliseconds from the start.
    blown: [AtomicU64; FUSES],
    disturbed: AtomicBool,
}

impl Default for Fuses {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            blown: std::array::from_fn(|_| AtomicU64::new(0)),
            disturbed: AtomicBool::new(false),
        }
    }
}

impl Fuses {
    /// Whether a command with such a key may be sent. Of those that come when a fuse is due to be
    /// tried, one may.
    pub(super) fn lets_through(&self, key: &str) -> bool {
        let fuse = self.fuse(key);
        let blown = fuse.load(Ordering::Relaxed);
        if blown == 0 {
            return true;
        }
        let now = self.now();
        let next = now + PAUSE;
        blown <= now
            && fuse
                .compare_exchange(blown, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// A command with such a key got no answer.
    pub(super) fn blow(&self, key: &str) {
        let until = self.now() + PAUSE;
        self.fuse(key).store(until, Ordering::Relaxed);
        self.disturb();
    }

    /// What was invalidated lately is to be invalidated again.
    pub(super) fn disturb(&self) {
        self.disturbed.store(true, Ordering::SeqCst);
    }

    /// A command with such a key got its answer.
    pub(super) fn mend(&self, key: &str) {
        let fuse = self.fuse(key);
        if fuse.load(Ordering::Relaxed) != 0 {
            fuse.store(0, Ordering::Relaxed);
        }
    }

    /// Whether a server may have been replaced by another.
    pub(super) fn is_disturbed(&self) -> bool {
        self.disturbed.load(Ordering::SeqCst)
    }

    /// What was invalidated lately is being invalidated again.
    pub(super) fn calm(&self) {
        self.disturbed.store(false, Ordering::SeqCst);
    }

    #[allow(clippy::cast_possible_truncation)] // 500 million years
    fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64 + 1
    }

    /// The fuse of a key: of its hash tag, because keys with one tag are in one server.
    fn fuse(&self, key: &str) -> &AtomicU64 {
        let tag = key
            .split_once('{')
            .and_then(|(_, rest)| rest.split_once('}'));
        let tag = tag.map_or(key, |(tag, _)| tag);
        let mixed = tag.bytes().fold(0_usize, |mixed, byte| {
            mixed.wrapping_mul(31).wrapping_add(byte.into())
        });
        &self.blown[mixed % FUSES]
    }
}

#[cfg(test)]
mod tests {
    use super::Fuses;

    #[test]
    fn a_blown_fuse_stops_its_keys_and_no_others() {
        let fuses = Fuses::default();
        fuses.blow("p:{a}:1");
        assert!(!fuses.lets_through("p:{a}:2"));
        assert!(fuses.lets_through("p:{b}:1"));
        fuses.mend("p:{a}:1");
        assert!(fuses.lets_through("p:{a}:2"));
    }

    #[test]
    fn a_blown_fuse_is_tried_by_one_command_at_a_time() {
        let fuses = Fuses::default();
        fuses.blow("p:{a}:1");
        std::thread::sleep(std::time::Duration::from_millis(super::PAUSE + 20));
        assert!(fuses.lets_through("p:{a}:1"));
        assert!(!fuses.lets_through("p:{a}:1"));
    }
}
