//! Law: the attributes take whatever function Rust takes, and change nothing about it.
// What a function takes, and how it is written, is what is tested.
#![allow(
    clippy::needless_arbitrary_self_type,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    clippy::type_complexity
)]

mod common;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::sync::{Arc, LazyLock};

use common::Runs;
use larder::{Cache, cached, memoize};
use serde::{Deserialize, Serialize};

static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);

#[test]
fn borrowed_arguments() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn of<'a>(
        text: &'a str,
        items: &[u8],
        maybe: Option<&String>,
        nested: &&'a u8,
        array: &[u8; 3],
        owned: Cow<'_, str>,
        list: &Vec<&'a str>,
    ) -> usize {
        RUNS.count();
        let sum = text.len() + items.len() + maybe.map_or(0, String::len) + owned.len();
        sum + usize::from(**nested) + array.len() + list.len()
    }
    let x = "x".to_owned();
    for _ in 0..2 {
        let three = [1, 2, 3];
        assert_eq!(
            of("ab", &[1], Some(&x), &&4, &three, "own".into(), &vec!["l"]),
            15
        );
    }
    assert_eq!(RUNS.so_far(), 1);
    assert!(
        delete_memoized_of(
            "ab",
            &[1],
            Some(&x),
            &&4,
            &[1, 2, 3],
            "own".into(),
            &vec!["l"]
        )
        .unwrap()
    );
}

#[test]
fn lifetimes_of_what_is_not_in_the_key() {
    struct Db<'a>(&'a str);
    #[memoize(cache = CACHE, skip(db))]
    fn of<'db, 'a: 'db>(db: &'db Db<'a>, n: u64) -> String {
        format!("{}{n}", db.0)
    }
    let name = "db".to_owned();
    assert_eq!(of(&Db(&name), 1), "db1");
    assert!(delete_memoized_of(1).unwrap());
}

#[test]
fn generic_functions_with_where_clauses() {
    #[memoize(cache = CACHE)]
    fn of<T, I, const N: usize>(items: I, fallback: T) -> Vec<T>
    where
        T: Clone + Serialize + for<'de> Deserialize<'de> + Send + Sync + 'static,
        I: IntoIterator<Item = T> + Serialize,
    {
        items
            .into_iter()
            .chain(std::iter::repeat(fallback))
            .take(N)
            .collect()
    }
    assert_eq!(of::<_, _, 3>(vec![1_u8], 7), [1, 7, 7]);
    assert_eq!(
        of::<_, _, 2>(vec!["a".to_owned()], "b".to_owned()),
        ["a", "b"]
    );
    assert!(delete_memoized_of::<_, _, 3>(vec![1_u8], 7_u8).unwrap());
}

#[test]
fn a_generic_result_and_a_generic_option() {
    static RUNS: Runs = Runs::new();
    trait Source {
        type Error: Debug;
        fn read() -> Result<u64, Self::Error>;
    }
    struct Good;
    impl Source for Good {
        type Error = std::convert::Infallible;
        fn read() -> Result<u64, Self::Error> {
            Ok(RUNS.count())
        }
    }
    #[memoize(cache = CACHE)]
    fn of<S: Source>() -> Result<u64, S::Error> {
        S::read()
    }
    #[memoize(cache = CACHE)]
    fn first<T>(items: &[T]) -> Option<T>
    where
        T: Clone + Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        RUNS.count();
        items.first().cloned()
    }
    assert_eq!((of::<Good>(), of::<Good>()), (Ok(1), Ok(1)));
    assert_eq!((first::<u8>(&[]), first::<u8>(&[])), (None, None));
    assert_eq!(RUNS.so_far(), 3);
    assert_eq!((first(&[5_u8]), first(&[5_u8])), (Some(5), Some(5)));
    assert_eq!(RUNS.so_far(), 4);
}

#[test]
fn impl_trait_arguments() {
    #[memoize(cache = CACHE)]
    fn of(name: impl AsRef<str> + Serialize, n: impl Into<u64> + Copy + Serialize) -> String {
        format!("{}{}", name.as_ref(), n.into())
    }
    assert_eq!(of("a", 1_u8), "a1");
    assert_eq!(of("a".to_owned(), 1_u32), "a1");
    assert!(delete_memoized_of("a", 1_u8).unwrap());
}

#[test]
fn patterns_as_parameters() {
    struct Path<T>(T);
    struct State {
        limit: u64,
    }
    #[memoize(cache = CACHE, skip(limit))]
    fn of(
        Path(id): Path<u64>,
        State { limit }: State,
        (a, [b, ..]): (u8, [u8; 3]),
        _: &str,
    ) -> u64 {
        id + limit + u64::from(a) + u64::from(b)
    }
    assert_eq!(of(Path(1), State { limit: 10 }, (2, [3, 4, 5]), "x"), 16);
    assert_eq!(
        of(Path(1), State { limit: 99 }, (2, [3, 0, 0]), "y"),
        16,
        "a hit"
    );
    assert!(delete_memoized_of(Path(1), (2, [3, 9, 9])).unwrap());
}

#[test]
fn mutable_arguments() {
    #[memoize(cache = CACHE)]
    fn of(mut n: u64, mut items: Vec<u64>) -> Vec<u64> {
        n += 1;
        items.push(n);
        items
    }
    assert_eq!((of(1, vec![0]), of(1, vec![0])), (vec![0, 2], vec![0, 2]));
}

#[test]
fn receivers_of_every_kind() {
    #[derive(Clone, Serialize)]
    struct Unit {
        id: u64,
    }
    impl Unit {
        #[memoize(cache = CACHE)]
        fn by_reference(&self, n: u64) -> u64 {
            self.id + n
        }
        #[memoize(cache = CACHE)]
        fn by_value(self, n: u64) -> u64 {
            let Self { id } = self;
            id + n
        }
        #[memoize(cache = CACHE)]
        fn by_mutable_value(mut self, n: u64) -> u64 {
            self.id += n;
            self.id
        }
        #[memoize(cache = CACHE, skip(self))]
        fn by_arc(self: Arc<Self>, n: u64) -> u64 {
            n.max(self.id)
        }
        #[memoize(cache = CACHE, key = (self.id, n))]
        fn by_arc_with_a_key(self: Arc<Self>, n: u64) -> u64 {
            self.id + n
        }
        #[memoize(cache = CACHE)]
        fn by_box(self: Box<Self>, n: u64) -> u64 {
            self.id + n
        }
        #[memoize(cache = CACHE)]
        fn by_typed_reference(self: &Self, n: u64) -> u64 {
            self.id + n
        }
        #[memoize(cache = CACHE)]
        async fn in_async(&self, n: u64) -> Self {
            Self { id: self.id + n }
        }
        #[memoize(cache = CACHE)]
        fn constructor(n: u64) -> Option<Self> {
            Some(Self { id: n })
        }
    }
    impl<'de> Deserialize<'de> for Unit {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            u64::deserialize(from).map(|id| Self { id })
        }
    }
    let unit = Unit { id: 1 };
    for _ in 0..2 {
        assert_eq!(unit.by_reference(1), 2);
        assert_eq!(unit.clone().by_value(1), 2);
        assert_eq!(unit.clone().by_mutable_value(1), 2);
        assert_eq!(Arc::new(unit.clone()).by_arc(1), 1);
        assert_eq!(Arc::new(unit.clone()).by_arc_with_a_key(1), 2);
        assert_eq!(Box::new(unit.clone()).by_box(1), 2);
        assert_eq!(unit.by_typed_reference(1), 2);
        assert_eq!(futures::executor::block_on(unit.in_async(1)).id, 2);
        assert_eq!(Unit::constructor(3).map(|unit| unit.id), Some(3));
    }
    assert!(Unit::delete_memoized_by_arc(1).unwrap());
    assert!(unit.clone().delete_memoized_by_value(1).unwrap());
    assert!(unit.clone().delete_memoized_by_mutable_value(1).unwrap());
    assert!(
        Arc::new(unit.clone())
            .delete_memoized_by_arc_with_a_key(1)
            .unwrap()
    );
    assert!(unit.delete_memoized_by_reference(1).unwrap());
}

/// A method that has a trait.
trait Fetch {
    fn fetch(&self, n: u64) -> u64;
    fn fetch_later(&self, n: u64) -> impl Future<Output = u64> + Send;
}

struct Source;

impl Fetch for Source {
    #[memoize(cache = CACHE, skip(self), helpers = false)]
    fn fetch(&self, n: u64) -> u64 {
        n + 1
    }

    #[memoize(cache = CACHE, skip(self), helpers = false)]
    async fn fetch_later(&self, n: u64) -> u64 {
        n + 2
    }
}

#[test]
fn methods_of_traits() {
    for _ in 0..2 {
        assert_eq!(Source.fetch(1), 2);
        assert_eq!(futures::executor::block_on(Source.fetch_later(1)), 3);
    }
}

#[async_trait::async_trait]
trait Boxed {
    async fn fetch(&self, n: u64, name: &str) -> Result<String, String>;
    async fn fetch_owned(self: Arc<Self>, n: u64) -> u64;
}

struct BoxedSource {
    runs: Runs,
    cache: Cache,
}

#[async_trait::async_trait]
impl Boxed for BoxedSource {
    #[memoize(cache = self.cache, skip(self), helpers = false, timeout = 60)]
    async fn fetch(&self, n: u64, name: &str) -> Result<String, String> {
        tokio::task::yield_now().await;
        if self.runs.count() == 1 {
            Err("not yet".to_owned())?;
        }
        if n == 0 {
            return Ok("zero".into());
        }
        Ok(format!("{name}{n}"))
    }

    #[memoize(cache = CACHE, skip(self), helpers = false)]
    async fn fetch_owned(self: Arc<Self>, n: u64) -> u64 {
        self.runs.count() + n
    }
}

#[tokio::test]
async fn methods_of_async_traits() {
    let source = Arc::new(BoxedSource {
        runs: Runs::new(),
        cache: common::cache(),
    });
    let boxed: Arc<dyn Boxed + Send + Sync> = source.clone();
    assert!(boxed.fetch(1, "n").await.is_err());
    for _ in 0..2 {
        assert_eq!(boxed.fetch(1, "n").await, Ok("n1".into()));
        assert_eq!(boxed.fetch(0, "n").await, Ok("zero".into()));
    }
    assert_eq!(source.runs.so_far(), 3);
    assert_eq!(tokio::spawn(boxed.fetch_owned(100)).await.unwrap(), 104);
}

#[tokio::test]
async fn futures_can_be_spawned() {
    #[memoize(cache = CACHE)]
    async fn of(n: u64, name: String) -> String {
        tokio::task::yield_now().await;
        format!("{name}{n}")
    }
    assert_eq!(tokio::spawn(of(1, "x".into())).await.unwrap(), "x1");
    assert!(
        tokio::spawn(delete_memoized_of(1, "x".into()))
            .await
            .unwrap()
            .unwrap()
    );
    tokio::spawn(delete_all_memoized_of())
        .await
        .unwrap()
        .unwrap();
}

#[test]
fn a_future_that_stays_on_its_thread_may_be_cached() {
    #[memoize(cache = CACHE, skip(rc))]
    async fn of(rc: std::rc::Rc<u64>, n: u64) -> u64 {
        tokio::task::yield_now().await;
        *rc + n
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(runtime.block_on(of(1.into(), 1)), 2);
}

/// Names of the prelude, and of ours, mean something else here.
mod cache {
    #![allow(
        non_snake_case,
        dead_code,
        non_camel_case_types,
        non_upper_case_globals
    )]

    use larder::memoize;

    pub(crate) struct String;
    pub(crate) struct Vec;
    pub(crate) struct Box;
    pub(crate) struct Option;
    pub(crate) struct Result;
    pub(crate) struct Cache;
    pub(crate) struct Duration;
    pub(crate) struct u64;

    pub(crate) fn Ok(n: i32) -> i32 {
        n
    }
    pub(crate) fn Some(n: i32) -> i32 {
        n
    }
    pub(crate) fn Err(n: i32) -> i32 {
        n
    }
    pub(crate) const None: i32 = 0;
    pub(crate) fn drop(_: i32) {}
    pub(crate) fn panic() {}

    #[memoize(cache = crate::CACHE, timeout = "1h", version = auto, key_prefix = "odd", name = "odd")]
    pub(crate) fn odd(n: i32) -> std::result::Result<std::string::String, i32> {
        std::result::Result::Ok(n.to_string())
    }

    #[memoize(cache = crate::CACHE, cache_none = 5, key_prefix = "{n}".replace("{n}", "label"))]
    pub(crate) async fn even<T: Copy + serde::Serialize>(n: T) -> std::option::Option<i32> {
        let _ = n;
        std::option::Option::None
    }

    #[memoize(cache = crate::CACHE, local, flight = process, cache_err = 5)]
    pub(crate) fn both(n: i32) -> std::result::Result<std::option::Option<i32>, ()> {
        std::result::Result::Ok(std::option::Option::Some(n))
    }
}

mod larder_core {}
mod serde_like {
    #![allow(non_snake_case)]
    use larder::cached;

    #[cached(cache = crate::CACHE)]
    pub(crate) fn Ok(n: u64) -> u64 {
        n
    }
    #[cached(cache = crate::CACHE)]
    pub(crate) fn Some(n: u64) -> u64 {
        n + 1
    }
    #[cached(cache = crate::CACHE)]
    pub(crate) fn String(n: u64) -> u64 {
        n + 2
    }
}

#[test]
fn names_of_the_prelude_may_mean_something_else() {
    for _ in 0..2 {
        assert_eq!(cache::odd(1), Ok("1".into()));
        assert_eq!(futures::executor::block_on(cache::even(2)), None);
        assert_eq!(cache::both(1), Ok(Some(1)));
        assert_eq!(
            (
                serde_like::Ok(1),
                serde_like::Some(1),
                serde_like::String(1)
            ),
            (1, 2, 3)
        );
    }
    assert!(cache::delete_memoized_odd(1).unwrap());
    assert!(futures::executor::block_on(cache::delete_memoized_even(2)).unwrap());
    assert!(cache::delete_memoized_both(1).unwrap());
    assert!(serde_like::delete_memoized_Some(1).unwrap());
    serde_like::delete_all_memoized_String().unwrap();
}

#[test]
fn return_and_question_mark_stay_in_the_body() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn parse(text: &str) -> Result<u64, std::num::ParseIntError> {
        RUNS.count();
        if text.is_empty() {
            return Ok(0);
        }
        let n: u64 = text.parse()?;
        Ok(n)
    }
    #[memoize(cache = CACHE)]
    async fn parse_later(text: &str) -> Option<u64> {
        RUNS.count();
        if text.is_empty() {
            return Some(0);
        }
        let first = text.chars().next()?;
        tokio::task::yield_now().await;
        first.to_digit(10).map(u64::from)
    }
    for _ in 0..2 {
        assert_eq!((parse(""), parse("7")), (Ok(0), Ok(7)));
    }
    assert_eq!(RUNS.so_far(), 2, "a return is kept like any result");
    assert!(parse("x").is_err());
    for _ in 0..2 {
        assert_eq!(futures::executor::block_on(parse_later("")), Some(0));
        assert_eq!(futures::executor::block_on(parse_later("7")), Some(7));
    }
    assert_eq!(RUNS.so_far(), 5);
    assert_eq!(futures::executor::block_on(parse_later("x")), None);
}

#[test]
fn a_body_of_one_diverging_expression() {
    #[memoize(cache = CACHE)]
    fn never(n: u64) -> u64 {
        unimplemented!("{n}")
    }
    #[memoize(cache = CACHE)]
    async fn later(n: u64) -> Result<u64, String> {
        Err(n.to_string())?
    }
    assert!(common::panics(|| never(1)));
    assert_eq!(futures::executor::block_on(later(1)), Err("1".into()));
}

#[test]
fn unit_is_a_value() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn nothing(n: u64) {
        RUNS.count();
        let _ = n;
    }
    #[memoize(cache = CACHE)]
    fn explicit(n: u64) -> () {
        RUNS.count();
        let _ = n;
    }
    #[memoize(cache = CACHE)]
    async fn later(n: u64) {
        RUNS.count();
        let _ = n;
    }
    #[memoize(cache = CACHE)]
    fn fallible(n: u64) -> Result<(), std::fmt::Error> {
        RUNS.count();
        if n == 0 { Err(std::fmt::Error) } else { Ok(()) }
    }
    for _ in 0..2 {
        nothing(1);
        explicit(1);
        futures::executor::block_on(later(1));
        fallible(1).unwrap();
    }
    assert_eq!(RUNS.so_far(), 4);
    assert_eq!(memoized_nothing(1).get().wait().unwrap(), Some(()));
}

#[test]
fn raw_identifiers() {
    #[memoize(cache = CACHE, skip(r#loop))]
    fn r#match(r#type: u64, r#loop: u64) -> u64 {
        r#type.min(r#loop)
    }
    assert_eq!(r#match(1, 2), 1);
    assert!(delete_memoized_match(1).unwrap());
    assert_eq!(memoized_match(1).get().wait().unwrap(), None);
    delete_all_memoized_match().unwrap();
}

mod conditions {
    use larder::memoize;

    #[memoize(cache = crate::CACHE)]
    #[cfg(any())]
    pub(crate) fn of(n: u64) -> DoesNotExist {
        n.into()
    }

    #[memoize(cache = crate::CACHE)]
    #[cfg(not(any()))]
    pub(crate) fn of(n: u64) -> u64 {
        n
    }

    #[cfg(any())]
    #[memoize(cache = crate::CACHE)]
    pub(crate) fn above(n: u64) -> DoesNotExist {
        n.into()
    }

    #[cfg_attr(not(any()), memoize(cache = crate::CACHE))]
    pub(crate) fn conditional(n: u64) -> u64 {
        n
    }
}

#[test]
fn conditions_hold_for_siblings() {
    assert_eq!(conditions::of(1) + conditions::conditional(1), 2);
    assert!(conditions::delete_memoized_of(1).unwrap());
    assert!(conditions::delete_memoized_conditional(1).unwrap());
}

#[test]
#[allow(deprecated)] // the caller's own use
fn other_attributes_are_kept() {
    /// Docs.
    #[memoize(cache = CACHE)]
    #[must_use = "for its value"]
    #[inline]
    #[track_caller]
    #[allow(clippy::similar_names, unused_variables)]
    fn of(n: u64, unused: u64) -> u64 {
        n
    }
    #[allow(deprecated)]
    #[memoize(cache = CACHE)]
    fn with_deprecated(n: Deprecated) -> u64 {
        n.0
    }
    #[allow(non_snake_case)]
    #[memoize(cache = CACHE)]
    fn camelCase(_n: u64) -> u64 {
        1
    }
    #[memoize(cache = CACHE)]
    fn _underscored(_n: u64) -> u64 {
        2
    }
    assert_eq!(
        of(1, 2) + camelCase(1) + _underscored(1) + with_deprecated(Deprecated(1)),
        5
    );
    assert!(delete_memoized_of(1, 2).unwrap());
}

#[deprecated]
#[derive(Serialize)]
#[allow(deprecated)]
struct Deprecated(u64);

#[test]
fn functions_made_by_macros() {
    macro_rules! square {
        ($visibility:vis $name:ident($argument:ident: $input:ty) -> $output:ty, $body:expr, $timeout:literal) => {
            #[memoize(cache = CACHE, timeout = $timeout)]
            $visibility fn $name($argument: $input) -> $output {
                $body
            }
        };
    }
    square!(pub(crate) square(n: u64) -> Result<u64, std::fmt::Error>, Ok(n * n), 60);
    square!(text(n: &str) -> Option<String>, Some(n.repeat(2)), "1h");
    assert_eq!((square(4), square(4)), (Ok(16), Ok(16)));
    assert_eq!(
        (text("a"), text("a")),
        (Some("aa".into()), Some("aa".into()))
    );
    assert!(delete_memoized_square(4).unwrap());
    assert!(delete_memoized_text("a").unwrap());
}

#[test]
fn local_values_need_no_serde() {
    struct Opaque(Box<dyn Fn(u64) -> u64 + Send + Sync>);
    #[memoize(cache = CACHE, local)]
    fn compiled(n: u64) -> Arc<Opaque> {
        Arc::new(Opaque(Box::new(move |m| n * m)))
    }
    #[memoize(cache = CACHE, local, cache_err = 5)]
    fn fallible(n: u64) -> Result<std::time::Instant, Arc<std::io::Error>> {
        let _ = n;
        Ok(std::time::Instant::now())
    }
    /// What is known of `T` is not that it may be shared.
    #[memoize(cache = CACHE, local)]
    fn shared<T: From<u64>>(n: u64) -> Arc<T>
    where
        Arc<T>: larder::LocalValue,
    {
        Arc::new(n.into())
    }
    assert!(Arc::ptr_eq(&shared::<u64>(1), &shared::<u64>(1)));
    let first = compiled(3);
    assert_eq!((first.0)(4), 12);
    assert!(Arc::ptr_eq(&first, &compiled(3)));
    assert_eq!(fallible(1).unwrap(), fallible(1).unwrap());
    assert!(delete_memoized_compiled(3).unwrap());
    memoized_compiled(3).put(&first, 60).wait().unwrap();
    assert!(Arc::ptr_eq(&first, &compiled(3)));
}

#[test]
fn static_references_are_values() {
    #[memoize(cache = CACHE, local)]
    fn name(n: u64) -> &'static str {
        if n == 0 { "none" } else { "some" }
    }
    assert_eq!((name(0), name(1), name(1)), ("none", "some", "some"));
}

#[test]
fn both_attributes_are_one() {
    #[cached(cache = CACHE)]
    fn a(n: u64) -> HashMap<u64, u64> {
        HashMap::from([(n, n)])
    }
    #[larder::memoize(cache = CACHE)]
    fn b(n: u64) -> HashMap<u64, u64> {
        HashMap::from([(n, n)])
    }
    assert_eq!((a(1), a(1)), (b(1), b(1)));
    assert!(delete_memoized_a(1).unwrap() && delete_memoized_b(1).unwrap());
}

#[test]
fn extern_and_unsafe_less_qualifiers() {
    #[memoize(cache = CACHE)]
    extern "C" fn of(n: u64) -> u64 {
        n
    }
    assert_eq!(of(1), 1);
    let pointer: extern "C" fn(u64) -> u64 = of;
    assert_eq!(pointer(1), 1);
}

#[test]
fn a_cached_function_is_still_a_function() {
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        n * 2
    }
    let pointer: fn(u64) -> u64 = of;
    let sum: u64 = (0..10).map(of).chain((0..10).map(pointer)).sum();
    assert_eq!(sum, 180);
    let siblings: (fn(u64) -> larder::Result<bool>, fn() -> larder::Result<()>) =
        (delete_memoized_of, delete_all_memoized_of);
    assert!((siblings.0)(1).unwrap());
    (siblings.1)().unwrap();
}

#[test]
fn the_body_may_hold_items_and_labels() {
    #[memoize(cache = CACHE)]
    fn of(n: u64) -> u64 {
        const STEP: u64 = 2;
        fn double(n: u64) -> u64 {
            n * STEP
        }
        let mut sum = 0;
        'outer: loop {
            for i in 0.. {
                if i > n {
                    break 'outer;
                }
                sum += double(i);
            }
        }
        sum
    }
    assert_eq!((of(3), of(3)), (12, 12));
}

#[test]
fn display_alone_is_enough_for_what_is_skipped() {
    #[memoize(cache = CACHE, key = n.to_string())]
    fn of(n: impl Display) -> String {
        n.to_string()
    }
    assert_eq!(
        (of(1), of("1"), of(1)),
        ("1".into(), "1".into(), "1".into())
    );
    assert!(delete_memoized_of(1).unwrap());
}
