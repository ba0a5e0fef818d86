//! Law: none of the traps that others fell into.

mod common;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};
use std::thread;

use common::shelf::Shelf;
use common::{Runs, ends, panics, timed};
use larder::backends::Memory;
use larder::{Cache, ErrorKind, cached, memoize, scope};
use serde::{Deserialize, Serialize};

/// Where a value or a key of a test panics.
static TRIP: AtomicU64 = AtomicU64::new(0);
const CLONE: u64 = 1;
const SERIALIZE: u64 = 2;
const DESERIALIZE: u64 = 3;
const DROP: u64 = 4;

/// The tests that set [`TRIP`] take turns.
static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn trip(at: u64) {
    assert!(
        TRIP.load(SeqCst) != at || thread::panicking(),
        "a value panics on purpose"
    );
}

/// Panics where it is told to.
#[derive(Debug, PartialEq)]
struct Trap(u64);

impl Clone for Trap {
    fn clone(&self) -> Self {
        trip(CLONE);
        Self(self.0)
    }
}

impl Serialize for Trap {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        trip(SERIALIZE);
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Trap {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        trip(DESERIALIZE);
        u64::deserialize(deserializer).map(Self)
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        trip(DROP);
    }
}

#[memoize]
fn trap(n: u64) -> Trap {
    Trap(n)
}

#[memoize]
fn by_trap(key: &Trap) -> u64 {
    key.0
}

/// The cache works as ever: entries, groups, everything, and other callers.
fn is_usable(cache: &Cache) {
    TRIP.store(0, SeqCst);
    let cache = cache.clone();
    ends(move || {
        scope::with_cache_sync(&cache, || {
            for n in 0..100 {
                assert_eq!((trap(n), trap(n)), (Trap(n), Trap(n)));
                assert_eq!(by_trap(&Trap(n)), n);
                assert!(delete_memoized_trap(n).unwrap());
            }
            delete_all_memoized_trap().unwrap();
            delete_all_memoized_by_trap().unwrap();
        });
        assert_eq!(cache.in_flight(), 0);
        cache.clear().wait().unwrap();
    });
}

fn weighed() -> Cache {
    let memory = Memory::builder().max_bytes(100_000).build().unwrap();
    Cache::builder().backend(memory).build().unwrap()
}

#[test]
fn a_panic_in_the_users_clone_serialize_deserialize_or_drop_breaks_nothing() {
    let _turn = TURN.lock().unwrap();
    for cache in [common::cache(), weighed(), Shelf::default().cache("p:")] {
        for at in [CLONE, SERIALIZE, DESERIALIZE, DROP] {
            scope::with_cache_sync(&cache, || {
                TRIP.store(at, SeqCst);
                let _ = panics(|| trap(1));
                TRIP.store(0, SeqCst);
                let _ = panics(|| trap(1));
                TRIP.store(at, SeqCst);
                let _ = panics(|| trap(1));
                let _ = panics(|| by_trap(&Trap(1)));
                let _ = panics(|| delete_memoized_trap(1));
                let _ = panics(|| memoized_trap(1).get().wait());
                let _ = panics(|| memoized_trap(1).put(&Trap(2), 60).wait());
                let _ = panics(|| scope::refresh_sync(|| trap(1)));
                let _ = panics(|| cache.set("k", &Trap(1), 60).wait());
                let _ = panics(|| cache.get::<Trap>("k").wait());
                let _ = panics(|| cache.incr("k", 1).wait());
                let _ = panics(|| cache.delete("k").wait());
                let _ = panics(|| cache.clear().wait());
            });
            is_usable(&cache);
        }
    }
}

#[test]
fn a_panic_in_clone_reaches_one_waiter_at_most_each() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn slow(n: u64) -> Trap {
        if RUNS.count() == 1 {
            common::until_waiting(&CACHE, 3);
            TRIP.store(CLONE, SeqCst);
        } else {
            TRIP.store(0, SeqCst);
        }
        Trap(n)
    }
    let _turn = TURN.lock().unwrap();
    let failed = ends(|| {
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(|| slow(1).0)).collect();
        threads
            .into_iter()
            .map(thread::JoinHandle::join)
            .filter(Result::is_err)
            .count()
    });
    assert_eq!(failed, 1, "the leader; a waiter took over");
    assert_eq!(CACHE.in_flight(), 0);
}

/// A value whose `Drop` calls the cache that keeps it.
#[derive(Clone)]
struct Caller(Arc<CallsOnDrop>);

struct CallsOnDrop {
    n: u64,
    cache: Cache,
}

impl Drop for CallsOnDrop {
    fn drop(&mut self) {
        DROPS.count();
        let cache = self.cache.clone();
        cache.set(self.n.to_string(), &self.n, 60).wait().ok();
        cache.delete(self.n.to_string()).wait().ok();
    }
}

static DROPS: Runs = Runs::new();

#[test]
fn a_drop_may_call_the_cache() {
    static CACHE: LazyLock<Cache> =
        LazyLock::new(|| Cache::builder().backend(Memory::new(4)).build().unwrap());
    #[memoize(cache = CACHE, local)]
    fn of(n: u64) -> Caller {
        let cache = CACHE.clone();
        Caller(Arc::new(CallsOnDrop { n, cache }))
    }
    ends(|| {
        for n in 0..200 {
            assert_eq!(of(n).0.n, n, "evicts");
        }
        for n in 0..50 {
            assert_eq!(scope::refresh_sync(|| of(1)).0.n, 1, "replaces");
            let _ = delete_memoized_of(n).unwrap();
            let put = of(n);
            memoized_of(n).put(&put, 60).wait().unwrap();
        }
        delete_all_memoized_of().unwrap();
        CACHE.clear().wait().unwrap();
        let threads: Vec<_> = (0..4)
            .map(|t| thread::spawn(move || (0..100).for_each(|n| drop(of(n * 4 + t)))))
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert!(DROPS.so_far() > 500);
}

#[test]
fn a_drop_may_compute_what_is_being_stored() {
    static CACHE: LazyLock<Cache> =
        LazyLock::new(|| Cache::builder().backend(Memory::new(1)).build().unwrap());
    struct Computes;
    impl Drop for Computes {
        fn drop(&mut self) {
            CACHE.get_or_compute_with("key", 60, || 2_u64).wait();
        }
    }
    #[memoize(cache = CACHE, local)]
    fn of(n: u64) -> Arc<Computes> {
        let _ = n;
        Arc::new(Computes)
    }
    drop(of(1));
    let evicting = || CACHE.get_or_compute_with("key", 60, || 1_u64).wait();
    assert_eq!(ends(evicting), 1, "it does not wait for itself");
}

#[test]
fn a_clone_may_call_the_cache() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    struct Nested(u64);
    impl Clone for Nested {
        fn clone(&self) -> Self {
            CACHE.set("cloned", &self.0, 60).wait().unwrap();
            CACHE.clear().wait().unwrap();
            Self(self.0)
        }
    }
    #[memoize(cache = CACHE, local)]
    fn of(n: u64) -> Nested {
        Nested(n)
    }
    assert_eq!(ends(|| (of(1).0, of(1).0)), (1, 1));
}

#[test]
fn a_full_store_answers_all_the_same() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(n: u64) -> Vec<u8> {
        RUNS.count();
        vec![0; usize::try_from(n).unwrap()]
    }
    let tiny = Cache::builder().backend(Memory::new(1)).build().unwrap();
    scope::with_cache_sync(&tiny, || {
        for n in 0..100 {
            assert_eq!(of(n).len() as u64, n);
        }
        let runs = RUNS.so_far();
        of(99);
        assert_eq!(RUNS.so_far(), runs, "the newest is kept");
    });
    let bytes = Memory::builder().max_bytes(1_000).build().unwrap();
    let bytes = Cache::builder().backend(bytes).build().unwrap();
    scope::with_cache_sync(&bytes, || {
        for n in [10, 2_000, 5_000, 800, 2_000] {
            assert_eq!(of(n).len() as u64, n, "too large is no error");
        }
        let error = bytes.set("k", &vec![0_u8; 5_000], 60).wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(!bytes.has("k").wait().unwrap());
        let error = memoized_of(5_000)
            .put(&vec![0; 5_000], 60)
            .wait()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
    });
    let stats = bytes.stats();
    assert_eq!(stats.stores, 2, "what was refused is not counted as kept");
}

#[test]
fn a_value_too_large_leaves_no_older_one() {
    let memory = Memory::builder().max_bytes(1_000).build().unwrap();
    let cache = Cache::builder().backend(memory).build().unwrap();
    cache.set("k", &vec![1_u8], 60).wait().unwrap();
    cache.set("k", &vec![2_u8; 5_000], 60).wait().unwrap_err();
    assert_eq!(
        cache.get::<Vec<u8>>("k").wait().unwrap(),
        None,
        "the write voids what was there"
    );
}

#[test]
fn a_store_that_fails_fails_open() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(n: u64) -> u64 {
        RUNS.count();
        n
    }
    let shelf = Shelf::default();
    let cache = shelf.cache("p:");
    scope::with_cache_sync(&cache, || {
        shelf.break_all(true);
        assert_eq!((of(1), of(1)), (1, 1));
        assert_eq!(RUNS.so_far(), 2);
        assert!(cache.stats().errors >= 2);
        assert_eq!((cache.stats().hits, cache.stats().stores), (0, 0));
        shelf.break_all(false);
        assert_eq!((of(1), of(1)), (1, 1));
        assert_eq!(RUNS.so_far(), 3, "after recovery it caches again");
        shelf.break_reads(true);
        assert_eq!((of(1), of(2)), (1, 2));
        shelf.break_reads(false);
        shelf.break_writes(true);
        assert_eq!((of(1), of(3)), (1, 3));
    });
    assert_eq!(cache.in_flight(), 0);
}

#[test]
fn what_a_broken_store_did_not_keep_is_not_counted_as_kept() {
    let shelf = Shelf::default();
    let cache = shelf.cache("p:");
    shelf.break_all(true);
    cache.set("k", &1, 60).wait().unwrap_err();
    cache
        .set_many([("a", &1), ("b", &2)], 60)
        .wait()
        .unwrap_err();
    cache.add("k", &1, 60).wait().unwrap_err();
    cache.incr("n", 1).wait().unwrap_err();
    assert_eq!(cache.stats().stores, 0);
    cache.get::<i32>("k").wait().unwrap_err();
    cache.get_many::<i32, _>(["k"]).wait().unwrap_err();
    cache.has("k").wait().unwrap_err();
    cache.ttl("k").wait().unwrap_err();
    let computed = cache.get_or_compute_with("k", 60, || 7).wait();
    assert_eq!(computed, 7, "computing never fails");
}

#[test]
fn callers_of_a_broken_store_compute_twice_at_most() {
    static CACHE: LazyLock<Cache> = LazyLock::new(|| {
        let shelf = Shelf::default();
        shelf.break_all(true);
        shelf.cache("p:")
    });
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count();
        common::until_waiting(&CACHE, 7);
        n
    }
    ends(|| {
        let threads: Vec<_> = (0..8).map(|_| thread::spawn(|| of(1))).collect();
        assert!(
            threads
                .into_iter()
                .all(|thread| thread.join().unwrap() == 1)
        );
    });
    // Those who came while the first computed share the next one: without a store nothing proves
    // that the first is new enough for them.
    assert_eq!(RUNS.so_far(), 2);
}

#[test]
fn an_invalidation_that_was_not_acknowledged_says_so() {
    #[memoize]
    fn of(n: u64) -> u64 {
        n
    }
    #[cached(key_prefix = "home")]
    fn home() -> u64 {
        1
    }
    let shelf = Shelf::default();
    let cache = shelf.cache("p:");
    scope::with_cache_sync(&cache, || {
        let _ = (of(1), home());
        shelf.break_all(true);
        let lost = |error: larder::Error| {
            assert_eq!(error.kind(), ErrorKind::NotAcknowledged);
            assert!(
                std::error::Error::source(&error).is_some(),
                "with its cause"
            );
        };
        lost(delete_memoized_of(1).unwrap_err());
        lost(delete_all_memoized_of().unwrap_err());
        lost(delete_memoized_home().unwrap_err());
        lost(delete_all_memoized_home().unwrap_err());
        lost(memoized_of(1).delete().wait().unwrap_err());
        lost(cache.delete("home").wait().unwrap_err());
        lost(cache.delete_many(["home", "x"]).wait().unwrap_err());
        lost(cache.clear().wait().unwrap_err());
        lost(cache.set("home", &1, 0).wait().unwrap_err());
    });
}

/// A store that can be read but not written, and one function of each sort over it.
fn not_acknowledged(forget: impl Fn(&Cache) -> larder::Result<()>) {
    static VERSION: AtomicU64 = AtomicU64::new(0);
    #[cached(key_prefix = "versions")]
    fn of(n: u64) -> u64 {
        VERSION.load(SeqCst) + n
    }
    let shelf = Shelf::default();
    let cache = shelf.cache("p:");
    scope::with_cache_sync(&cache, || {
        VERSION.store(1, SeqCst);
        assert_eq!(of(0), 1);
        VERSION.store(2, SeqCst);
        shelf.break_writes(true);
        assert_eq!(
            forget(&cache).unwrap_err().kind(),
            ErrorKind::NotAcknowledged
        );
        assert_eq!(of(0), 2, "in this process it has happened");
        shelf.break_writes(false);
        assert_eq!(of(0), 2, "after the store is back too");
    });
}

#[test]
fn an_unacknowledged_delete_has_happened_in_this_process() {
    #[cached(key_prefix = "versions")]
    fn of(n: u64) -> u64 {
        n
    }
    not_acknowledged(|_| delete_memoized_of(0).map(drop));
}

#[test]
fn an_unacknowledged_delete_of_a_function_has_happened_in_this_process() {
    #[cached(key_prefix = "versions")]
    fn of(n: u64) -> u64 {
        n
    }
    not_acknowledged(|_| delete_all_memoized_of());
}

#[test]
fn an_unacknowledged_clear_has_happened_in_this_process() {
    not_acknowledged(|cache| cache.clear().wait());
}

#[test]
fn bytes_that_are_not_ours_are_a_miss() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(n: u64) -> String {
        RUNS.count();
        n.to_string()
    }
    let shelf = Shelf::default();
    let cache = shelf.cache("p:");
    scope::with_cache_sync(&cache, || {
        let spoiled = |spoil: &dyn Fn(&mut Vec<u8>)| {
            of(1);
            shelf.spoil(|key, bytes| {
                if key.contains("of}:") && !key.ends_with(":v") {
                    spoil(bytes);
                }
            });
            let runs = RUNS.so_far();
            assert_eq!(of(1), "1");
            RUNS.so_far() - runs
        };
        let length = 80 + 2 + 8;
        // The time of creation decides nothing.
        let created = 8..16;
        for at in 0..length {
            let runs = spoiled(&|bytes| bytes[at] ^= 1);
            assert_eq!(runs == 0, created.contains(&at), "byte {at}");
            assert_eq!(spoiled(&|bytes| bytes.truncate(at)), 1, "{at} bytes");
        }
        assert_eq!(spoiled(&|bytes| bytes.push(0)), 1);
        assert_eq!(spoiled(&Vec::clear), 1);
        let foreign = |bytes: &mut Vec<u8>| *bytes = b"set by another program".to_vec();
        assert_eq!(spoiled(&foreign), 1);
    });
}

#[test]
fn a_struct_that_changed_its_fields_reads_old_bytes_as_a_miss() {
    let cache = Shelf::default().cache("p:");
    let (old, new) = (deploy::before(&cache), deploy::after(&cache));
    assert_eq!((old, new), (7, 0), "not the old bytes as something else");
}

/// One type name, two shapes: what a deploy makes of a struct.
mod deploy {
    use larder::Cache;
    use serde::{Deserialize, Serialize};

    pub(super) fn before(cache: &Cache) -> u32 {
        within(cache, true)
    }

    pub(super) fn after(cache: &Cache) -> u32 {
        within(cache, false)
    }

    fn within(cache: &Cache, before: bool) -> u32 {
        if before {
            #[derive(Clone, Serialize, Deserialize)]
            struct Config {
                limit: u32,
            }
            let config = cache.get_or_compute_with("config", 60, || Config { limit: 7 });
            config.wait().limit
        } else {
            #[derive(Clone, Serialize, Deserialize)]
            struct Config {
                retries: u32,
            }
            let config = cache.get_or_compute_with("config", 60, || Config { retries: 0 });
            config.wait().retries
        }
    }
}

#[test]
fn functions_are_not_registered_by_their_bare_names() {
    mod one {
        #[larder::memoize]
        pub(super) fn load(n: u64) -> u64 {
            n + 1
        }
    }
    mod two {
        #[larder::memoize]
        pub(super) fn load(n: u64) -> u64 {
            n + 2
        }
    }
    let cache = common::cache();
    scope::with_cache_sync(&cache, || {
        assert_eq!((one::load(1), two::load(1)), (2, 3));
        one::delete_all_memoized_load().unwrap();
        assert!(two::memoized_load(1).get().wait().unwrap().is_some());
    });
    let names: Vec<_> = cache
        .stats()
        .functions
        .into_iter()
        .map(|f| f.name)
        .collect();
    assert!(
        names.len() == 2 && names.iter().all(|name| name.ends_with("::load")),
        "{names:?}"
    );
}

#[test]
fn a_group_called_all_is_a_group_like_any_other() {
    #[cached(key_prefix = "all")]
    fn all(n: u64) -> u64 {
        n
    }
    #[cached(key_prefix = "other")]
    fn other(n: u64) -> u64 {
        n
    }
    for cache in [common::cache(), Shelf::default().cache("p:")] {
        scope::with_cache_sync(&cache, || {
            let _ = (all(1), other(1));
            delete_all_memoized_all().unwrap();
            assert_eq!(memoized_all(1).get().wait().unwrap(), None);
            assert_eq!(
                memoized_other(1).get().wait().unwrap(),
                Some(1),
                "untouched"
            );
        });
    }
}

/// A `local` function beside a store of bytes.
fn local_beside_bytes(forget: impl Fn(&Cache)) {
    static RUNS: Runs = Runs::new();
    #[cached(local, key_prefix = "locals")]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = TURN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let shelf = Shelf::default();
    let cache = shelf.cache("p:");
    scope::with_cache_sync(&cache, || {
        let first = of(1);
        assert_eq!(of(1), first, "it is served");
        assert_eq!(
            shelf.keys(),
            Vec::<String>::new(),
            "and never leaves the process"
        );
        forget(&cache);
        assert_ne!(of(1), first, "forgotten");
    });
}

#[test]
fn a_local_entry_beside_a_store_of_bytes_is_deleted() {
    #[cached(local, key_prefix = "locals")]
    fn of(n: u64) -> u64 {
        n
    }
    local_beside_bytes(|_| assert!(delete_memoized_of(1).unwrap()));
}

#[test]
fn a_local_function_beside_a_store_of_bytes_is_deleted() {
    #[cached(local, key_prefix = "locals")]
    fn of(n: u64) -> u64 {
        n
    }
    local_beside_bytes(|_| delete_all_memoized_of().unwrap());
}

#[test]
fn a_local_function_beside_a_store_of_bytes_is_cleared() {
    local_beside_bytes(|cache| cache.clear().wait().unwrap());
}

#[test]
fn a_local_page_is_deleted_by_its_name() {
    static RUNS: Runs = Runs::new();
    #[cached(local, key_prefix = "homepage")]
    fn home() -> u64 {
        RUNS.count()
    }
    for cache in [common::cache(), Shelf::default().cache("p:")] {
        scope::with_cache_sync(&cache, || {
            let first = home();
            assert_eq!(home(), first);
            assert!(cache.delete("homepage").wait().unwrap(), "there was one");
            assert_ne!(home(), first, "forgotten under its name");
        });
    }
}

#[test]
fn a_local_function_forgets_its_group_in_the_store_of_bytes_as_well() {
    static RUNS: Runs = Runs::new();
    #[cached(local, key_prefix = "shop")]
    fn local(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    #[cached(key_prefix = "shop")]
    fn shared(n: u8) -> u64 {
        RUNS.count() * 100 + u64::from(n)
    }
    let cache = Shelf::default().cache("p:");
    scope::with_cache_sync(&cache, || {
        let first = (local(1), shared(1));
        assert_eq!((local(1), shared(1)), first);
        delete_all_memoized_shared().unwrap();
        let second = (local(1), shared(1));
        assert!(
            second.0 != first.0 && second.1 != first.1,
            "by the shared one"
        );
        delete_all_memoized_local().unwrap();
        let third = (local(1), shared(1));
        assert!(
            third.0 != second.0 && third.1 != second.1,
            "by the local one"
        );
    });
}

#[test]
fn no_lock_is_held_across_an_await() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        if n > 0 {
            CACHE.set("other", &n, 60).await.unwrap();
            let inner = Box::pin(of(n - 1)).await;
            tokio::task::yield_now().await;
            CACHE.delete("other").await.unwrap();
            return inner + 1;
        }
        CACHE.clear().await.unwrap();
        0
    }
    let all = futures::future::join_all((0..64).map(of));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let all = runtime.block_on(async { tokio::time::timeout(common::HANG, all).await });
    assert_eq!(all.unwrap(), (0..64).collect::<Vec<_>>());
}

#[test]
fn a_timeout_of_one_entry_ends_nobody_elses_life() {
    #[memoize(timeout = |n| std::time::Duration::from_secs(*n))]
    fn of(n: u64) -> u64 {
        n
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        let _ = (of(100), of(1));
        timed.pass(2_000);
        assert_eq!(memoized_of(1).get().wait().unwrap(), None);
        assert_eq!(memoized_of(100).get().wait().unwrap(), Some(100));
    });
}

#[test]
fn versions_of_functions_whose_calls_all_failed_are_not_piled_up() {
    #[memoize]
    fn of(n: u64) -> Result<u64, u64> {
        Err(n)
    }
    let shelf = Shelf::default();
    scope::with_cache_sync(&shelf.cache("p:"), || {
        for n in 0..1_000 {
            of(n).unwrap_err();
        }
    });
    assert!(shelf.keys().len() <= 2, "{:?}", shelf.keys());
}

#[test]
fn a_cache_that_goes_takes_its_values_along() {
    static ALIVE: AtomicBool = AtomicBool::new(true);
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            ALIVE.store(false, SeqCst);
        }
    }
    #[memoize(local)]
    fn of(n: u64) -> Arc<Guard> {
        let _ = n;
        Arc::new(Guard)
    }
    let cache = common::cache();
    scope::with_cache_sync(&cache, || drop(of(1)));
    assert!(ALIVE.load(SeqCst));
    drop(cache);
    assert!(!ALIVE.load(SeqCst));
}

#[test]
fn an_unacknowledged_delete_is_not_brought_back_by_a_counter_or_a_batch() {
    let shelf = Shelf::default();
    let cache = shelf.cache("t:");
    cache.incr("n", 41).wait().unwrap();
    shelf.break_writes(true);
    assert!(cache.delete("n").wait().is_err());
    assert_eq!(cache.get_many::<i64, _>(["n"]).wait().unwrap(), [None]);
    assert!(cache.incr("n", 1).wait().is_err());
    shelf.break_writes(false);
    assert_eq!(cache.incr("n", 1).wait().unwrap(), 1);
    assert_eq!(cache.get_many::<i64, _>(["n"]).wait().unwrap(), [Some(1)]);
}

#[test]
fn an_entry_written_after_an_unacknowledged_clear_is_there() {
    let shelf = Shelf::default();
    let cache = shelf.cache("t:");
    shelf.break_writes(true);
    assert!(cache.clear().wait().is_err());
    shelf.break_writes(false);
    assert!(cache.add("lock", &1_u64, 60).wait().unwrap());
    assert!(!cache.add("lock", &2_u64, 60).wait().unwrap());
}

#[test]
fn what_is_set_over_a_local_function_is_read() {
    let shelf = Shelf::default();
    let cache = shelf.cache("t:");
    #[larder::cached(key_prefix = "home", local, cache = cache, skip(cache))]
    fn home(cache: &Cache) -> u64 {
        1
    }
    assert_eq!(home(&cache), 1);
    cache.set("home", &2_u64, 60).wait().unwrap();
    assert_eq!(cache.get::<u64>("home").wait().unwrap(), Some(2));
}
