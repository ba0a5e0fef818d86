//! Law: a scope holds for every cached call made inside, through awaits and nested calls, and for
//! nothing else.

mod common;

use std::sync::LazyLock;

use common::{Runs, panics};
use larder::backends::Null;
use larder::{Cache, memoize, scope};

static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);

#[test]
fn bypass_neither_reads_nor_keeps() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!(scope::bypass_sync(|| (of(1), of(1))), (101, 201));
    assert_eq!(memoized_of(1).get().wait().unwrap(), None);
    assert_eq!(
        (of(1), scope::bypass_sync(|| of(1)), of(1)),
        (301, 401, 301)
    );
}

#[test]
fn refresh_does_not_read_but_keeps() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    assert_eq!(
        (of(1), scope::refresh_sync(|| of(1)), of(1)),
        (101, 201, 201)
    );
    assert_eq!((scope::refresh_sync(|| of(2)), of(2)), (302, 302));
}

#[test]
fn a_scope_holds_for_nested_calls() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn inner(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    #[memoize(cache = CACHE)]
    fn outer(n: u64) -> u64 {
        inner(n)
    }
    assert_eq!((outer(1), outer(1)), (101, 101));
    assert_eq!(scope::bypass_sync(|| outer(1)), 201);
    assert_eq!((outer(1), inner(1)), (101, 101));
    assert_eq!(scope::refresh_sync(|| outer(1)), 301);
    assert_eq!((outer(1), inner(1)), (301, 301));
}

#[test]
fn with_cache_serves_whatever_cache_is_named() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    #[memoize(cache = CACHE)]
    fn over(n: u64) -> u64 {
        of(n)
    }
    let (one, two) = (common::cache(), common::cache());
    assert_eq!(of(1), 101);
    assert_eq!(
        scope::with_cache_sync(&one, || (of(1), over(1))),
        (201, 201)
    );
    scope::with_cache_sync(&two, || {
        assert_eq!(of(1), 301);
        assert_eq!(
            scope::with_cache_sync(&one, || of(1)),
            201,
            "the innermost counts"
        );
        assert_eq!(of(1), 301);
        assert!(
            delete_memoized_of(1).unwrap(),
            "siblings are in the scope as well"
        );
        assert_eq!(memoized_of(1).get().wait().unwrap(), None);
        delete_all_memoized_of().unwrap();
    });
    assert_eq!(of(1), 101);
    assert_eq!(scope::with_cache_sync(&one, || of(1)), 201);
    let nothing = Cache::builder().backend(Null).build().unwrap();
    assert_eq!(
        scope::with_cache_sync(&nothing, || (of(1), of(1))),
        (401, 501)
    );
}

#[test]
fn scopes_nest_and_the_innermost_counts() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    let other = common::cache();
    assert_eq!(of(1), 101);
    scope::bypass_sync(|| {
        scope::with_cache_sync(&other, || assert_eq!(of(1), 201));
        scope::refresh_sync(|| assert_eq!(of(1), 301));
        assert_eq!(of(1), 401);
    });
    assert_eq!(of(1), 301);
    assert_eq!(
        scope::with_cache_sync(&other, || of(1)),
        501,
        "the bypass kept nothing there"
    );
}

#[test]
fn a_panic_ends_a_scope() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    let other = common::cache();
    of(1);
    assert!(panics(|| scope::bypass_sync(|| panic!("on purpose"))));
    assert!(panics(|| scope::with_cache_sync(&other, || panic!(
        "on purpose"
    ))));
    assert_eq!(of(1), 101);
}

#[test]
fn a_scope_ends_with_its_thread_of_work() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        RUNS.count() * 100 + n
    }
    of(1);
    scope::bypass_sync(|| {
        let outside = std::thread::spawn(|| of(1)).join().unwrap();
        assert_eq!(outside, 101, "what the code spawns is outside");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scope_goes_with_its_future_from_thread_to_thread() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        tokio::task::yield_now().await;
        RUNS.count() * 100 + n
    }
    assert_eq!(of(1).await, 101);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(async {
                let other = common::cache();
                scope::with_cache(&other, async {
                    let first = of(1).await;
                    for _ in 0..50 {
                        tokio::task::yield_now().await;
                        assert_eq!(of(1).await, first);
                    }
                    assert_ne!(first, 101);
                })
                .await;
                assert_eq!(of(1).await, 101, "outside again");
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(RUNS.so_far(), 9);
}

#[tokio::test]
async fn scopes_of_two_futures_in_one_task_do_not_mix() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    async fn of(n: u64) -> u64 {
        tokio::task::yield_now().await;
        RUNS.count() * 100 + n
    }
    of(1).await;
    let inside = scope::bypass(async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
            assert_ne!(of(1).await, 101);
        }
    });
    let outside = async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
            assert_eq!(of(1).await, 101);
        }
    };
    futures::join!(inside, outside);
    assert_eq!(scope::refresh(of(1)).await, 1_201);
    assert_eq!(of(1).await, 1_201);
}

#[test]
fn computing_under_a_manual_key_heeds_bypass_and_refresh() {
    let cache = common::cache();
    let compute = |value: u64| cache.get_or_compute_with("key", 60, move || value).wait();
    assert_eq!(scope::bypass_sync(|| compute(1)), 1);
    assert!(!cache.has("key").wait().unwrap());
    assert_eq!((compute(2), compute(3)), (2, 2));
    assert_eq!((scope::refresh_sync(|| compute(4)), compute(5)), (4, 4));
}

#[test]
fn a_scope_holds_for_a_computation_that_was_asked_for_outside() {
    let cache = common::cache();
    let get = |value: u64| cache.get_or_compute("k", 60, async move { value });
    assert_eq!(futures::executor::block_on(get(1)), 1);
    assert_eq!(futures::executor::block_on(scope::bypass(get(2))), 2);
    assert_eq!(futures::executor::block_on(get(3)), 1);
    assert_eq!(futures::executor::block_on(scope::refresh(get(4))), 4);
    assert_eq!(futures::executor::block_on(get(5)), 4);
}
