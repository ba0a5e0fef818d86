//! Where a law is tested: a fresh store, its time, and threads.

use std::panic::resume_unwind;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use super::desk::Desk;
use super::keyring::Keyring;
use super::suite::Suite;
use super::time::Time;
use super::verdict::broken;
use crate::backend::Backend;
use crate::builder::Builder;
use crate::cache::Cache;
use crate::clock::Clock;
use crate::random::random;

/// What a law is given.
pub(super) struct Bench {
    suite: Suite,
}

impl Bench {
    pub(super) fn new(suite: Suite) -> Self {
        Self { suite }
    }

    /// A fresh store, to be driven directly.
    pub(super) fn desk(&self) -> Desk {
        let time = self.time();
        let backend = (self.suite.make)(time.clock.clone());
        Desk::new(backend.into(), Keyring::new(&prefix()), time)
    }

    /// A cache over a fresh store.
    pub(super) fn cache(&self) -> (Cache, Time) {
        let time = self.time();
        let backend = (self.suite.make)(time.clock.clone());
        (cache(backend, &prefix()), time)
    }

    /// Two backends over one fresh store.
    pub(super) fn twins(&self) -> ([Box<dyn Backend>; 2], Time) {
        let time = self.time();
        let Some(make) = &self.suite.twins else {
            broken("no second backend", "give the suite `.shared_by(..)`")
        };
        (make(time.clock.clone()), time)
    }

    /// How often a race is run.
    pub(super) fn rounds(&self) -> u32 {
        self.suite.rounds
    }

    /// The largest value that the store keeps, in bytes.
    pub(super) fn largest(&self) -> usize {
        self.suite.largest
    }

    /// The shortest timeout that the store tells from none.
    pub(super) fn resolution(&self) -> Duration {
        self.suite.resolution
    }

    fn time(&self) -> Time {
        Time {
            clock: Clock::manual(),
            manual: self.suite.manual,
            resolution: self.suite.resolution,
        }
    }
}

/// A key prefix that nobody else uses.
pub(super) fn prefix() -> String {
    format!("conformance-{:016x}:", random())
}

/// A cache over a backend. Its values live for a minute unless a law says otherwise.
pub(super) fn cache(backend: Box<dyn Backend>, prefix: &str) -> Cache {
    let builder = Builder::new().boxed_backend(backend);
    let built = builder.key_prefix(prefix).default_timeout(60).build();
    built.unwrap_or_else(|error| {
        broken(
            format_args!("no cache could be built over the store: {error}"),
            "the suite gives a prefix and a default timeout: what else does the store's profile ask for?",
        )
    })
}

/// Runs the same on many threads, which start together; passes on their answers, or a panic.
pub(super) fn together<T: Send>(threads: usize, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(threads);
    let (barrier, run) = (&barrier, &run);
    thread::scope(|scope| {
        let start = |number| {
            scope.spawn(move || {
                barrier.wait();
                run(number)
            })
        };
        let handles: Vec<_> = (0..threads).map(start).collect();
        let join = |handle: thread::ScopedJoinHandle<'_, T>| {
            handle.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        handles.into_iter().map(join).collect()
    })
}
