//! Which requests lately got a response that is not kept.
//!
//! Requests of one key wait for one of them. If its response is not kept, they waited for nothing, and the
//! next ones would again. So it is noted, and until a response of that key is kept, nobody waits: what
//! Varnish calls hit-for-miss.

use std::array;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// So many are noted: a newer one takes the place of an older one.
const PLACES: usize = 1024;

/// A table of hashes, each at its place. It only guides: a lost note costs a wait.
pub(crate) struct Passing {
    hasher: RandomState,
    places: [AtomicU64; PLACES],
}

impl Default for Passing {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            places: array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

impl Passing {
    /// Whether the last response to this target was not kept.
    pub(crate) fn knows(&self, target: &str) -> bool {
        let (place, hash) = self.find(target);
        place.load(Ordering::Relaxed) == hash
    }

    pub(crate) fn note(&self, target: &str) {
        let (place, hash) = self.find(target);
        place.store(hash, Ordering::Relaxed);
    }

    pub(crate) fn forget(&self, target: &str) {
        let (place, hash) = self.find(target);
        let _others_stay = place.compare_exchange(hash, 0, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The place of a target, and what stands there if it is noted: never 0.
    fn find(&self, target: &str) -> (&AtomicU64, u64) {
        let hash = self.hasher.hash_one(target);
        #[allow(clippy::cast_possible_truncation)] // the remainder is small
        let place = (hash % PLACES as u64) as usize;
        (&self.places[place], hash | 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Passing;

    #[test]
    fn a_note_stays_until_it_is_taken_back() {
        let passing = Passing::default();
        assert!(!passing.knows("a"));
        passing.note("a");
        passing.note("a");
        assert!(passing.knows("a"));
        assert!(!passing.knows("b"));
        passing.forget("a");
        passing.forget("a");
        assert!(!passing.knows("a"));
    }
}
