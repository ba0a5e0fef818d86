//! Law: what is kept follows from what is returned: values, `Ok`, `Some`; never an error instead of
//! a value.
#![allow(clippy::unnecessary_wraps)] // what a function returns is what is tested

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{Runs, Timed, timed};
use larder::{ErrorKind, memoize, scope};
use serde::{Deserialize, Serialize};

/// Has no bounds at all, as most errors.
#[derive(Debug, PartialEq)]
struct Opaque(&'static str);

/// May be kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Mild(String);

type Outcome<T> = Result<T, Opaque>;
type Found<T> = Outcome<Option<T>>;
type Perhaps = Option<u64>;

#[test]
fn a_value_is_kept() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(n: u64) -> Vec<u64> {
        RUNS.count();
        vec![n]
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!((of(1), of(1)), (vec![1], vec![1]));
    });
    assert_eq!(RUNS.so_far(), 1);
}

#[test]
fn an_error_is_not_kept() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(n: u64) -> Result<u64, Opaque> {
        match RUNS.count() {
            1 | 2 => Err(Opaque("not yet")),
            _ => Ok(n),
        }
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!(of(7), Err(Opaque("not yet")));
        assert_eq!(memoized_of(7).get().wait().unwrap(), None);
        assert_eq!(of(7), Err(Opaque("not yet")));
        assert_eq!((of(7), of(7)), (Ok(7), Ok(7)));
    });
    assert_eq!(RUNS.so_far(), 3);
    assert_eq!(timed.cache.stats().stores, 1);
}

#[test]
fn an_error_behind_an_alias_is_not_kept() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(n: u64) -> Outcome<u64> {
        match RUNS.count() {
            1 => Err(Opaque("not yet")),
            _ => Ok(n),
        }
    }
    #[memoize]
    fn found(n: u64) -> Found<u64> {
        Ok((RUNS.count() > 5).then_some(n))
    }
    #[memoize]
    fn io(n: u64) -> std::io::Result<u64> {
        match RUNS.count() {
            7 => Err(std::io::Error::other("not yet")),
            _ => Ok(n),
        }
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert!(of(7).is_err());
        assert_eq!((of(7), of(7)), (Ok(7), Ok(7)));
        assert_eq!(RUNS.so_far(), 2);
        assert_eq!(
            [found(1), found(1), found(1)],
            [Ok(None), Ok(None), Ok(None)]
        );
        assert_eq!([found(1), found(1)], [Ok(Some(1)), Ok(Some(1))]);
        assert_eq!(RUNS.so_far(), 6);
        assert!(io(1).is_err());
        assert!(io(1).is_ok() && io(1).is_ok());
        assert_eq!(RUNS.so_far(), 8);
    });
}

#[test]
fn none_is_not_kept() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(n: u64) -> Option<u64> {
        (RUNS.count() > 2).then_some(n)
    }
    #[memoize]
    fn alias(n: u64) -> Perhaps {
        (RUNS.count() > 5).then_some(n)
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!([of(7), of(7), of(7), of(7)], [None, None, Some(7), Some(7)]);
        assert_eq!(RUNS.so_far(), 3);
        assert_eq!(
            [alias(7), alias(7), alias(7), alias(7)],
            [None, None, Some(7), Some(7)]
        );
        assert_eq!(RUNS.so_far(), 6);
    });
}

#[test]
fn none_in_a_result_is_not_kept() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(n: u64) -> Result<Option<u64>, Opaque> {
        match RUNS.count() {
            1 => Err(Opaque("not yet")),
            2 => Ok(None),
            _ => Ok(Some(n)),
        }
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!(of(7), Err(Opaque("not yet")));
        assert_eq!([of(7), of(7), of(7)], [Ok(None), Ok(Some(7)), Ok(Some(7))]);
    });
    assert_eq!(RUNS.so_far(), 3);
}

#[test]
fn cache_none_keeps_none_as_long_as_a_value() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache_none, timeout = 60)]
    fn of(n: u64) -> Option<u64> {
        (RUNS.count() > 1).then_some(n)
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!([of(7), of(7)], [None, None]);
        assert_eq!(memoized_of(7).get().wait().unwrap(), Some(None));
        timed.pass(59_999);
        assert_eq!(of(7), None);
        timed.pass(1);
        assert_eq!([of(7), of(7)], [Some(7), Some(7)]);
    });
    assert_eq!(RUNS.so_far(), 2);
}

#[test]
fn cache_none_may_have_a_timeout_of_its_own() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache_none = 5, timeout = 60)]
    fn of(n: u64) -> Result<Option<u64>, Opaque> {
        match RUNS.count() {
            1 => Ok(None),
            2 => Err(Opaque("down")),
            _ => Ok(Some(n)),
        }
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!([of(7), of(7)], [Ok(None), Ok(None)]);
        timed.pass(5_000);
        assert_eq!(of(7), Err(Opaque("down")));
        assert_eq!(of(7), Ok(Some(7)));
        timed.pass(59_000);
        assert_eq!(of(7), Ok(Some(7)), "a value has the value's timeout");
    });
    assert_eq!(RUNS.so_far(), 3);
}

#[test]
fn cache_err_keeps_errors_for_a_while() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache_err = 5, timeout = 60)]
    fn of(n: u64) -> Result<u64, Mild> {
        match RUNS.count() {
            1 => Err(Mild("down".into())),
            _ => Ok(n),
        }
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!(
            [of(7), of(7)],
            [Err(Mild("down".into())), Err(Mild("down".into()))]
        );
        timed.pass(4_999);
        assert!(of(7).is_err());
        timed.pass(1);
        assert_eq!([of(7), of(7)], [Ok(7), Ok(7)]);
        timed.pass(59_999);
        assert_eq!(of(7), Ok(7), "a value has the value's timeout");
    });
    assert_eq!(RUNS.so_far(), 2);
}

#[test]
fn cache_err_and_cache_none_go_together() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache_err = "500ms", cache_none = 5, timeout = 60)]
    fn of(n: u64) -> Result<Option<u64>, Mild> {
        match RUNS.count() {
            1 => Err(Mild("down".into())),
            2 => Ok(None),
            _ => Ok(Some(n)),
        }
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!([of(7).is_err(), of(7).is_err()], [true, true]);
        timed.pass(500);
        assert_eq!([of(7), of(7)], [Ok(None), Ok(None)]);
        timed.pass(5_000);
        assert_eq!([of(7), of(7)], [Ok(Some(7)), Ok(Some(7))]);
    });
    assert_eq!(RUNS.so_far(), 3);
}

/// What a function with a source that can fail keeps through a `refresh`.
fn broken_refresh(timed: &Timed, of: impl Fn(bool) -> bool, kept: impl Fn() -> bool) {
    scope::with_cache_sync(&timed.cache, || {
        assert!(of(false));
        assert!(!of(true), "the refresh fails and says so");
        assert!(kept(), "the value is still there");
        assert!(of(false));
    });
}

#[test]
fn an_error_never_replaces_a_kept_value() {
    static DOWN: AtomicBool = AtomicBool::new(false);
    #[memoize(refresh = again, skip(again))]
    fn of(n: u64, again: bool) -> Result<u64, Opaque> {
        if again { Err(Opaque("down")) } else { Ok(n) }
    }
    #[memoize(refresh = again, skip(again))]
    fn option(n: u64, again: bool) -> Option<u64> {
        (!again).then_some(n)
    }
    broken_refresh(
        &timed(),
        |again| of(1, again).is_ok(),
        || memoized_of(1).get().wait().unwrap() == Some(Ok(1)),
    );
    broken_refresh(
        &timed(),
        |again| option(1, again).is_some(),
        || memoized_option(1).get().wait().unwrap() == Some(Some(1)),
    );
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!(of(1, false), Ok(1));
        let refreshed = scope::refresh_sync(|| of(1, DOWN.load(Ordering::SeqCst)));
        assert_eq!(refreshed, Ok(1));
    });
}

#[test]
fn a_kept_error_never_replaces_a_kept_value_either() {
    #[memoize(refresh = again, skip(again), cache_err = 5, timeout = 60)]
    fn of(n: u64, again: bool) -> Result<u64, Mild> {
        if again {
            Err(Mild("down".into()))
        } else {
            Ok(n)
        }
    }
    broken_refresh(
        &timed(),
        |again| of(1, again).is_ok(),
        || memoized_of(1).get().wait().unwrap() == Some(Ok(1)),
    );
}

#[test]
fn an_error_after_is_stale_leaves_the_value() {
    static RUNS: Runs = Runs::new();
    static STALE: AtomicBool = AtomicBool::new(false);
    #[memoize(is_stale = |_| STALE.load(Ordering::SeqCst))]
    fn of(n: u64) -> Result<u64, Opaque> {
        match RUNS.count() {
            2 => Err(Opaque("down")),
            _ => Ok(n),
        }
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        assert_eq!(of(7), Ok(7));
        STALE.store(true, Ordering::SeqCst);
        assert_eq!(of(7), Err(Opaque("down")));
        STALE.store(false, Ordering::SeqCst);
        assert_eq!(of(7), Ok(7), "the kept value survives the failure");
    });
    assert_eq!(RUNS.so_far(), 2);
}

#[test]
fn a_put_takes_what_the_function_keeps_and_nothing_else() {
    #[memoize]
    fn result(n: u64) -> Result<Option<u64>, Opaque> {
        Ok(Some(n))
    }
    #[memoize(cache_none, cache_err = 5)]
    fn lenient(n: u64) -> Result<Option<u64>, Mild> {
        Ok(Some(n))
    }
    let timed = timed();
    scope::with_cache_sync(&timed.cache, || {
        for refused in [Err(Opaque("x")), Ok(None)] {
            let error = memoized_result(1).put(&refused, 60).wait().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Refused);
        }
        memoized_result(1).put(&Ok(Some(5)), 60).wait().unwrap();
        assert_eq!(result(1), Ok(Some(5)));
        for taken in [Err(Mild("x".into())), Ok(None), Ok(Some(5))] {
            memoized_lenient(1).put(&taken, 60).wait().unwrap();
            assert_eq!(lenient(1), taken);
        }
    });
}

#[test]
fn what_is_kept_comes_back_as_it_went_in() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Unit,
        Named {
            name: String,
            sides: Option<Vec<f64>>,
        },
    }
    type Everything = (
        i128,
        f64,
        bool,
        Vec<u8>,
        String,
        Vec<Shape>,
        std::sync::Arc<u8>,
    );
    fn everything() -> Everything {
        let shape = Shape::Named {
            name: "größe".into(),
            sides: Some(vec![-0.0, 1e300]),
        };
        let shapes = vec![Shape::Unit, shape];
        (
            -1,
            f64::MIN_POSITIVE,
            true,
            vec![0, 255],
            "\0é".into(),
            shapes,
            7.into(),
        )
    }
    #[memoize(key_prefix = "all")]
    fn of(n: u64) -> Everything {
        let _ = n;
        everything()
    }
    #[memoize]
    fn float(n: u64) -> f64 {
        f64::from_bits(n)
    }
    #[memoize]
    fn large(n: u8) -> Vec<u8> {
        vec![n; 16 << 20]
    }
    let shelf = common::shelf::Shelf::default();
    for cache in [timed().cache, shelf.cache("p:")] {
        scope::with_cache_sync(&cache, || {
            assert_eq!((of(1), of(1)), (everything(), everything()));
            for bits in [f64::NAN.to_bits() | 1, (-0.0_f64).to_bits()] {
                assert_eq!((float(bits).to_bits(), float(bits).to_bits()), (bits, bits));
            }
            assert!(large(7) == vec![7; 16 << 20] && large(7) == vec![7; 16 << 20]);
        });
        assert_eq!(cache.stats().hits, 4);
        assert_eq!(cache.stats().errors, 0);
    }
}

#[tokio::test]
async fn async_functions_keep_the_same() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache_err = 5)]
    async fn mild(n: u64) -> Result<u64, Mild> {
        match RUNS.count() {
            1 => Err(Mild("down".into())),
            _ => Ok(n),
        }
    }
    #[memoize]
    async fn found(n: u64) -> Found<u64> {
        tokio::task::yield_now().await;
        match RUNS.count() {
            3 => Err(Opaque("down")),
            4 => Ok(None),
            _ => Ok(Some(n)),
        }
    }
    let timed = timed();
    scope::with_cache(&timed.cache, async {
        assert!(mild(1).await.is_err() && mild(1).await.is_err());
        timed.pass(5_000);
        assert_eq!((mild(1).await, mild(1).await), (Ok(1), Ok(1)));
        assert_eq!(RUNS.so_far(), 2);
        assert!(found(1).await.is_err());
        assert_eq!(found(1).await, Ok(None));
        assert_eq!((found(1).await, found(1).await), (Ok(Some(1)), Ok(Some(1))));
        assert_eq!(RUNS.so_far(), 5);
    })
    .await;
}
