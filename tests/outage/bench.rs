//! What every test here works with: a source, functions over it, and caches that share a server.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use larder::{Cache, ErrorKind, memoize, scope};

use crate::common::Runs;

/// A source of truth, and how often bodies read it.
pub(crate) struct Bench {
    pub(crate) runs: Runs,
    source: AtomicU64,
    takes: Duration,
}

/// Tagged, so that every way of invalidating covers it.
#[memoize(skip(bench), tags = ["shelf"])]
fn kept(key: u64, bench: &Bench) -> u64 {
    bench.read(key)
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::of_slow_bodies(Duration::ZERO)
    }

    pub(crate) fn of_slow_bodies(takes: Duration) -> Self {
        Self {
            runs: Runs::new(),
            source: AtomicU64::new(1),
            takes,
        }
    }

    fn read(&self, key: u64) -> u64 {
        self.runs.count();
        let answer = self.right(key);
        thread::sleep(self.takes);
        answer
    }

    /// What the function has to answer now.
    pub(crate) fn right(&self, key: u64) -> u64 {
        self.source.load(SeqCst) * 1_000_000 + key
    }

    /// From now on another answer is right.
    pub(crate) fn change(&self) {
        self.source.fetch_add(1, SeqCst);
    }

    /// Calls the function in a cache.
    pub(crate) fn call(&self, cache: &Cache, key: u64) -> u64 {
        scope::with_cache_sync(cache, || kept(key, self))
    }

    /// Calls it, and fails if the answer is not right.
    #[track_caller]
    pub(crate) fn assert_right(&self, cache: &Cache, key: u64) {
        assert_eq!(self.call(cache, key), self.right(key));
    }

    /// Whether a call is answered without its body.
    pub(crate) fn hits(&self, cache: &Cache, key: u64) -> bool {
        let before = self.runs.so_far();
        self.call(cache, key);
        self.runs.so_far() == before
    }

    /// Calls until the function is cached; answers how long that took.
    #[track_caller]
    pub(crate) fn until_cached(&self, cache: &Cache, key: u64) -> Duration {
        let start = Instant::now();
        while !self.hits(cache, key) {
            assert!(start.elapsed() < RECOVERY, "it does not cache again");
            thread::sleep(Duration::from_millis(2));
        }
        start.elapsed()
    }
}

/// "Within about a second", on a machine that has other things to do.
pub(crate) const RECOVERY: Duration = Duration::from_secs(3);

/// A cache over a server; connects with its first command.
pub(crate) fn cache(url: &str) -> Cache {
    let cache = Cache::from_url(&format!("{url}?prefix=outage:&timeout=600"));
    cache.expect("a right address")
}

/// The ways of invalidating what the function keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Entry,
    Group,
    Tag,
    All,
}

impl Way {
    pub(crate) const EVERY: [Self; 4] = [Self::Entry, Self::Group, Self::Tag, Self::All];

    pub(crate) fn invalidate(self, cache: &Cache, key: u64) -> larder::Result<()> {
        scope::with_cache_sync(cache, || match self {
            Self::Entry => delete_memoized_kept(key).map(drop),
            Self::Group => delete_all_memoized_kept(),
            Self::Tag => cache.invalidate_tag("shelf").wait(),
            Self::All => cache.clear().wait(),
        })
    }

    /// Invalidates, and fails if that is said to be acknowledged.
    #[track_caller]
    pub(crate) fn assert_unheard(self, cache: &Cache, key: u64) {
        let answer = self.invalidate(cache, key);
        let kind = answer.expect_err("nobody can have heard it").kind();
        assert_eq!(kind, ErrorKind::NotAcknowledged, "{self:?}");
    }
}

/// The name of the entry in the store.
pub(crate) fn entry_name(cache: &Cache, key: u64) -> String {
    scope::with_cache_sync(cache, || memoized_kept(key).key().expect("a name"))
}

/// Past the capture of the test harness, as figures are for those whose tests pass.
pub(crate) fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").ok();
}

/// The middle one of some durations.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
