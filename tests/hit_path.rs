//! Law: a hit that a function remembers takes no lock: it does not ask the store at all. And a store that is
//! full hears of one hit in eight, so that it keeps what is in use.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use common::counted::{Counted, counted};
use larder::backends::Memory;
use larder::{Cache, Clock, memoize};

#[memoize(cache = cache, skip(cache), timeout = 600)]
fn number(cache: &Cache, n: u64) -> u64 {
    n + 1
}

#[memoize(cache = cache, skip(cache), timeout = 600)]
fn text(cache: &Cache, n: u64, name: &str) -> String {
    format!("{name} {n}")
}

#[memoize(cache = cache, skip(cache), timeout = 600)]
fn list(cache: &Cache, n: u64) -> Vec<u64> {
    vec![n, n + 1]
}

#[memoize(cache = cache, skip(cache), timeout = 600, local)]
fn shared(cache: &Cache, n: u64) -> Arc<u64> {
    Arc::new(n + 1)
}

#[memoize(cache = cache, skip(cache), timeout = 600)]
async fn later(cache: &Cache, n: u64) -> u64 {
    n + 2
}

/// How often the store was read while a closure ran a thousand times.
fn reads(reads: &AtomicU64, run: impl Fn()) -> u64 {
    for _ in 0..8 {
        run();
    }
    let before = reads.load(Ordering::SeqCst);
    for _ in 0..1_000 {
        run();
    }
    reads.load(Ordering::SeqCst) - before
}

fn roomy() -> (Counted, Arc<AtomicU64>, Clock) {
    let clock = Clock::manual();
    let memory = Memory::builder().clock(clock.clone()).build();
    let (store, count) = counted(memory.expect("right limits"));
    (store, count, clock)
}

#[test]
fn a_remembered_hit_does_not_ask_the_store() {
    let (store, count, _clock) = roomy();
    let cache = Cache::builder().backend(store).build().unwrap();
    assert_eq!(reads(&count, || assert_eq!(number(&cache, 1), 2)), 0);
    assert_eq!(reads(&count, || assert_eq!(text(&cache, 1, "a"), "a 1")), 0);
    assert_eq!(reads(&count, || assert_eq!(list(&cache, 1), [1, 2])), 0);
    assert_eq!(reads(&count, || assert_eq!(*shared(&cache, 1), 2)), 0);
    let ask = || assert_eq!(futures::executor::block_on(later(&cache, 1)), 3);
    assert_eq!(reads(&count, ask), 0);
    assert_eq!(cache.stats().misses, 5);
}

#[test]
fn other_threads_use_what_one_remembers() {
    let (store, count, _clock) = roomy();
    let cache = Cache::builder().backend(store).build().unwrap();
    assert_eq!(reads(&count, || assert_eq!(number(&cache, 1), 2)), 0);
    let before = count.load(Ordering::SeqCst);
    thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| (0..1_000).for_each(|_| assert_eq!(number(&cache, 1), 2)));
        }
    });
    assert_eq!(count.load(Ordering::SeqCst), before);
    assert_eq!(cache.stats().hits, 1_007 + 4_000);
}

#[test]
fn the_store_is_asked_again_after_a_term() {
    let (store, count, clock) = roomy();
    let cache = Cache::builder().backend(store).build().unwrap();
    number(&cache, 1);
    number(&cache, 1);
    let before = count.load(Ordering::SeqCst);
    for _ in 0..10 {
        clock.advance(Duration::from_millis(1_100));
        number(&cache, 1);
        number(&cache, 1);
    }
    assert_eq!(count.load(Ordering::SeqCst), before + 10);
}

#[test]
fn a_full_store_hears_of_one_hit_in_eight() {
    let memory = Memory::builder().max_entries(4).clock(Clock::manual());
    let (store, count) = counted(memory.build().expect("right limits"));
    let cache = Cache::builder().backend(store).build().unwrap();
    for n in 10..20 {
        number(&cache, n);
    }
    let heard = reads(&count, || assert_eq!(number(&cache, 1), 2));
    assert!((100..=150).contains(&heard), "{heard} of 1 000");
    let heard = reads(&count, || assert_eq!(list(&cache, 1), [1, 2]));
    assert!((100..=150).contains(&heard), "{heard} of 1 000 lists");
}

#[test]
fn a_store_that_counts_bytes_is_asked_for_what_is_not_small_and_for_no_term() {
    let memory = Memory::builder().max_bytes(1 << 20).clock(Clock::manual());
    let (store, count) = counted(memory.build().expect("right limits"));
    let terms = Arc::clone(&store.terms);
    let cache = Cache::builder().backend(store).build().unwrap();
    assert_eq!(reads(&count, || assert_eq!(list(&cache, 1), [1, 2])), 1_000);
    assert_eq!(reads(&count, || assert_eq!(*shared(&cache, 1), 2)), 1_000);
    assert_eq!(terms.load(Ordering::SeqCst), 0);
    let heard = reads(&count, || assert_eq!(number(&cache, 1), 2));
    assert!((100..=150).contains(&heard), "{heard} of 1 000");
    assert!(terms.load(Ordering::SeqCst) > 0);
}

/// Its arguments, its answer, and a few words: who spawns a task for each call pays for every byte.
#[test]
fn the_future_of_a_call_is_small() {
    let cache = common::cache();
    let size = size_of_val(&later(&cache, 1));
    assert!(size <= 80, "{size} bytes");
}
