//! Law: after an invalidation nobody is served what was computed before it.

mod common;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Barrier, LazyLock};
use std::thread;

use common::{Runs, ends, until};
use larder::{Cache, cached, memoize};

#[test]
fn an_entry_is_forgotten() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!((of(1), of(2)), (101, 202));
    assert!(delete_memoized_of(1).unwrap());
    assert_eq!((of(1), of(2)), (301, 202));
}

#[test]
fn a_function_is_forgotten_and_its_neighbours_are_not() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    #[memoize(cache = CACHE)]
    fn neighbour(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!((of(1), of(2), neighbour(1)), (101, 202, 301));
    delete_all_memoized_of().unwrap();
    assert_eq!((of(1), of(2), neighbour(1)), (401, 502, 301));
    delete_all_memoized_of().unwrap();
    delete_all_memoized_of().unwrap();
    assert_eq!((of(1), neighbour(1)), (601, 301));
}

#[test]
fn everything_is_forgotten_manual_keys_as_well() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    #[cached(cache = CACHE, key_prefix = "home")]
    fn home() -> u64 {
        RUNS.count()
    }
    assert_eq!((of(1), home()), (101, 2));
    CACHE.set("manual", &7_u64, 60).wait().unwrap();
    CACHE.clear().wait().unwrap();
    assert_eq!(CACHE.get::<u64>("manual").wait().unwrap(), None);
    assert!(!CACHE.has("home").wait().unwrap());
    assert_eq!((of(1), home()), (301, 4));
    assert_eq!((of(1), home()), (301, 4), "it caches again");
}

#[test]
fn deleting_what_was_never_kept_is_fine() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        n
    }
    assert!(!delete_memoized_of(1).unwrap());
    delete_all_memoized_of().unwrap();
    CACHE.clear().wait().unwrap();
    assert!(!CACHE.delete("nothing").wait().unwrap());
    assert_eq!(CACHE.delete_many(["a", "b"]).wait().unwrap(), 0);
    assert_eq!(of(1), 1);
}

#[test]
fn functions_with_one_prefix_are_forgotten_together() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[cached(cache = CACHE, key_prefix = "shop")]
    fn item(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    #[cached(cache = CACHE, key_prefix = "shop")]
    fn title(n: u8) -> u64 {
        RUNS.count() * 100 + u64::from(n)
    }
    assert_eq!((item(1), title(1)), (101, 201));
    delete_all_memoized_item().unwrap();
    assert_eq!((item(1), title(1)), (301, 401));
}

#[test]
fn a_function_without_arguments_forgets_its_whole_group() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[cached(cache = CACHE, key_prefix = "shop")]
    fn list() -> u64 {
        RUNS.count()
    }
    #[cached(cache = CACHE, key_prefix = "shop")]
    fn item(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!((list(), item(1)), (1, 201));
    delete_all_memoized_item().unwrap();
    assert_eq!(
        CACHE.get::<u64>("shop").wait().unwrap(),
        None,
        "forgotten under its name too"
    );
    assert_eq!((list(), item(1)), (3, 401));
    delete_all_memoized_list().unwrap();
    assert_eq!((list(), item(1)), (5, 601), "every entry of the group");
}

/// The four ways to forget one entry.
#[derive(Clone, Copy, Debug)]
enum Way {
    Entry,
    Function,
    Everything,
    Handle,
}

const WAYS: [Way; 4] = [Way::Entry, Way::Function, Way::Everything, Way::Handle];

#[test]
fn an_invalidation_during_the_computation_wins_over_threads() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    static STARTED: Runs = Runs::new();
    static GO: AtomicBool = AtomicBool::new(false);
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        let read = SOURCE.load(SeqCst);
        STARTED.count();
        until(|| GO.load(SeqCst));
        read + n
    }
    for (round, way) in WAYS.into_iter().enumerate() {
        let round = round as u64;
        GO.store(false, SeqCst);
        SOURCE.store(round * 10, SeqCst);
        CACHE.clear().wait().unwrap();
        let before = STARTED.so_far();
        let old = thread::spawn(|| of(0));
        STARTED.wait_for(before + 1);
        SOURCE.store(round * 10 + 1, SeqCst);
        match way {
            Way::Entry => assert!(delete_memoized_of(0).is_ok()),
            Way::Function => delete_all_memoized_of().unwrap(),
            Way::Everything => CACHE.clear().wait().unwrap(),
            Way::Handle => assert!(memoized_of(0).delete().wait().is_ok()),
        }
        let new = thread::spawn(|| of(0));
        STARTED.wait_for(before + 2);
        GO.store(true, SeqCst);
        assert_eq!(
            old.join().unwrap(),
            round * 10,
            "{way:?}: its own caller gets it"
        );
        assert_eq!(
            new.join().unwrap(),
            round * 10 + 1,
            "{way:?}: who came later does not"
        );
        assert_eq!(of(0), round * 10 + 1, "{way:?}: nor is it kept");
    }
}

#[tokio::test]
async fn an_invalidation_during_the_computation_wins_over_tasks() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    static STARTED: Runs = Runs::new();
    static GO: AtomicBool = AtomicBool::new(false);
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        let read = SOURCE.load(SeqCst);
        STARTED.count();
        while !GO.load(SeqCst) {
            tokio::task::yield_now().await;
        }
        read + n
    }
    for (round, way) in WAYS.into_iter().enumerate() {
        let round = round as u64;
        GO.store(false, SeqCst);
        SOURCE.store(round * 10, SeqCst);
        CACHE.clear().await.unwrap();
        let before = STARTED.so_far();
        let old = tokio::spawn(of(0));
        while STARTED.so_far() == before {
            tokio::task::yield_now().await;
        }
        SOURCE.store(round * 10 + 1, SeqCst);
        match way {
            Way::Entry => assert!(delete_memoized_of(0).await.is_ok()),
            Way::Function => delete_all_memoized_of().await.unwrap(),
            Way::Everything => CACHE.clear().await.unwrap(),
            Way::Handle => assert!(memoized_of(0).delete().await.is_ok()),
        }
        let new = tokio::spawn(of(0));
        while STARTED.so_far() < before + 2 {
            tokio::task::yield_now().await;
        }
        GO.store(true, SeqCst);
        assert_eq!(old.await.unwrap(), round * 10, "{way:?}");
        assert_eq!(new.await.unwrap(), round * 10 + 1, "{way:?}");
        assert_eq!(of(0).await, round * 10 + 1, "{way:?}");
    }
}

#[test]
fn the_same_holds_over_a_store_of_bytes() {
    static SHELF: LazyLock<common::shelf::Shelf> = LazyLock::new(Default::default);
    static CACHE: LazyLock<Cache> = LazyLock::new(|| SHELF.cache("p:"));
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    static STARTED: Runs = Runs::new();
    static GO: AtomicBool = AtomicBool::new(false);
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        let read = SOURCE.load(SeqCst);
        STARTED.count();
        until(|| GO.load(SeqCst));
        read + n
    }
    for (round, way) in WAYS.into_iter().enumerate() {
        let round = round as u64;
        GO.store(false, SeqCst);
        SOURCE.store(round * 10, SeqCst);
        CACHE.clear().wait().unwrap();
        let before = STARTED.so_far();
        let old = thread::spawn(|| of(0));
        STARTED.wait_for(before + 1);
        SOURCE.store(round * 10 + 1, SeqCst);
        match way {
            Way::Entry => assert!(delete_memoized_of(0).is_ok()),
            Way::Function => delete_all_memoized_of().unwrap(),
            Way::Everything => CACHE.clear().wait().unwrap(),
            Way::Handle => assert!(memoized_of(0).delete().wait().is_ok()),
        }
        let new = thread::spawn(|| of(0));
        STARTED.wait_for(before + 2);
        GO.store(true, SeqCst);
        assert_eq!(old.join().unwrap(), round * 10, "{way:?}");
        assert_eq!(new.join().unwrap(), round * 10 + 1, "{way:?}");
        assert_eq!(of(0), round * 10 + 1, "{way:?}");
    }
}

#[test]
fn a_write_during_the_computation_wins() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static STARTED: Runs = Runs::new();
    static GO: AtomicBool = AtomicBool::new(false);
    #[cached(cache = CACHE, key_prefix = "page")]
    fn page() -> u64 {
        STARTED.count();
        until(|| GO.load(SeqCst));
        1
    }
    type Write = fn();
    let writes: [Write; 4] = [
        || CACHE.set("page", &2_u64, 60).wait().unwrap(),
        || memoized_page().put(&2, 60).wait().unwrap(),
        || assert!(CACHE.add("page", &2_u64, 60).wait().unwrap()),
        || CACHE.set_many([("page", &2_u64)], 60).wait().unwrap(),
    ];
    for write in writes {
        GO.store(false, SeqCst);
        CACHE.clear().wait().unwrap();
        let before = STARTED.so_far();
        let old = thread::spawn(page);
        STARTED.wait_for(before + 1);
        write();
        assert_eq!(page(), 2, "the written value is there at once");
        GO.store(true, SeqCst);
        assert_eq!(old.join().unwrap(), 1);
        assert_eq!(page(), 2, "and is not overwritten");
    }
}

/// One round of callers that miss against one invalidation; answers what a call afterwards gets.
fn race(
    source: &'static AtomicU64,
    call: fn() -> u64,
    invalidate: fn(),
    version: u64,
) -> (Vec<u64>, u64) {
    let barrier = Arc::new(Barrier::new(4));
    let callers: Vec<_> = (0..3)
        .map(|_| {
            let barrier = Arc::clone(&barrier);
            thread::spawn(move || {
                barrier.wait();
                call()
            })
        })
        .collect();
    barrier.wait();
    source.store(version, SeqCst);
    invalidate();
    let after = call();
    let raced = callers.into_iter().map(|caller| caller.join().unwrap());
    (raced.collect(), after)
}

#[test]
fn a_delete_all_racing_with_misses_is_never_lost() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE)]
    fn of() -> u64 {
        let read = SOURCE.load(SeqCst);
        thread::yield_now();
        read
    }
    let invalidations: [fn(); 3] = [
        || delete_all_memoized_of().unwrap(),
        || assert!(delete_memoized_of().is_ok()),
        || CACHE.clear().wait().unwrap(),
    ];
    ends(move || {
        for round in 0..600_u64 {
            let version = round + 1;
            let invalidate = invalidations[usize::try_from(round % 3).unwrap()];
            let (raced, after) = race(&SOURCE, of, invalidate, version);
            assert!(raced.iter().all(|seen| *seen + 1 >= version));
            assert_eq!(after, version, "stale in round {round}");
            assert_eq!(of(), version, "stale later in round {round}");
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delete_all_racing_with_tasks_is_never_lost() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE)]
    async fn of() -> u64 {
        let read = SOURCE.load(SeqCst);
        tokio::task::yield_now().await;
        read
    }
    for round in 0..600 {
        let callers: Vec<_> = (0..4).map(|_| tokio::spawn(of())).collect();
        SOURCE.store(round + 1, SeqCst);
        match round % 3 {
            0 => delete_all_memoized_of().await.unwrap(),
            1 => assert!(delete_memoized_of().await.is_ok()),
            _ => CACHE.clear().await.unwrap(),
        }
        assert_eq!(of().await, round + 1, "stale in round {round}");
        for caller in callers {
            caller.await.unwrap();
        }
        assert_eq!(of().await, round + 1, "stale later in round {round}");
    }
}

#[test]
fn a_stale_value_that_was_refused_is_counted() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        delete_memoized_of(n).unwrap();
        n
    }
    #[memoize(cache = CACHE)]
    fn group(n: u64) -> u64 {
        delete_all_memoized_group().unwrap();
        n
    }
    assert_eq!((of(1), of(1), group(1), group(1)), (1, 1, 1, 1));
    let stats = CACHE.stats();
    assert_eq!((stats.stale_prevented, stats.stores, stats.hits), (4, 0, 0));
    assert_eq!(CACHE.in_flight(), 0);
}

#[test]
fn a_dropped_reply_does_not_take_an_invalidation_back() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    of(1);
    drop(memoized_of(1).delete());
    assert_eq!(of(1), 201);
    drop(CACHE.clear());
    assert_eq!(of(1), 301);
}

#[test]
fn keys_of_a_group_that_was_forgotten_do_not_pile_up() {
    static CACHE: LazyLock<Cache> = LazyLock::new(|| {
        let memory = larder::backends::Memory::new(100);
        Cache::builder().backend(memory).build().unwrap()
    });
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        n
    }
    for n in 0..5_000 {
        of(n);
        if n % 50 == 0 {
            delete_all_memoized_of().unwrap();
        }
    }
    let kept = (0..5_000).filter(|n| memoized_of(*n).get().wait().unwrap().is_some());
    assert!(kept.count() <= 100);
}
