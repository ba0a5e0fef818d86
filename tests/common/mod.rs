//! Probes that the tests share: a counter of body runs, caches with a movable clock, a store that
//! can be broken, and a guard against hanging.
#![allow(dead_code)] // every test file takes the probes that it needs

pub(crate) mod counted;
pub(crate) mod history;
pub(crate) mod shelf;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use larder::backends::Memory;
use larder::{Cache, Clock};

/// Counts how often a body ran.
pub(crate) struct Runs(AtomicU64);

impl Runs {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Counts one run; answers the number of runs, this one included.
    pub(crate) fn count(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn so_far(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Waits until there were so many runs.
    pub(crate) fn wait_for(&self, runs: u64) {
        until(|| self.so_far() >= runs);
    }
}

/// A cache of its own.
pub(crate) fn cache() -> Cache {
    Cache::builder()
        .backend(Memory::new(100_000))
        .build()
        .expect("a right configuration")
}

/// A cache whose time only the test moves.
pub(crate) struct Timed {
    pub(crate) cache: Cache,
    pub(crate) clock: Clock,
}

pub(crate) fn timed() -> Timed {
    let clock = Clock::manual();
    let memory = Memory::builder().clock(clock.clone()).build();
    let builder = Cache::builder().backend(memory.expect("right limits"));
    let cache = builder.build().expect("a right configuration");
    Timed { cache, clock }
}

impl Timed {
    pub(crate) fn pass(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
    }
}

/// Nothing that a test waits for takes longer, unless it hangs.
pub(crate) const HANG: Duration = Duration::from_secs(20);

/// Runs a closure on a thread of its own, and fails if it does not come to an end.
pub(crate) fn ends<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        let result = run();
        tell.send(()).ok();
        result
    });
    match told.recv_timeout(HANG) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}

/// Waits until something holds.
pub(crate) fn until(holds: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed() < HANG, "it never comes to hold");
        thread::yield_now();
        thread::sleep(Duration::from_micros(200));
    }
}

/// Waits until so many calls of a cache have joined another's computation.
pub(crate) fn until_waiting(cache: &Cache, calls: u64) {
    until(|| cache.stats().waits >= calls);
}

/// Calls until the hit is one that is remembered.
pub(crate) fn warm<T: PartialEq + std::fmt::Debug>(call: impl Fn() -> T) -> T {
    let first = call();
    for _ in 0..4 {
        assert_eq!(call(), first);
    }
    first
}

/// Does something again and again, in so many threads, while something else is done.
pub(crate) fn meanwhile<T>(threads: usize, again: impl Fn() + Sync, run: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    let repeat = || {
        while !over.load(Ordering::SeqCst) {
            again();
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(repeat);
        }
        let _over = Over(&over);
        run()
    })
}

/// Says that it is over, even if what it is for panics.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Values are what a source was when they were computed; after an invalidation none may be older than what the
/// source was before it. `read` answers one of four keys' values, and `invalidate` does it one way or another,
/// round by round.
pub(crate) fn require_nothing_from_before_an_invalidation(
    source: &AtomicU64,
    read: impl Fn(u64) -> u64 + Sync,
    invalidate: impl Fn(u64, u64),
) {
    // What the source was at least, when each key was invalidated last.
    let floors = [const { AtomicU64::new(0) }; 4];
    let read_all = || {
        for (key, floor) in (0..).zip(&floors) {
            let floor = floor.load(Ordering::SeqCst);
            let value = read(key);
            assert!(value >= floor, "{value} is from before {floor}");
        }
    };
    meanwhile(3, read_all, || {
        for (round, floor) in (0..20_000).zip(floors.iter().cycle()) {
            let key = round % 4;
            let change = source.fetch_add(1, Ordering::SeqCst) + 1;
            invalidate(round, key);
            floor.store(change, Ordering::SeqCst);
            for _ in 0..3 {
                let value = read(key);
                assert!(
                    value >= change,
                    "round {round}: {value} is from before {change}"
                );
            }
        }
    });
}

/// Runs a closure that panics, without the noise, and answers whether it did.
pub(crate) fn panics<T>(run: impl FnOnce() -> T) -> bool {
    // What it answers is dropped inside: that may panic as well.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(run()))).is_err()
}
