//! What keeps a dead part of a cluster from slowing every call down.
//!
//! One server of many may be out of reach while the others answer. A command that failed blows the
//! fuse of its keys; until that is tried again, commands with such keys fail at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two commands that try a blown fuse.
const PAUSE: Duration = Duration::from_millis(200);
/// After so long the servers of a cluster are asked for anew.
const STUCK: Duration = Duration::from_millis(500);

/// The blown fuses of a cluster, by the hash tags of keys: keys with one tag are in one server.
#[derive(Default)]
pub(super) struct Fuses {
    /// How many there are: mostly none, and then nobody has to look.
    count: AtomicUsize,
    blown: Mutex<HashMap<String, Fuse>>,
}

/// A blown fuse.
struct Fuse {
    /// When one command may try it.
    next: Instant,
    /// Since when no command came through.
    since: Instant,
}

impl Fuses {
    /// Whether a command with such a key may be sent. Of those that come when a fuse is due to be
    /// tried, one may.
    pub(super) fn lets_through(&self, key: &str) -> bool {
        if self.none_is_blown() {
            return true;
        }
        let now = Instant::now();
        match self.lock().get_mut(hash_tag(key)) {
            Some(fuse) if fuse.next > now => false,
            Some(fuse) => {
                fuse.next = now + PAUSE;
                true
            }
            None => true,
        }
    }

    /// A command with such a key got no answer.
    pub(super) fn blow(&self, key: &str) {
        let now = Instant::now();
        let mut blown = self.lock();
        let fuse = blown.entry(hash_tag(key).to_owned());
        fuse.or_insert(Fuse {
            next: now,
            since: now,
        })
        .next = now + PAUSE;
        self.count.store(blown.len(), Ordering::SeqCst);
    }

    /// A command with such a key got its answer.
    pub(super) fn mend(&self, key: &str) {
        if self.none_is_blown() {
            return;
        }
        let mut blown = self.lock();
        blown.remove(hash_tag(key));
        self.count.store(blown.len(), Ordering::SeqCst);
    }

    /// Whether every part of the cluster answered when it was last asked.
    pub(super) fn none_is_blown(&self) -> bool {
        self.count.load(Ordering::SeqCst) == 0
    }

    /// Whether the key's part did not answer when it was last asked.
    pub(super) fn is_blown(&self, key: &str) -> bool {
        self.lock().contains_key(hash_tag(key))
    }

    /// Whether a part has not answered for so long that the way to it may be wrong. It is not said
    /// again for as long. A fuse that nobody has tried for long is forgotten.
    pub(super) fn is_stuck(&self) -> bool {
        let now = Instant::now();
        let mut blown = self.lock();
        blown.retain(|_, fuse| now.saturating_duration_since(fuse.next) < STUCK * 4);
        self.count.store(blown.len(), Ordering::SeqCst);
        let stuck = |fuse: &&mut Fuse| now - fuse.since > STUCK;
        let stuck = blown.values_mut().filter(stuck);
        stuck.map(|fuse| fuse.since = now).count() > 0
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Fuse>> {
        self.blown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash_tag(key: &str) -> &str {
    let tag = key
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    tag.map_or(key, |(tag, _)| tag)
}

#[cfg(test)]
mod tests {
    use super::{Fuses, PAUSE};
    use std::thread::sleep;

    #[test]
    fn a_blown_fuse_stops_its_keys_and_no_others() {
        let fuses = Fuses::default();
        fuses.blow("p:{a}:1");
        assert!(!fuses.lets_through("p:{a}:2"));
        assert!(fuses.lets_through("p:{b}:1"));
        fuses.mend("p:{b}:1");
        assert!(!fuses.lets_through("p:{a}:2"));
        fuses.mend("p:{a}:1");
        assert!(fuses.lets_through("p:{a}:2") && fuses.none_is_blown());
    }

    #[test]
    fn a_blown_fuse_is_tried_by_one_command_at_a_time() {
        let fuses = Fuses::default();
        fuses.blow("p:{a}:1");
        sleep(PAUSE + PAUSE / 10);
        assert!(fuses.lets_through("p:{a}:1"));
        assert!(!fuses.lets_through("p:{a}:1"));
    }

    #[test]
    fn a_part_that_stays_out_of_reach_is_said_to_be_stuck_now_and_then() {
        let fuses = Fuses::default();
        fuses.blow("p:{a}:1");
        assert!(!fuses.is_stuck());
        for _ in 0..3 {
            sleep(PAUSE + PAUSE / 10);
            fuses.blow("p:{a}:1");
        }
        assert!(fuses.is_stuck());
        assert!(!fuses.is_stuck());
    }
}
