//! Law: a hit in process allocates nothing, an async hit is ready at its first poll, and deriving
//! a key allocates nothing.
//!
//! It lives here because a counting allocator is `unsafe`, which the workspace forbids.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use pantry::backends::Memory;
use pantry::{Cache, cached, memoize, scope};
use serde::Serialize;

/// Counts the allocations of each thread.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count_one() {
    // A thread that ends counts no more.
    ALLOCATIONS
        .try_with(|count| count.set(count.get() + 1))
        .ok();
}

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// The allocations of a closure on this thread, once everything about it was used before.
fn allocations<T>(run: impl Fn() -> T) -> u64 {
    for _ in 0..3 {
        run();
    }
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

/// Polls a future once; it has to be ready.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a hit is ready at its first poll"),
    }
}

static CACHE: LazyLock<Cache> = LazyLock::new(|| {
    let builder = Cache::builder().backend(Memory::new(1_000));
    builder.build().expect("a right configuration")
});

#[derive(Serialize)]
struct Filter<'a> {
    name: &'a str,
    limit: Option<u64>,
    tags: Vec<String>,
}

#[memoize(crate = pantry, cache = CACHE)]
fn double(n: u64) -> u64 {
    n * 2
}

#[memoize(crate = pantry, cache = CACHE)]
async fn double_later(n: u64) -> u64 {
    n * 2
}

#[cached(crate = pantry, cache = CACHE, key_prefix = "page", timeout = 60, jitter = 0.1)]
fn page() -> u64 {
    1
}

#[memoize(crate = pantry, cache = CACHE, local)]
fn shared(n: u64) -> std::sync::Arc<u64> {
    std::sync::Arc::new(n)
}

#[memoize(
    crate = pantry,
    cache = CACHE,
    timeout = |n| *n + 1,
    cache_if = |n| *n > 0,
    is_stale = |n| *n == 0,
    unless = n == 99,
    cache_none,
)]
fn hooked(n: u64) -> Result<Option<u64>, std::fmt::Error> {
    Ok(Some(n))
}

#[memoize(crate = pantry, cache = CACHE)]
fn of_everything(
    text: &str,
    filter: &Filter<'_>,
    map: &HashMap<String, u64>,
    set: &HashSet<u64>,
    tree: &BTreeMap<u8, Vec<f64>>,
) -> u64 {
    (text.len() + filter.tags.len() + map.len() + set.len() + tree.len()) as u64
}

#[memoize(crate = pantry, cache = CACHE, name = "generic")]
fn generic<T: Serialize>(value: &T) -> u64 {
    size_of_val(value) as u64
}

struct Shop(u64);

impl Shop {
    #[memoize(crate = pantry, cache = CACHE, key = (self.0, item))]
    fn price(&self, item: &str) -> u64 {
        self.0 + item.len() as u64
    }
}

#[test]
fn a_hit_allocates_nothing() {
    assert_eq!(allocations(|| double(4)), 0);
    assert_eq!(allocations(|| shared(4)), 0);
    assert_eq!(allocations(page), 0);
    assert_eq!(allocations(|| hooked(4)), 0);
    assert_eq!(allocations(|| Shop(1).price("x")), 0);
    assert_eq!(allocations(|| generic(&1_u8) + generic(&"x")), 0);
}

#[test]
fn an_async_hit_allocates_nothing_and_is_ready_at_once() {
    at_once(double_later(4));
    assert_eq!(allocations(|| at_once(double_later(4))), 0);
    assert_eq!(
        CACHE
            .stats()
            .function("allocations::double_later")
            .map(|f| f.misses),
        Some(1)
    );
}

#[test]
fn deriving_a_key_allocates_nothing() {
    let filter = Filter {
        name: "größe",
        limit: Some(5),
        tags: vec!["a".into(), "b".into()],
    };
    let map: HashMap<_, _> = (0..20).map(|n| (n.to_string(), n)).collect();
    let set: HashSet<_> = (0..20).collect();
    let tree = BTreeMap::from([(1, vec![0.5, -0.0])]);
    let long = "x".repeat(10_000);
    let call = || of_everything(&long, &filter, &map, &set, &tree);
    assert!(filter.limit.is_some() && !filter.name.is_empty());
    assert_eq!(allocations(call), 0);
}

#[test]
fn a_bypassed_call_allocates_nothing() {
    assert_eq!(allocations(|| scope::bypass_sync(|| double(5))), 0);
    assert_eq!(allocations(|| hooked(99)), 0, "nor does `unless`");
}

#[test]
fn a_hit_in_a_scope_allocates_nothing() {
    let cache = Cache::builder()
        .backend(Memory::new(10))
        .build()
        .expect("right");
    assert_eq!(
        allocations(|| scope::with_cache_sync(&cache, || double(6))),
        0
    );
}

#[test]
fn a_manual_read_of_a_number_allocates_little() {
    CACHE.set("manual", &1_u64, 60).wait().expect("in process");
    let read = allocations(|| CACHE.get::<u64>("manual").wait());
    assert!(read <= 2, "{read}: the key's name, at most");
}
