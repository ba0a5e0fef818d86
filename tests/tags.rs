//! Law: entries with a tag are forgotten together, across functions, in O(1).

mod common;

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Barrier, LazyLock};
use std::thread;

use common::Runs;
use common::shelf::Shelf;
use larder::{Cache, Result, cached, memoize};

static SHARED: LazyLock<Cache> = LazyLock::new(|| Shelf::default().cache("tags:"));

/// The same functions over a store that keeps objects and over one that keeps bytes.
macro_rules! over {
    ($name:ident, $cache:expr) => {
        mod $name {
            use super::*;

            static CACHE: LazyLock<Cache> = LazyLock::new(|| $cache);
            static RUNS: Runs = Runs::new();

            #[memoize(cache = CACHE, tags = [format!("user:{user}"), "profiles"])]
            fn profile(user: u64) -> u64 {
                RUNS.count() * 100 + user
            }

            #[memoize(cache = CACHE, tags = [format!("user:{user}")])]
            async fn orders(user: u64, _page: u8) -> Option<u64> {
                Some(RUNS.count() * 100 + user)
            }

            #[test]
            fn a_tag_is_forgotten_across_functions_and_nothing_else() -> Result<()> {
                let both = |user| {
                    let orders = futures::executor::block_on(orders(user, 1));
                    (profile(user), orders)
                };
                let (one, two) = (both(1), both(2));
                assert_eq!((both(1), both(2)), (one, two));
                CACHE.invalidate_tag("user:1").wait()?;
                assert_ne!(both(1).0, one.0);
                assert_ne!(both(1).1, one.1);
                assert_eq!(both(2), two);
                let kept = both(1).1;
                CACHE.invalidate_tag("profiles").wait()?;
                assert_ne!(both(2).0, two.0);
                assert_eq!(both(1).1, kept);
                Ok(())
            }

            #[test]
            fn a_tag_that_nothing_has_is_fine() -> Result<()> {
                CACHE.invalidate_tag("nobody").wait()
            }
        }
    };
}

over!(in_memory, common::cache());
over!(in_bytes, SHARED.clone());

#[test]
fn an_entry_that_is_put_has_its_tags() -> Result<()> {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    #[memoize(cache = CACHE, tags = [n])]
    fn number(n: u64) -> u64 {
        n
    }
    memoized_number(4).put(&40, 60).wait()?;
    assert_eq!(number(4), 40);
    CACHE.invalidate_tag("4").wait()?;
    assert_eq!(number(4), 4);
    Ok(())
}

#[test]
fn a_function_without_arguments_can_have_tags() -> Result<()> {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static RUNS: Runs = Runs::new();
    #[cached(cache = CACHE, key_prefix = "homepage", tags = ["pages"])]
    fn home() -> u64 {
        RUNS.count()
    }
    assert_eq!((home(), home()), (1, 1));
    assert_eq!(CACHE.get::<u64>("homepage").wait()?, Some(1));
    CACHE.invalidate_tag("pages").wait()?;
    assert_eq!(CACHE.get::<u64>("homepage").wait()?, None);
    assert_eq!(home(), 2);
    Ok(())
}

#[test]
fn a_tag_that_is_invalidated_during_the_computation_wins() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE, tags = ["source"])]
    fn read(n: u64) -> u64 {
        let value = SOURCE.load(SeqCst);
        thread::yield_now();
        value + n
    }
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..2_000).for_each(|_| assert!(read(0) <= SOURCE.load(SeqCst))));
        }
        for _ in 0..2_000 {
            let version = SOURCE.fetch_add(1, SeqCst) + 1;
            CACHE.invalidate_tag("source").wait().unwrap();
            assert_eq!(read(0), version);
        }
    });
}

/// Three levels, so that a value made of old values would survive one level up.
#[test]
fn nested_functions_with_one_tag_are_fresh_together() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    #[memoize(cache = CACHE, tags = ["prices"])]
    fn price() -> u64 {
        SOURCE.load(SeqCst)
    }
    #[memoize(cache = CACHE, tags = ["prices"])]
    fn total() -> u64 {
        price()
    }
    #[memoize(cache = CACHE, tags = ["prices"])]
    fn report() -> u64 {
        total()
    }
    thread::scope(|scope| {
        scope.spawn(|| (0..20_000).for_each(|_| assert!(report() <= SOURCE.load(SeqCst))));
        for round in 0..2_000 {
            let version = SOURCE.fetch_add(1, SeqCst) + 1;
            if round % 2 == 0 {
                CACHE.invalidate_tag("prices").wait().unwrap();
            } else {
                CACHE.clear().wait().unwrap();
            }
            assert_eq!(report(), version);
        }
    });
}

/// A computation that another key of tags joins is void for it as well.
#[test]
fn a_flight_with_an_invalidated_tag_is_joined_by_nobody() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    static SOURCE: AtomicU64 = AtomicU64::new(0);
    static GATE: Barrier = Barrier::new(2);
    #[memoize(cache = CACHE, key = n, tags = [tag])]
    fn read(n: u64, tag: &str) -> u64 {
        let value = SOURCE.load(SeqCst);
        if n == 1 && value == 0 {
            GATE.wait();
            GATE.wait();
        }
        value
    }
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(read(1, "x"), 0));
        GATE.wait();
        SOURCE.store(1, SeqCst);
        CACHE.invalidate_tag("x").wait().unwrap();
        let joined = scope.spawn(|| read(1, "y"));
        let fresh = joined.join().unwrap();
        GATE.wait();
        assert_eq!(fresh, 1, "the call started after the invalidation");
    });
}

#[test]
fn what_was_set_by_hand_is_forgotten_with_the_tag_of_the_function() -> Result<()> {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    #[cached(cache = CACHE, key_prefix = "page", tags = ["news"])]
    fn page() -> u64 {
        1
    }
    CACHE.set("page", &77_u64, 60).wait()?;
    assert_eq!(page(), 77);
    CACHE.set("page", &78_u64, 60).wait()?;
    CACHE.invalidate_tag("news").wait()?;
    assert_eq!(page(), 1);
    Ok(())
}
