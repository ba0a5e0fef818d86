//! What was invalidated lately: it is invalidated again when the server may have lost it.
//!
//! An invalidation that was not acknowledged is repeated on every new connection. One that was
//! acknowledged is repeated when the connection leads to another server than before: a replica that
//! took over may not have heard of it, and one that was restarted may have read an older state
//! from its disk.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an invalidation is repeated.
const WINDOW: Duration = Duration::from_secs(30);
/// So many keys are remembered; more than that stand for everything.
const MOST: usize = 20_000;

/// The invalidations of the last half minute.
#[derive(Default)]
pub(crate) struct Recent(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    list: VecDeque<Invalidation>,
    keys: usize,
    added: u64,
}

struct Invalidation {
    since: Instant,
    keys: Vec<String>,
    acknowledged: Acknowledged,
}

/// Whether the server has acknowledged an invalidation.
#[derive(Clone, Default)]
pub(crate) struct Acknowledged(Arc<AtomicBool>);

impl Acknowledged {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Recent {
    /// Remembers the keys that are being deleted. `everything` stands for them if there are too many.
    pub(crate) fn add(
        &self,
        keys: Vec<String>,
        everything: impl FnOnce() -> Vec<String>,
    ) -> Acknowledged {
        let mut remembered = self.lock();
        remembered.forget_old();
        if remembered.keys + keys.len() > MOST {
            remembered.generalise(everything());
        }
        let acknowledged = Acknowledged::default();
        remembered.push(keys, acknowledged.clone());
        remembered.added += 1;
        acknowledged
    }

    /// The keys to delete again: those that were not acknowledged, or all; and how many
    /// invalidations there have ever been.
    pub(crate) fn keys(&self, all: bool) -> (Vec<String>, u64) {
        let mut remembered = self.lock();
        remembered.forget_old();
        let list = remembered.list.iter();
        let due = list.filter(|invalidation| all || !invalidation.acknowledged.is_set());
        let keys = due.flat_map(|invalidation| invalidation.keys.iter().cloned());
        (keys.collect(), remembered.added)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn push(&mut self, keys: Vec<String>, acknowledged: Acknowledged) {
        self.keys += keys.len();
        self.list.push_back(Invalidation {
            since: Instant::now(),
            keys,
            acknowledged,
        });
    }

    /// Lets everything stand for all that is remembered; acknowledged, if all that was.
    fn generalise(&mut self, everything: Vec<String>) {
        let acknowledged = Acknowledged::default();
        if self.list.iter().all(|one| one.acknowledged.is_set()) {
            acknowledged.set();
        }
        self.list.clear();
        self.keys = 0;
        self.push(everything, acknowledged);
    }

    fn forget_old(&mut self) {
        while self
            .list
            .front()
            .is_some_and(|oldest| oldest.since.elapsed() > WINDOW)
        {
            let oldest = self.list.pop_front();
            self.keys -= oldest.map_or(0, |oldest| oldest.keys.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Vec<String> {
        vec![format!("k{number}")]
    }

    #[test]
    fn what_was_acknowledged_is_repeated_only_to_another_server() {
        let recent = Recent::default();
        recent.add(key(1), Vec::new).set();
        let _lost = recent.add(key(2), Vec::new);
        assert_eq!(recent.keys(false), (vec!["k2".to_owned()], 2));
        assert_eq!(recent.keys(true).0, ["k1", "k2"]);
    }

    #[test]
    fn too_many_stand_for_everything() {
        let recent = Recent::default();
        for number in 0..=MOST {
            recent
                .add(key(number), || vec!["everything".to_owned()])
                .set();
        }
        assert_eq!(
            recent.keys(true).0,
            ["everything".to_owned(), format!("k{MOST}")]
        );
        assert!(recent.keys(false).0.is_empty(), "all were acknowledged");
    }
}
