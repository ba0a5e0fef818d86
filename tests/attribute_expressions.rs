//! Law: an argument of an attribute is an expression like any other.

mod common;

use std::sync::LazyLock;

use common::Runs;
use larder::{Cache, memoize};

static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);

#[test]
fn a_cache_may_be_chosen_by_if_and_by_match() {
    static FIRST: LazyLock<Cache> = LazyLock::new(common::cache);
    static OTHER: LazyLock<Cache> = LazyLock::new(common::cache);
    #[memoize(cache = if n == 0 { &*FIRST } else { &*OTHER })]
    fn by_if(n: u64) -> u64 {
        n
    }
    #[memoize(cache = match n { 0 => &*FIRST, _ => &*OTHER })]
    async fn by_match(n: u64) -> u64 {
        n
    }
    assert_eq!((by_if(0), by_if(1)), (0, 1));
    assert_eq!(futures::executor::block_on(by_match(1)), 1);
    assert_eq!((FIRST.stats().misses, OTHER.stats().misses), (1, 2));
    assert!(delete_memoized_by_if(1).unwrap());
}

#[test]
fn a_cache_may_be_made_on_the_spot() {
    fn current() -> Cache {
        CACHE.clone()
    }
    #[memoize(cache = current())]
    fn of(n: u64) -> u64 {
        n
    }
    #[memoize(cache = current())]
    async fn later(n: u64) -> u64 {
        tokio::task::yield_now().await;
        n
    }
    assert_eq!((of(1), of(1)), (1, 1));
    assert_eq!(futures::executor::block_on(later(1)), 1);
    assert!(delete_memoized_of(1).unwrap());
    assert!(futures::executor::block_on(delete_memoized_later(1)).unwrap());
    delete_all_memoized_of().unwrap();
}

#[test]
fn a_function_may_be_written_in_a_macro() {
    macro_rules! cached_function {
        ($($function:tt)*) => {
            #[memoize(cache = CACHE)]
            $($function)*
        };
    }
    cached_function! {
        fn of(n: u64, text: &str) -> String {
            format!("{text}{n}")
        }
    }
    assert_eq!((of(1, "a"), of(1, "a")), ("a1".into(), "a1".into()));
    assert!(delete_memoized_of(1, "a").unwrap());
}

#[test]
fn a_label_may_name_a_raw_parameter() {
    #[memoize(cache = CACHE, skip(r#type), key_prefix = format!("{type}"))]
    fn of(r#type: u64, n: u64) -> u64 {
        r#type + n
    }
    assert_eq!(of(1, 2), 3);
    assert!(delete_memoized_of(1, 2).unwrap());
}

#[test]
fn a_hook_may_be_called_value() {
    static RUNS: Runs = Runs::new();
    #[allow(clippy::trivially_copy_pass_by_ref)] // a hook takes a reference
    fn value(n: &u64) -> bool {
        *n > 1
    }
    #[memoize(cache = CACHE, cache_if = value)]
    fn of(n: u64) -> u64 {
        RUNS.count();
        n
    }
    assert_eq!((of(1), of(1), of(2), of(2)), (1, 1, 2, 2));
    assert_eq!(RUNS.so_far(), 3);
}

struct State {
    cache: Cache,
    name: String,
}

impl State {
    fn into_name(self) -> String {
        self.name
    }
}

#[test]
fn the_cache_of_a_state_that_the_body_consumes() {
    #[memoize(cache = state.cache.clone(), skip(state))]
    fn of(state: State, n: u64) -> String {
        format!("{}{n}", state.into_name())
    }
    #[memoize(cache = state.cache.clone(), skip(state))]
    async fn later(state: State, n: u64) -> String {
        tokio::task::yield_now().await;
        format!("{}{n}", state.into_name())
    }
    let state = || State {
        cache: CACHE.clone(),
        name: "x".into(),
    };
    assert_eq!(of(state(), 1), "x1");
    assert_eq!(futures::executor::block_on(later(state(), 1)), "x1");
    assert!(delete_memoized_of(state(), 1).unwrap());
}

#[test]
fn a_label_may_be_an_owned_parameter() {
    #[memoize(cache = CACHE, key_prefix = tenant)]
    fn of(tenant: String, n: u64) -> String {
        tenant + &n.to_string()
    }
    assert_eq!(of("a".into(), 1), "a1");
    assert_eq!(of("a".into(), 1), "a1");
    assert!(delete_memoized_of("a".into(), 1).unwrap());
}
