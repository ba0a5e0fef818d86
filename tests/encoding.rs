//! Law: two argument lists share a key if and only if they are equal.

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex};

use larder::{Cache, memoize};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;
use serde::Serialize;

static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);

/// Nested in every way that serde knows.
#[derive(Clone, Debug, PartialEq, Serialize)]
enum Arg {
    Unit,
    Bool(bool),
    Byte(u8),
    Short(i16),
    Word(u64),
    Wide(i128),
    Char(char),
    Text(String),
    Newtype(Meters),
    Nothing(()),
    Marker(Marker),
    Pair(u8, String),
    Deep(Box<Arg>),
    Maybe(Option<Box<Arg>>),
    List(Vec<Arg>),
    Tuple((Box<Arg>, Box<Arg>)),
    Fields { x: u8, y: Option<u8> },
    Other { x: u8, z: Option<u8> },
    Struct(Point),
    Map(BTreeMap<String, Arg>),
    Set(BTreeSet<u8>),
    Bytes(Blob),
    Loose(Loose),
    Flat(Flat),
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Meters(u8);

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Marker;

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Point {
    x: Box<Arg>,
    y: u8,
}

#[derive(Clone, Debug, PartialEq)]
struct Blob(Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// Nothing but the value itself tells the cases apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Loose {
    Number(u64),
    Small(u8),
    Float(f64),
    Yes(bool),
    Text(String),
    Letter(char),
    List(Vec<Loose>),
    Map(BTreeMap<String, Loose>),
    Nothing,
}

/// Reaches a serializer as a map.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Flat {
    id: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Loose>,
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab]{0,3}",
        "\\PC{0,3}",
        Just("\0".to_owned()),
        Just("é".to_owned())
    ]
}

fn loose() -> impl Strategy<Value = Loose> {
    let leaf = prop_oneof![
        (0..3_u64).prop_map(Loose::Number),
        (0..3_u8).prop_map(Loose::Small),
        (0..3_u8).prop_map(|n| Loose::Float(f64::from(n))),
        any::<bool>().prop_map(Loose::Yes),
        text().prop_map(Loose::Text),
        prop_oneof![Just('a'), Just('0')].prop_map(Loose::Letter),
        Just(Loose::Nothing),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Loose::List),
            btree_map(text(), inner, 0..3).prop_map(Loose::Map),
        ]
    })
}

fn arg() -> impl Strategy<Value = Arg> {
    let small = || 0..3_u8;
    let leaf = prop_oneof![
        Just(Arg::Unit),
        any::<bool>().prop_map(Arg::Bool),
        small().prop_map(Arg::Byte),
        (-1..2_i16).prop_map(Arg::Short),
        (0..3_u64).prop_map(Arg::Word),
        (-1..2_i128).prop_map(Arg::Wide),
        prop_oneof![Just('a'), Just('\0')].prop_map(Arg::Char),
        text().prop_map(Arg::Text),
        small().prop_map(|n| Arg::Newtype(Meters(n))),
        Just(Arg::Nothing(())),
        Just(Arg::Marker(Marker)),
        (small(), text()).prop_map(|(n, text)| Arg::Pair(n, text)),
        (small(), proptest::option::of(small())).prop_map(|(x, y)| Arg::Fields { x, y }),
        (small(), proptest::option::of(small())).prop_map(|(x, z)| Arg::Other { x, z }),
        btree_set(small(), 0..3).prop_map(Arg::Set),
        vec(small(), 0..3).prop_map(|bytes| Arg::Bytes(Blob(bytes))),
        loose().prop_map(Arg::Loose),
        (small(), btree_map("[a-c]", loose(), 0..2))
            .prop_map(|(id, rest)| Arg::Flat(Flat { id, rest })),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed().prop_map(Arg::Deep),
            proptest::option::of(boxed()).prop_map(Arg::Maybe),
            vec(inner.clone(), 0..3).prop_map(Arg::List),
            (boxed(), boxed()).prop_map(Arg::Tuple),
            (boxed(), 0..3_u8).prop_map(|(x, y)| Arg::Struct(Point { x, y })),
            btree_map(text(), inner.clone(), 0..3).prop_map(Arg::Map),
        ]
    })
}

/// All argument lists that ever had a key.
struct Seen<T>(Mutex<HashMap<String, T>>);

impl<T: Clone + PartialEq + Debug> Seen<T> {
    fn new() -> Self {
        Self(Mutex::default())
    }

    /// Fails if other arguments had this key before.
    fn check(&self, key: String, arguments: &T) {
        let mut seen = self.0.lock().unwrap();
        let first = seen.entry(key).or_insert_with(|| arguments.clone());
        assert_eq!(first, arguments, "two argument lists share a key");
    }
}

#[memoize(cache = CACHE)]
fn one(arg: &Arg) -> usize {
    format!("{arg:?}").len()
}

#[memoize(cache = CACHE)]
fn two(first: &Arg, second: &Arg) -> usize {
    format!("{first:?}{second:?}").len()
}

#[memoize(cache = CACHE)]
fn untagged(values: &[Loose]) -> usize {
    values.len()
}

static ONE: LazyLock<Seen<Arg>> = LazyLock::new(Seen::new);
static TWO: LazyLock<Seen<(Arg, Arg)>> = LazyLock::new(Seen::new);
static UNTAGGED: LazyLock<Seen<Vec<Loose>>> = LazyLock::new(Seen::new);

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_argument_has_a_key_of_its_own(arg in arg()) {
        let key = memoized_one(&arg).key().unwrap();
        prop_assert_eq!(&key, &memoized_one(&arg.clone()).key().unwrap());
        ONE.check(key, &arg);
    }

    #[test]
    fn two_arguments_have_a_key_of_their_own(first in arg(), second in arg()) {
        let key = memoized_two(&first, &second).key().unwrap();
        let arguments = (first, second);
        TWO.check(key, &arguments);
        let exchanged = (arguments.1, arguments.0);
        let key = memoized_two(&exchanged.0, &exchanged.1).key().unwrap();
        TWO.check(key, &exchanged);
    }

    #[test]
    fn untagged_values_have_a_key_of_their_own(values in vec(loose(), 0..4)) {
        UNTAGGED.check(memoized_untagged(&values).key().unwrap(), &values);
    }

    #[test]
    fn a_list_of_texts_is_not_another_cut_elsewhere(texts in vec("[ab]{0,3}", 0..4), at in 0..12_usize) {
        #[memoize(cache = CACHE)]
        fn of(texts: &[String]) -> usize {
            texts.len()
        }
        let whole = texts.concat();
        let (left, right) = whole.split_at(at.min(whole.len()));
        let cut = vec![left.to_owned(), right.to_owned()];
        let same = memoized_of(&texts).key().unwrap() == memoized_of(&cut).key().unwrap();
        prop_assert_eq!(same, texts == cut);
    }
}

#[test]
fn an_answer_belongs_to_its_arguments() {
    assert_eq!(one(&Arg::Unit), 4);
    assert_eq!(two(&Arg::Unit, &Arg::Byte(1)), 11);
    assert_eq!(untagged(&[Loose::Number(1), Loose::Text("1".into())]), 2);
    assert_eq!(one(&Arg::Unit), 4);
}
