//! Law: a hit that a function remembers is as good as one from the store: as fresh, as short-lived, as counted.

mod common;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{Runs, require_nothing_from_before_an_invalidation, timed, warm};
use larder::{Cache, Event, EventKind, Observer, memoize, scope};

#[test]
fn every_invalidation_reaches_what_is_remembered() {
    static RUNS: Runs = Runs::new();

    #[memoize(cache = cache, skip(cache))]
    fn number(cache: &Cache, n: u64) -> u64 {
        let _ = n;
        RUNS.count()
    }

    let cache = common::cache();
    let other = common::cache();
    assert_eq!(warm(|| number(&cache, 1)), 1);
    assert_eq!(warm(|| number(&other, 1)), 2, "a cache of its own");
    assert_eq!(warm(|| number(&cache, 2)), 3);
    assert!(delete_memoized_number(&cache, 1).unwrap());
    assert_eq!(warm(|| number(&cache, 1)), 4);
    delete_all_memoized_number(&cache).unwrap();
    assert_eq!(warm(|| number(&cache, 1)), 5);
    assert_eq!(warm(|| number(&cache, 2)), 6);
    cache.clear().wait().unwrap();
    assert_eq!(warm(|| number(&cache, 1)), 7);
    memoized_number(&cache, 1).put(&70, 60).wait().unwrap();
    assert_eq!(warm(|| number(&cache, 1)), 70);
    assert_eq!(scope::refresh_sync(|| number(&cache, 1)), 8);
    assert_eq!(warm(|| number(&cache, 1)), 8);
    assert_eq!(scope::bypass_sync(|| number(&cache, 1)), 9);
    assert_eq!(warm(|| number(&cache, 1)), 8);
    assert_eq!(warm(|| number(&other, 1)), 2);
}

#[test]
fn a_name_of_its_own_is_overwritten_and_deleted_by_hand() {
    #[larder::cached(key_prefix = "remembered", cache = cache, skip(cache))]
    fn page(cache: &Cache) -> String {
        "made".to_owned()
    }

    let cache = common::cache();
    assert_eq!(warm(|| page(&cache)), "made");
    cache
        .set("remembered", &"set".to_owned(), 60)
        .wait()
        .unwrap();
    assert_eq!(warm(|| page(&cache)), "set");
    assert!(cache.delete("remembered").wait().unwrap());
    assert_eq!(warm(|| page(&cache)), "made");
}

#[test]
fn nothing_is_remembered_beyond_its_timeout() {
    static RUNS: Runs = Runs::new();

    #[memoize(cache = cache, skip(cache), timeout = std::time::Duration::from_millis(50))]
    fn number(cache: &Cache, text: &str) -> u64 {
        let _ = text;
        RUNS.count()
    }

    let timed = timed();
    assert_eq!(warm(|| number(&timed.cache, "a")), 1);
    timed.pass(49);
    assert_eq!(warm(|| number(&timed.cache, "a")), 1);
    timed.pass(1);
    assert_eq!(warm(|| number(&timed.cache, "a")), 2);
}

#[test]
fn a_hook_is_asked_about_what_is_remembered_once_a_call() {
    static ASKED: Runs = Runs::new();
    static STALE: AtomicBool = AtomicBool::new(false);
    static RUNS: Runs = Runs::new();

    #[memoize(cache = cache, skip(cache), is_stale = |_| { ASKED.count(); STALE.load(Ordering::SeqCst) })]
    fn number(cache: &Cache) -> u64 {
        RUNS.count()
    }

    let cache = common::cache();
    warm(|| number(&cache));
    assert_eq!(ASKED.so_far(), 4);
    STALE.store(true, Ordering::SeqCst);
    assert_eq!(number(&cache), 2);
    assert_eq!(ASKED.so_far(), 5);
}

#[test]
fn what_is_remembered_is_counted_and_seen() {
    static SEEN: Runs = Runs::new();

    struct Watch;

    impl Observer for Watch {
        fn observe(&self, event: &Event<'_>) {
            if event.kind == EventKind::Hit {
                SEEN.count();
            }
        }
    }

    #[memoize(cache = cache, skip(cache))]
    fn number(cache: &Cache, n: u8) -> bool {
        n > 0
    }

    let builder = Cache::builder().backend(larder::backends::Memory::new(100));
    let cache = builder.observer(Watch).build().unwrap();
    for _ in 0..100 {
        assert!(number(&cache, 1));
    }
    assert_eq!((cache.stats().hits, cache.stats().misses), (99, 1));
    assert_eq!(SEEN.so_far(), 99);
}

#[test]
fn arguments_of_many_shapes_never_meet() {
    #[memoize(cache = cache, skip(cache))]
    fn shown(cache: &Cache, a: &str, b: Option<u8>, c: i16) -> String {
        format!("{a} {b:?} {c}")
    }

    let cache = common::cache();
    let texts = [
        "",
        "a",
        "ab",
        "ab\0",
        "12345678",
        "123456789012345678901234567890",
    ];
    for _ in 0..4 {
        for a in texts {
            for b in [None, Some(0), Some(1)] {
                for c in [-1, 0, 256] {
                    assert_eq!(shown(&cache, a, b, c), format!("{a} {b:?} {c}"));
                }
            }
        }
    }
}

/// See [`require_nothing_from_before_an_invalidation`].
#[test]
fn threads_see_nothing_from_before_an_invalidation() {
    static SOURCE: AtomicU64 = AtomicU64::new(0);

    #[memoize(cache = cache, skip(cache))]
    fn number(cache: &Cache, key: u64) -> u64 {
        let _ = key;
        SOURCE.load(Ordering::SeqCst)
    }

    let cache = common::cache();
    let read = |key| number(&cache, key);
    require_nothing_from_before_an_invalidation(&SOURCE, read, |round, key| match round % 3 {
        0 => drop(delete_memoized_number(&cache, key).unwrap()),
        1 => delete_all_memoized_number(&cache).unwrap(),
        _ => cache.clear().wait().unwrap(),
    });
}
