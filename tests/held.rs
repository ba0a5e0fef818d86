//! Law: a value that a function remembers by its handle is as good as one from the store: as fresh, as
//! short-lived, as counted. And it does not outlive the store's entry for long.

mod common;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use common::{Runs, require_nothing_from_before_an_invalidation, timed, until, warm};
use larder::backends::Memory;
use larder::{Cache, memoize, scope};

#[test]
fn every_invalidation_reaches_what_is_held() {
    static RUNS: Runs = Runs::new();

    #[memoize(cache = cache, skip(cache))]
    fn list(cache: &Cache, n: u64) -> Vec<u64> {
        vec![n, RUNS.count()]
    }

    let (cache, other) = (common::cache(), common::cache());
    assert_eq!(warm(|| list(&cache, 1)), [1, 1]);
    assert_eq!(warm(|| list(&other, 1)), [1, 2], "a cache of its own");
    assert_eq!(warm(|| list(&cache, 2)), [2, 3]);
    assert!(delete_memoized_list(&cache, 1).unwrap());
    assert_eq!(warm(|| list(&cache, 1)), [1, 4]);
    delete_all_memoized_list(&cache).unwrap();
    assert_eq!(warm(|| list(&cache, 1)), [1, 5]);
    assert_eq!(warm(|| list(&cache, 2)), [2, 6]);
    cache.clear().wait().unwrap();
    assert_eq!(warm(|| list(&cache, 1)), [1, 7]);
    let entry = memoized_list(&cache, 1);
    entry.put(&vec![70], 60).wait().unwrap();
    assert_eq!(warm(|| list(&cache, 1)), [70]);
    assert_eq!(scope::refresh_sync(|| list(&cache, 1)), [1, 8]);
    assert_eq!(warm(|| list(&cache, 1)), [1, 8]);
    assert_eq!(scope::bypass_sync(|| list(&cache, 1)), [1, 9]);
    assert_eq!(warm(|| list(&cache, 1)), [1, 8]);
    assert_eq!(warm(|| list(&other, 1)), [1, 2]);
}

/// An `Arc` is its own handle: of all that reaches what is held, nothing passes it by.
#[test]
fn an_arc_is_one_for_all_until_it_is_invalidated() {
    static RUNS: Runs = Runs::new();
    static STALE: AtomicBool = AtomicBool::new(false);

    #[memoize(cache = cache, skip(cache), local, timeout = Duration::from_millis(50),
              is_stale = |page| { assert_eq!(page[0], 1); STALE.swap(false, Ordering::SeqCst) })]
    fn page(cache: &Cache, n: u64) -> Arc<Vec<u64>> {
        Arc::new(vec![n, RUNS.count()])
    }

    let timed = timed();
    let cache = &timed.cache;
    let runs = || warm(|| page(cache, 1))[1];
    let first = page(cache, 1);
    assert!((0..5).all(|_| Arc::ptr_eq(&first, &page(cache, 1))));
    delete_memoized_page(cache, 1).unwrap();
    assert_eq!(runs(), 2);
    delete_all_memoized_page(cache).unwrap();
    assert_eq!(runs(), 3);
    cache.clear().wait().unwrap();
    assert_eq!(runs(), 4);
    STALE.store(true, Ordering::SeqCst);
    assert_eq!(page(cache, 1)[1], 5);
    timed.pass(50);
    assert_eq!(runs(), 6);
    let put = Arc::new(vec![1, 70]);
    memoized_page(cache, 1).put(&put, 60).wait().unwrap();
    assert!(Arc::ptr_eq(&put, &warm(|| page(cache, 1))));
    assert_eq!(cache.stats().misses, 6);
}

#[test]
fn threads_see_no_arc_from_before_an_invalidation() {
    static SOURCE: AtomicU64 = AtomicU64::new(0);

    #[memoize(cache = cache, skip(cache), local)]
    fn shared(cache: &Cache, key: u64) -> Arc<[u64; 2]> {
        Arc::new([key, SOURCE.load(Ordering::SeqCst)])
    }

    let cache = common::cache();
    let read = |key| {
        let value = shared(&cache, key);
        assert_eq!(value[0], key);
        value[1]
    };
    require_nothing_from_before_an_invalidation(&SOURCE, read, |round, key| match round % 3 {
        0 => drop(delete_memoized_shared(&cache, key).unwrap()),
        1 => delete_all_memoized_shared(&cache).unwrap(),
        _ => cache.clear().wait().unwrap(),
    });
}

#[test]
fn texts_are_remembered_whether_they_are_short_or_long() {
    static RUNS: Runs = Runs::new();

    #[memoize(cache = cache, skip(cache))]
    fn text(cache: &Cache, length: usize) -> String {
        format!("{}{}", "x".repeat(length), RUNS.count())
    }

    let cache = common::cache();
    for length in [0, 5, 79, 80, 500] {
        let first = warm(|| text(&cache, length));
        assert_eq!(first.trim_start_matches('x').len(), first.len() - length);
        delete_memoized_text(&cache, length).unwrap();
        assert_ne!(warm(|| text(&cache, length)), first);
    }
}

#[test]
fn nothing_is_held_beyond_its_timeout() {
    static RUNS: Runs = Runs::new();

    #[memoize(cache = cache, skip(cache), timeout = Duration::from_millis(50))]
    fn list(cache: &Cache, text: &str) -> Vec<u64> {
        let _ = text;
        vec![RUNS.count()]
    }

    let timed = timed();
    assert_eq!(warm(|| list(&timed.cache, "a")), [1]);
    timed.pass(49);
    assert_eq!(warm(|| list(&timed.cache, "a")), [1]);
    timed.pass(1);
    assert_eq!(warm(|| list(&timed.cache, "a")), [2]);
}

#[test]
fn a_hook_is_asked_once_a_call_and_hits_are_counted() {
    static ASKED: Runs = Runs::new();
    static STALE: AtomicBool = AtomicBool::new(false);
    static RUNS: Runs = Runs::new();

    #[memoize(cache = cache, skip(cache), is_stale = |_| { ASKED.count(); STALE.load(Ordering::SeqCst) })]
    fn list(cache: &Cache) -> Result<Vec<u64>, String> {
        Ok(vec![RUNS.count()])
    }

    let cache = common::cache();
    assert_eq!(warm(|| list(&cache)), Ok(vec![1]));
    assert_eq!((ASKED.so_far(), cache.stats().hits), (4, 4));
    STALE.store(true, Ordering::SeqCst);
    assert_eq!(list(&cache), Ok(vec![2]));
    assert_eq!((ASKED.so_far(), cache.stats().hits), (5, 4));
}

/// The handle of a long text is no longer right when the copy of a short one is found to be stale.
#[test]
fn a_hook_is_asked_once_about_a_text_that_was_long_and_is_short() {
    static ASKED: Runs = Runs::new();
    static STALE: AtomicBool = AtomicBool::new(false);

    #[memoize(cache = cache, skip(cache), is_stale = |_| { ASKED.count(); STALE.load(Ordering::SeqCst) })]
    fn text(cache: &Cache) -> String {
        "made".to_owned()
    }

    let cache = common::cache();
    for length in [500, 5] {
        let entry = memoized_text(&cache);
        entry.put(&"x".repeat(length), 60).wait().unwrap();
        assert_eq!(warm(|| text(&cache)).len(), length);
    }
    let asked = ASKED.so_far();
    STALE.store(true, Ordering::SeqCst);
    assert_eq!(text(&cache), "made");
    assert_eq!(ASKED.so_far(), asked + 1);
}

/// A value that asks for itself while it is cloned, as often as is set.
#[derive(Debug, PartialEq)]
struct Nested(u64);

thread_local! {
    static NESTED: AtomicU64 = const { AtomicU64::new(0) };
}

impl Clone for Nested {
    fn clone(&self) -> Self {
        let left = NESTED.with(|nested| nested.load(Ordering::Relaxed));
        if left > 0 {
            NESTED.with(|nested| nested.store(left - 1, Ordering::Relaxed));
            assert_eq!(nested(self.0), *self);
        }
        Self(self.0)
    }
}

#[memoize(local, timeout = 60)]
fn nested(n: u64) -> Nested {
    Nested(n)
}

#[test]
fn a_value_may_ask_for_itself_while_it_is_cloned() {
    assert_eq!(warm(|| nested(4)), Nested(4));
    NESTED.with(|nested| nested.store(50, Ordering::Relaxed));
    assert_eq!(warm(|| nested(4)), Nested(4));
    assert_eq!(NESTED.with(|nested| nested.load(Ordering::Relaxed)), 0);
}

#[test]
fn what_is_deleted_is_dropped_soon() {
    #[memoize(cache = cache, skip(cache), local)]
    fn shared(cache: &Cache, n: u64) -> Arc<u64> {
        Arc::new(n)
    }

    let cache = common::cache();
    let held: Vec<Weak<u64>> = (0..50)
        .map(|n| Arc::downgrade(&warm(|| shared(&cache, n))))
        .collect();
    delete_memoized_shared(&cache, 1).unwrap();
    until(|| held[1].upgrade().is_none());
    assert!(held[2].upgrade().is_some(), "the store has it");
}

#[test]
fn what_is_evicted_is_dropped_soon_and_at_once_where_bytes_are_counted() {
    #[memoize(cache = cache, skip(cache))]
    fn counted(cache: &Cache, n: u64) -> Handle {
        Handle(Arc::new(n))
    }

    let few = Memory::builder().max_entries(4).build().unwrap();
    let small = Memory::builder().max_bytes(1_000).build().unwrap();
    for (store, at_once) in [(few, false), (small, true)] {
        let cache = Cache::builder().backend(store).build().unwrap();
        let handles: Vec<_> = (0..50)
            .map(|n| Arc::downgrade(&warm(|| counted(&cache, n)).0))
            .collect();
        let alive = || handles.iter().filter(|h| h.strong_count() > 0).count();
        assert_eq!(alive() <= 7, at_once, "{}", alive());
        until(|| alive() <= 7);
    }
}

/// A handle that pretends to be a number.
#[derive(Clone, Debug, PartialEq)]
struct Handle(Arc<u64>);

impl serde::Serialize for Handle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Handle {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(|number| Self(Arc::new(number)))
    }
}

/// See [`require_nothing_from_before_an_invalidation`].
#[test]
fn threads_see_nothing_from_before_an_invalidation() {
    static SOURCE: AtomicU64 = AtomicU64::new(0);

    #[memoize(cache = cache, skip(cache))]
    fn list(cache: &Cache, key: u64) -> Vec<u64> {
        vec![key, SOURCE.load(Ordering::SeqCst)]
    }

    let cache = common::cache();
    let read = |key| {
        let value = list(&cache, key);
        assert_eq!(value[0], key);
        value[1]
    };
    require_nothing_from_before_an_invalidation(&SOURCE, read, |round, key| match round % 3 {
        0 => drop(delete_memoized_list(&cache, key).unwrap()),
        1 => delete_all_memoized_list(&cache).unwrap(),
        _ => cache.clear().wait().unwrap(),
    });
}
