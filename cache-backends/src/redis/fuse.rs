//! What keeps a dead part of a cluster from slowing every call down.
//!
//! One server of many may be out of reach while the others answer. A command that failed blows the
//! fuse of its keys; until that is tried again, commands with such keys fail at once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

const FUSES: usize = 64;
/// Between two commands that try a blown fuse, in milliseconds.
const PAUSE: u64 = 200;
/// After so many milliseconds the servers of a cluster are asked for anew.
const STUCK: u64 = 500;

/// The fuses of a cluster, by the hash tags of keys.
pub(super) struct Fuses {
    start: Instant,
    all: [Fuse; FUSES],
    disturbed: AtomicBool,
}

/// One fuse. Times are milliseconds from the start; 0 is never.
#[derive(Default)]
struct Fuse {
    /// Until when it is blown.
    until: AtomicU64,
    /// Since when it has not let a command through that was answered.
    since: AtomicU64,
}

impl Default for Fuses {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            all: std::array::from_fn(|_| Fuse::default()),
            disturbed: AtomicBool::new(false),
        }
    }
}

impl Fuses {
    /// Whether a command with such a key may be sent. Of those that come when a fuse is due to be
    /// tried, one may.
    pub(super) fn lets_through(&self, key: &str) -> bool {
        let until = &self.fuse(key).until;
        let blown = until.load(Ordering::Relaxed);
        if blown == 0 {
            return true;
        }
        let now = self.now();
        let next = now + PAUSE;
        blown <= now
            && until
                .compare_exchange(blown, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// A command with such a key got no answer.
    pub(super) fn blow(&self, key: &str) {
        let (fuse, now) = (self.fuse(key), self.now());
        fuse.until.store(now + PAUSE, Ordering::Relaxed);
        if fuse.since.load(Ordering::Relaxed) == 0 {
            fuse.since.store(now, Ordering::Relaxed);
        }
        self.disturb();
    }

    /// Whether a fuse has been blown for so long that the way to its server may be wrong. It is not
    /// said again for as long.
    pub(super) fn is_stuck(&self) -> bool {
        let now = self.now();
        let stuck = |fuse: &&Fuse| {
            let since = fuse.since.load(Ordering::Relaxed);
            since != 0 && now - since > STUCK
        };
        let stuck: Vec<_> = self.all.iter().filter(stuck).collect();
        for fuse in &stuck {
            fuse.since.store(now, Ordering::Relaxed);
        }
        !stuck.is_empty()
    }

    /// What was invalidated lately is to be invalidated again.
    pub(super) fn disturb(&self) {
        self.disturbed.store(true, Ordering::SeqCst);
    }

    /// A command with such a key got its answer.
    pub(super) fn mend(&self, key: &str) {
        let fuse = self.fuse(key);
        if fuse.since.load(Ordering::Relaxed) != 0 {
            fuse.until.store(0, Ordering::Relaxed);
            fuse.since.store(0, Ordering::Relaxed);
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
    fn fuse(&self, key: &str) -> &Fuse {
        let tag = key
            .split_once('{')
            .and_then(|(_, rest)| rest.split_once('}'));
        let tag = tag.map_or(key, |(tag, _)| tag);
        let mixed = tag.bytes().fold(0_usize, |mixed, byte| {
            mixed.wrapping_mul(31).wrapping_add(byte.into())
        });
        &self.all[mixed % FUSES]
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
