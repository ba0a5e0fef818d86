//! Law: the same arguments are the same entry, and nothing else is.
// What a function takes is what is tested.
#![allow(clippy::needless_pass_by_value, clippy::option_option)]

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use common::Runs;
use larder::{Cache, memoize};
use serde::Serialize;

static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);

/// Keys of two calls.
macro_rules! keys {
    ($($entry:expr),* $(,)?) => {
        [$($entry.key().expect("arguments that can be encoded")),*]
    };
}

#[track_caller]
fn all_differ<const N: usize>(keys: [String; N]) {
    let set: HashSet<_> = keys.iter().collect();
    assert_eq!(set.len(), N, "{keys:#?}");
}

#[track_caller]
fn all_equal<const N: usize>(keys: [String; N]) {
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{keys:#?}");
}

#[test]
fn the_same_arguments_hit_and_others_do_not() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn double(n: u64) -> u64 {
        RUNS.count();
        n * 2
    }
    for _ in 0..3 {
        assert_eq!((double(1), double(2)), (2, 4));
    }
    assert_eq!(RUNS.so_far(), 2);
    delete_memoized_double(1).unwrap();
    assert_eq!((double(1), double(2)), (2, 4));
    assert_eq!(
        RUNS.so_far(),
        3,
        "deleting one argument set leaves the rest"
    );
}

struct Left;
struct Right;

impl Left {
    #[memoize(cache = CACHE)]
    fn name(n: u64) -> String {
        format!("left {n}")
    }
}

impl Right {
    #[memoize(cache = CACHE)]
    fn name(n: u64) -> String {
        format!("right {n}")
    }
}

#[test]
fn methods_of_one_name_in_two_impl_blocks_never_meet() {
    assert_eq!(Left::name(1), "left 1");
    assert_eq!(Right::name(1), "right 1");
    all_differ(keys![Left::memoized_name(1), Right::memoized_name(1)]);
    Left::delete_all_memoized_name().unwrap();
    assert_eq!(
        Right::memoized_name(1).get().wait().unwrap(),
        Some("right 1".into())
    );
}

struct Gauge<T>(T);

impl Gauge<u8> {
    #[memoize(cache = CACHE)]
    fn scale() -> u32 {
        8
    }
}

impl Gauge<u16> {
    #[memoize(cache = CACHE)]
    fn scale() -> u32 {
        16
    }
}

#[test]
fn impl_blocks_for_two_instances_of_a_type_never_meet() {
    assert_eq!(Gauge(1_u8).0, 1);
    assert_eq!((Gauge::<u8>::scale(), Gauge::<u16>::scale()), (8, 16));
    all_differ(keys![
        Gauge::<u8>::memoized_scale(),
        Gauge::<u16>::memoized_scale()
    ]);
}

mod north {
    use larder::memoize;

    #[memoize(cache = super::CACHE)]
    pub(crate) fn pole(n: u64) -> String {
        format!("north {n}")
    }
}

mod south {
    use larder::memoize;

    #[memoize(cache = super::CACHE)]
    pub(crate) fn pole(n: u64) -> String {
        format!("south {n}")
    }
}

#[test]
fn functions_of_one_name_in_two_modules_never_meet() {
    assert_eq!(north::pole(1), "north 1");
    assert_eq!(south::pole(1), "south 1");
    all_differ(keys![north::memoized_pole(1), south::memoized_pole(1)]);
}

trait Named {
    const NAME: &'static str;
}

struct A;
struct B;

impl Named for A {
    const NAME: &'static str = "a";
}

impl Named for B {
    const NAME: &'static str = "b";
}

#[memoize(cache = CACHE)]
fn load<T: Named>(n: u64) -> String {
    format!("{} {n}", T::NAME)
}

#[test]
fn instances_of_a_generic_function_never_meet() {
    assert_eq!((load::<A>(1), load::<B>(1)), ("a 1".into(), "b 1".into()));
    assert_eq!((load::<A>(1), load::<B>(1)), ("a 1".into(), "b 1".into()));
    all_differ(keys![memoized_load::<A>(1), memoized_load::<B>(1)]);
}

#[test]
fn forgetting_a_generic_function_forgets_every_instance() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = CACHE)]
    fn name<T: Named>() -> String {
        RUNS.count();
        T::NAME.into()
    }
    name::<A>();
    name::<B>();
    delete_all_memoized_name().unwrap();
    name::<A>();
    name::<B>();
    assert_eq!(RUNS.so_far(), 4);
}

struct Repo<T>(std::marker::PhantomData<T>);

impl<T: Named + 'static> Repo<T> {
    #[memoize(cache = CACHE)]
    fn describe(n: u64) -> String {
        format!("{} {n}", T::NAME)
    }

    #[memoize(cache = CACHE, name = "shop::describe")]
    fn described_by_name(n: u64) -> String {
        format!("{} {n}", T::NAME)
    }

    #[memoize(cache = CACHE, key_prefix = "describe")]
    fn described_by_prefix(n: u64) -> String {
        format!("{} {n}", T::NAME)
    }

    #[memoize(cache = CACHE, key_prefix = "describe_all")]
    fn described_without_arguments() -> String {
        T::NAME.into()
    }
}

#[test]
fn the_self_type_of_a_generic_impl_is_part_of_the_key() {
    for _ in 0..2 {
        assert_eq!(Repo::<A>::describe(1), "a 1");
        assert_eq!(Repo::<B>::describe(1), "b 1");
        assert_eq!(Repo::<A>::described_by_name(1), "a 1");
        assert_eq!(Repo::<B>::described_by_name(1), "b 1");
        assert_eq!(Repo::<A>::described_by_prefix(1), "a 1");
        assert_eq!(Repo::<B>::described_by_prefix(1), "b 1");
        assert_eq!(Repo::<A>::described_without_arguments(), "a");
        assert_eq!(Repo::<B>::described_without_arguments(), "b");
    }
    all_differ(keys![
        Repo::<A>::memoized_describe(1),
        Repo::<B>::memoized_describe(1),
        Repo::<A>::memoized_described_by_name(1),
        Repo::<B>::memoized_described_by_name(1),
        Repo::<A>::memoized_described_by_prefix(1),
        Repo::<B>::memoized_described_by_prefix(1),
        Repo::<A>::memoized_described_without_arguments(),
        Repo::<B>::memoized_described_without_arguments(),
    ]);
}

trait Speak {
    fn speak(n: u64) -> String;

    #[memoize(cache = CACHE, helpers = false)]
    fn shout(n: u64) -> String
    where
        Self: Sized,
    {
        Self::speak(n).to_uppercase()
    }
}

impl Speak for A {
    #[memoize(cache = CACHE, helpers = false)]
    fn speak(n: u64) -> String {
        format!("a speaks {n}")
    }
}

impl Speak for B {
    #[memoize(cache = CACHE, helpers = false)]
    fn speak(n: u64) -> String {
        format!("b speaks {n}")
    }
}

#[test]
fn trait_methods_of_two_types_never_meet() {
    for _ in 0..2 {
        assert_eq!(
            (<A as Speak>::speak(1), B::speak(1)),
            ("a speaks 1".into(), "b speaks 1".into())
        );
        assert_eq!(
            (A::shout(1), B::shout(1)),
            ("A SPEAKS 1".into(), "B SPEAKS 1".into())
        );
    }
}

trait Whisper {
    fn speak(n: u64) -> String;
}

impl Whisper for A {
    #[memoize(cache = CACHE, helpers = false)]
    fn speak(n: u64) -> String {
        format!("a whispers {n}")
    }
}

#[test]
fn methods_of_one_name_from_two_traits_never_meet() {
    for _ in 0..2 {
        assert_eq!(<A as Speak>::speak(2), "a speaks 2");
        assert_eq!(<A as Whisper>::speak(2), "a whispers 2");
    }
}

#[memoize(cache = CACHE)]
fn zeros<const N: usize>() -> Vec<u8> {
    vec![0; N]
}

#[memoize(cache = CACHE)]
fn letter<const C: char>(n: u64) -> String {
    format!("{C}{n}")
}

struct Buffer<const N: usize>;

impl<const N: usize> Buffer<N> {
    #[memoize(cache = CACHE)]
    fn size() -> usize {
        N
    }
}

#[test]
fn const_arguments_are_part_of_the_key() {
    for _ in 0..2 {
        assert_eq!((zeros::<1>().len(), zeros::<2>().len()), (1, 2));
        assert_eq!((Buffer::<1>::size(), Buffer::<2>::size()), (1, 2));
        assert_eq!(
            (letter::<'a'>(1), letter::<'<'>(1)),
            ("a1".into(), "<1".into())
        );
    }
    all_differ(keys![memoized_zeros::<1>(), memoized_zeros::<2>()]);
    all_differ(keys![
        Buffer::<1>::memoized_size(),
        Buffer::<2>::memoized_size()
    ]);
}

struct Sign<const C: char>;

impl<const C: char> Sign<C> {
    #[memoize(cache = CACHE)]
    fn name() -> String {
        C.into()
    }

    #[memoize(cache = CACHE, key_prefix = "sign")]
    fn prefixed() -> String {
        C.into()
    }
}

#[test]
fn a_const_argument_may_look_like_a_bracket() {
    for _ in 0..2 {
        assert_eq!(Sign::<'<'>::name(), "<");
        assert_eq!(Sign::<'>'>::name(), ">");
        assert_eq!(Sign::<'x'>::name(), "x");
        assert_eq!(Sign::<'{'>::name(), "{");
        assert_eq!(Sign::<'<'>::prefixed(), "<");
        assert_eq!(Sign::<'>'>::prefixed(), ">");
        assert_eq!(Sign::<'x'>::prefixed(), "x");
    }
}

mod here {
    pub(crate) fn ask() -> u64 {
        #[larder::memoize(cache = super::CACHE)]
        fn inner(n: u64) -> u64 {
            n + 1
        }
        inner(1)
    }
}

fn there() -> u64 {
    #[memoize(cache = CACHE)]
    fn inner(n: u64) -> u64 {
        n + 2
    }
    inner(1)
}

#[test]
fn nested_functions_of_one_name_in_two_functions_never_meet() {
    for _ in 0..2 {
        assert_eq!((here::ask(), there()), (2, 3));
    }
}

#[test]
fn nested_functions_of_one_name_in_two_blocks_never_meet() {
    let first = || {
        #[memoize(cache = CACHE)]
        fn inner(n: u64) -> u64 {
            n + 1
        }
        inner(1)
    };
    let second = || {
        #[memoize(cache = CACHE)]
        fn inner(n: u64) -> u64 {
            n + 2
        }
        inner(1)
    };
    for _ in 0..2 {
        assert_eq!((first(), second()), (2, 3));
    }
}

#[test]
fn the_order_of_maps_and_sets_does_not_matter() {
    #[memoize(cache = CACHE)]
    fn of_map(map: HashMap<String, u64>) -> usize {
        map.len()
    }
    #[memoize(cache = CACHE)]
    fn of_set(set: &HashSet<u64>) -> usize {
        set.len()
    }
    #[memoize(cache = CACHE)]
    fn of_nested(
        sets: Vec<HashSet<u64>>,
        maps: Option<BTreeMap<u8, HashMap<u8, HashSet<u8>>>>,
    ) -> usize {
        sets.len() + maps.map_or(0, |maps| maps.len())
    }
    let up = |n: u64| {
        (0..n)
            .map(|i| (i.to_string(), i))
            .collect::<HashMap<_, _>>()
    };
    let down = |n: u64| {
        (0..n)
            .rev()
            .map(|i| (i.to_string(), i))
            .collect::<HashMap<_, _>>()
    };
    for n in [0, 1, 2, 50] {
        all_equal(keys![memoized_of_map(up(n)), memoized_of_map(down(n))]);
        let (up, down) = ((0..n).collect(), (0..n).rev().collect());
        all_equal(keys![memoized_of_set(&up), memoized_of_set(&down)]);
        let (two, owt) = (vec![up.clone(), HashSet::new()], vec![down, HashSet::new()]);
        all_equal(keys![
            memoized_of_nested(two, None),
            memoized_of_nested(owt, None)
        ]);
    }
    let mut other = up(50);
    other.insert("3".into(), 99);
    all_differ(keys![
        memoized_of_map(up(49)),
        memoized_of_map(up(50)),
        memoized_of_map(other)
    ]);
}

#[test]
fn a_map_is_not_the_same_with_its_values_exchanged() {
    #[memoize(cache = CACHE)]
    fn of_map(map: HashMap<u8, u8>) -> usize {
        map.len()
    }
    #[memoize(cache = CACHE)]
    fn of_set(set: HashSet<(u8, u8)>) -> usize {
        set.len()
    }
    all_differ(keys![
        memoized_of_map([(1, 2), (3, 4)].into()),
        memoized_of_map([(1, 4), (3, 2)].into()),
        memoized_of_map([(2, 1), (4, 3)].into()),
    ]);
    all_differ(keys![
        memoized_of_set([(1, 2), (3, 4)].into()),
        memoized_of_set([(1, 4), (3, 2)].into()),
    ]);
}

#[test]
fn the_order_of_what_is_ordered_matters() {
    #[memoize(cache = CACHE)]
    fn of_slice(values: &[u64]) -> usize {
        values.len()
    }
    #[memoize(cache = CACHE)]
    fn of_sets(sets: &[HashSet<u64>]) -> usize {
        sets.len()
    }
    #[memoize(cache = CACHE)]
    fn of_boxed_sets(sets: Box<[HashSet<u64>]>) -> usize {
        sets.len()
    }
    #[memoize(cache = CACHE)]
    fn of_ordered(set: BTreeSet<u64>) -> usize {
        set.len()
    }
    let (one, two) = (HashSet::from([1]), HashSet::from([2]));
    all_differ(keys![
        memoized_of_slice(&[1, 2]),
        memoized_of_slice(&[2, 1])
    ]);
    all_differ(keys![
        memoized_of_sets(&[one.clone(), two.clone()]),
        memoized_of_sets(&[two.clone(), one.clone()]),
    ]);
    all_differ(keys![
        memoized_of_boxed_sets([one.clone(), two.clone()].into()),
        memoized_of_boxed_sets([two, one].into()),
    ]);
    all_equal(keys![
        memoized_of_ordered([1, 2].into()),
        memoized_of_ordered([2, 1].into())
    ]);
}

#[test]
fn floats_go_in_by_their_bits() {
    #[memoize(cache = CACHE)]
    fn of(x: f64) -> String {
        format!("{x:?}")
    }
    for _ in 0..2 {
        assert_eq!(of(0.0), "0.0");
        assert_eq!(of(-0.0), "-0.0");
        assert_eq!(of(f64::NAN), "NaN");
        assert_eq!(of(f64::INFINITY), "inf");
    }
    all_differ(keys![
        memoized_of(0.0),
        memoized_of(-0.0),
        memoized_of(f64::NAN),
        memoized_of(f64::INFINITY),
        memoized_of(f64::NEG_INFINITY),
        memoized_of(f64::MIN_POSITIVE),
    ]);
    all_equal(keys![memoized_of(f64::NAN), memoized_of(f64::NAN)]);
}

#[test]
fn what_merely_looks_alike_differs() {
    #[memoize(cache = CACHE)]
    fn pair(a: &str, b: &str) -> String {
        [a, b].concat()
    }
    #[memoize(cache = CACHE)]
    fn option(n: Option<u64>) -> u64 {
        n.unwrap_or(7)
    }
    #[memoize(cache = CACHE)]
    fn lists(a: &[u8], b: &[u8]) -> usize {
        a.len() + b.len()
    }
    #[memoize(cache = CACHE)]
    fn nested(n: Option<Option<u8>>) -> bool {
        n.is_some()
    }
    all_differ(keys![
        memoized_pair("ab", "c"),
        memoized_pair("a", "bc"),
        memoized_pair("", "abc"),
        memoized_pair("abc", ""),
        memoized_pair("ab\0", "c"),
    ]);
    all_differ(keys![memoized_option(None), memoized_option(Some(0))]);
    all_differ(keys![
        memoized_lists(&[1], &[2, 3]),
        memoized_lists(&[1, 2], &[3]),
        memoized_lists(&[], &[1, 2, 3]),
    ]);
    all_differ(keys![
        memoized_nested(None),
        memoized_nested(Some(None)),
        memoized_nested(Some(Some(0))),
    ]);
}

#[test]
fn the_signature_is_part_of_the_key() {
    mod narrow {
        #[larder::memoize(cache = super::CACHE, name = "wide")]
        pub(crate) fn of(n: u8) -> u64 {
            n.into()
        }
    }
    mod wide {
        #[larder::memoize(cache = super::CACHE, name = "wide")]
        pub(crate) fn of(n: u64) -> u64 {
            n
        }
    }
    mod text {
        #[larder::memoize(cache = super::CACHE, name = "wide")]
        pub(crate) fn of(n: u64) -> String {
            n.to_string()
        }
    }
    all_differ(keys![
        narrow::memoized_of(1),
        wide::memoized_of(1),
        text::memoized_of(1)
    ]);
    assert_eq!(
        (narrow::of(1), wide::of(1), text::of(1)),
        (1, 1, "1".into())
    );
}

#[test]
fn usize_goes_in_as_64_bits() {
    #[memoize(cache = CACHE, name = "sizes", key = n)]
    fn of_usize(n: usize) -> u64 {
        n as u64
    }
    #[memoize(cache = CACHE, name = "sizes", key = n)]
    fn of_u64(n: u64) -> u64 {
        n
    }
    all_equal(keys![memoized_of_usize(5), memoized_of_u64(5)]);
    assert_eq!(of_usize(5) + of_u64(5), 10);
}

#[test]
fn a_changed_field_of_a_struct_changes_the_key() {
    #[derive(Clone, Serialize)]
    struct Filter {
        name: String,
        limit: Option<u32>,
        flags: (bool, bool),
    }
    #[memoize(cache = CACHE)]
    fn search(filter: &Filter) -> usize {
        filter.name.len()
    }
    let filter = Filter {
        name: "x".into(),
        limit: None,
        flags: (true, false),
    };
    let mut renamed = filter.clone();
    renamed.name = "y".into();
    let mut limited = filter.clone();
    limited.limit = Some(0);
    let mut flagged = filter.clone();
    flagged.flags = (false, true);
    all_equal(keys![
        memoized_search(&filter),
        memoized_search(&filter.clone())
    ]);
    all_differ(keys![
        memoized_search(&filter),
        memoized_search(&renamed),
        memoized_search(&limited),
        memoized_search(&flagged),
    ]);
    assert_eq!(search(&filter), 1);
}

#[test]
fn text_of_any_language_works() {
    #[memoize(cache = CACHE)]
    fn length(text: &str, letter: char) -> usize {
        text.chars().filter(|c| *c == letter).count()
    }
    #[memoize(cache = CACHE, key_prefix = "größe-尺寸")]
    fn größe(text: &str) -> usize {
        text.len()
    }
    let texts = ["Grüße", "尺寸", "🦀🦀", "e\u{301}", "é", "", "\0", "}{"];
    let keys = texts.map(|text| memoized_length(text, 'é').key().unwrap());
    all_differ(keys);
    assert_eq!((length("🦀🦀", '🦀'), length("🦀🦀", '🦀')), (2, 2));
    assert_eq!((größe("尺"), größe("尺")), (3, 3));
    let key = memoized_größe("尺").key().unwrap();
    assert!(key.starts_with("{größe-尺寸}:"), "{key}");
    assert!(delete_memoized_größe("尺").unwrap());
}

#[test]
fn parameters_may_be_called_anything() {
    #[memoize(cache = CACHE)]
    fn first(key: u8, cache: u8, value: u8, args: u8, f: u8, result: u8, self_: u8) -> u64 {
        [key, cache, value, args, f, result, self_]
            .iter()
            .map(|n| u64::from(*n))
            .sum()
    }
    #[memoize(cache = CACHE)]
    fn second(
        hasher: u8,
        timeout: u8,
        request: u8,
        parts: u8,
        hooks: u8,
        body: u8,
        site: u8,
    ) -> u64 {
        [hasher, timeout, request, parts, hooks, body, site]
            .iter()
            .map(|n| u64::from(*n))
            .sum()
    }
    #[memoize(cache = CACHE, cache_if = |v| *v != u64::from(limit), unless = entry == 9)]
    fn third(output: u8, entry: u8, plan: u8, kind: u8, place: u8, limit: u8, private: u8) -> u64 {
        [output, entry, plan, kind, place, limit, private]
            .iter()
            .map(|n| u64::from(*n))
            .sum()
    }
    #[memoize(cache = CACHE, skip(memory), key_prefix = format!("{label}:"))]
    fn fourth(
        label: &str,
        memory: u8,
        lead: u8,
        ready: u8,
        key_prefix: u8,
        skip: u8,
        larder: u8,
    ) -> u64 {
        let all = [memory, lead, ready, key_prefix, skip, larder];
        all.iter().map(|n| u64::from(*n)).sum::<u64>() + label.len() as u64
    }
    assert_eq!(first(1, 2, 3, 4, 5, 6, 7), 28);
    assert_eq!(second(1, 2, 3, 4, 5, 6, 7), 28);
    assert_eq!(third(1, 2, 3, 4, 5, 6, 7), 28);
    assert_eq!(fourth("x", 2, 3, 4, 5, 6, 7), 28);
    assert!(delete_memoized_first(1, 2, 3, 4, 5, 6, 7).unwrap());
    assert!(delete_memoized_second(1, 2, 3, 4, 5, 6, 7).unwrap());
    assert!(delete_memoized_third(1, 2, 3, 4, 5, 6, 7).unwrap());
    assert!(delete_memoized_fourth("x", 3, 4, 5, 6, 7).unwrap());
    delete_all_memoized_first().unwrap();
    all_differ(keys![
        memoized_first(1, 0, 0, 0, 0, 0, 0),
        memoized_first(0, 1, 0, 0, 0, 0, 0),
        memoized_first(0, 0, 0, 0, 0, 0, 1),
    ]);
}

#[test]
fn a_method_is_told_apart_by_its_instance() {
    #[derive(Serialize)]
    struct Shop {
        id: u32,
    }
    impl Shop {
        #[memoize(cache = CACHE)]
        fn price(&self, item: u64) -> u64 {
            u64::from(self.id) * 100 + item
        }
    }
    let (one, two) = (Shop { id: 1 }, Shop { id: 2 });
    for _ in 0..2 {
        assert_eq!((one.price(5), two.price(5)), (105, 205));
    }
    assert!(one.delete_memoized_price(5).unwrap());
    assert_eq!(two.memoized_price(5).get().wait().unwrap(), Some(205));
}

#[test]
fn the_type_behind_impl_trait_is_part_of_the_key() {
    #[memoize(cache = CACHE)]
    fn show(value: impl std::fmt::Display + Serialize) -> String {
        format!("<{value}> {}", std::mem::size_of_val(&value))
    }
    #[memoize(cache = CACHE)]
    fn show_reference(value: &(impl std::fmt::Debug + Serialize + ?Sized)) -> String {
        format!("{value:?}")
    }
    assert_eq!((show(1_u8), show(1_u64)), ("<1> 1".into(), "<1> 8".into()));
    assert_eq!((show(1_u8), show(1_u64)), ("<1> 1".into(), "<1> 8".into()));
    assert_eq!(show_reference("x"), "\"x\"");
    assert_eq!(show_reference(&['x']), "['x']");
    assert!(delete_memoized_show(1_u8).unwrap());
    assert!(!delete_memoized_show(1_u16).unwrap());
    assert!(delete_memoized_show_reference("x").unwrap());
}

#[test]
fn a_function_serves_many_caches_at_once() {
    static RUNS: Runs = Runs::new();
    #[memoize(cache = cache, skip(cache))]
    fn twice(cache: &Cache, n: u64) -> u64 {
        RUNS.count();
        n * 2
    }
    let caches: Vec<_> = (0..40).map(|_| common::cache()).collect();
    for _ in 0..2 {
        for cache in &caches {
            assert_eq!(twice(cache, 4), 8);
        }
    }
    assert_eq!(RUNS.so_far(), 40);
    delete_all_memoized_twice(&caches[39]).unwrap();
    assert_eq!(twice(&caches[39], 4) + twice(&caches[38], 4), 16);
    assert_eq!(RUNS.so_far(), 41);
}
