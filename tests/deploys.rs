//! Law: a program never reads what another version of it kept of a type that has changed since.

mod common;

use std::thread;

use common::Runs;
use common::shelf::Shelf;
use larder::scope;
use serde::{Deserialize, Serialize};

/// Takes one text only: whoever does not know it does not see this type whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Hello;

impl TryFrom<String> for Hello {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        (text == "hello").then_some(Self).ok_or("not hello")
    }
}

impl From<Hello> for String {
    fn from(_: Hello) -> Self {
        "hello".to_owned()
    }
}

/// A program: types, and a function that keeps one of them. Calls answer how often it ran.
macro_rules! program {
    ($program:ident { $($item:item)* } $value:expr) => {
        mod $program {
            #[allow(unused_imports)]
            use std::collections::BTreeMap;

            use larder::cached;
            use serde::{Deserialize, Serialize};

            #[allow(unused_imports)]
            use super::{Hello, Runs};

            $(
                #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
                #[allow(dead_code)]
                $item
            )*

            static RUNS: Runs = Runs::new();

            #[cached(key_prefix = "page")]
            fn page(n: u64) -> Page {
                let _ = n;
                RUNS.count();
                $value
            }

            pub(super) fn call() -> u64 {
                assert_eq!(page(1), $value, "never a wrong value");
                RUNS.so_far()
            }
        }
    };
}

/// A deploy: two programs over one store, and what becomes of what they keep.
macro_rules! deploys {
    ($law:ident: $($test:ident: $before:tt $old:expr => $after:tt $new:expr;)*) => {$(
        #[test]
        fn $test() {
            program!(before $before $old);
            program!(after $after $new);
            $law(before::call, after::call);
        }
    )*};
}

/// Each takes what the other kept for a miss.
fn never_meet(before: fn() -> u64, after: fn() -> u64) {
    let shelf = Shelf::default();
    let (old, new) = (shelf.cache("p:"), shelf.cache("p:"));
    let before = || scope::with_cache_sync(&old, before);
    let after = || scope::with_cache_sync(&new, after);
    assert_eq!((before(), before()), (1, 1), "kept");
    let keys = shelf.keys();
    assert_eq!(
        (after(), after()),
        (1, 1),
        "old bytes are a miss, new ones kept"
    );
    assert_eq!(shelf.keys(), keys, "in the same place");
    assert_eq!((before(), before()), (2, 2), "new bytes are a miss");
    thread::scope(|threads| {
        threads.spawn(|| (0..200).map(|_| before()).sum::<u64>());
        threads.spawn(|| (0..200).map(|_| after()).sum::<u64>());
    });
}

/// The new one reads what the old one kept.
fn meet(before: fn() -> u64, after: fn() -> u64) {
    let shelf = Shelf::default();
    let (old, new) = (shelf.cache("p:"), shelf.cache("p:"));
    assert_eq!(scope::with_cache_sync(&old, before), 1);
    assert_eq!(scope::with_cache_sync(&new, after), 0, "a hit");
}

deploys! { never_meet:
    a_struct_gains_a_field:
        { struct Page { width: u32 } } Page { width: 1 } =>
        { struct Page { width: u32, notes: () } } Page { width: 2, notes: () };
    a_struct_loses_a_field:
        { struct Page { width: u32, height: u32 } } Page { width: 1, height: 2 } =>
        { struct Page { width: u32 } } Page { width: 3 };
    a_struct_renames_a_field:
        { struct Page { limit: u32 } } Page { limit: 7 } =>
        { struct Page { retries: u32 } } Page { retries: 0 };
    a_struct_reorders_its_fields:
        { struct Page { width: u32, height: u32 } } Page { width: 1, height: 2 } =>
        { struct Page { height: u32, width: u32 } } Page { width: 1, height: 2 };
    an_integer_changes_its_width:
        { struct Page { views: u32 } } Page { views: 1 } =>
        { struct Page { views: u64 } } Page { views: 2 };
    an_integer_gets_a_sign:
        { struct Page { views: u32 } } Page { views: 1 } =>
        { struct Page { views: i32 } } Page { views: 1 };
    a_field_becomes_optional:
        { struct Page { a: u8, b: u8 } } Page { a: 1, b: 2 } =>
        { struct Page { a: Option<u8> } } Page { a: None };
    a_text_becomes_bytes:
        { struct Page { body: String } } Page { body: "a".into() } =>
        { struct Page { body: Vec<u8> } } Page { body: vec![0] };
    an_array_changes_its_length:
        { struct Page { size: [u8; 3] } } Page { size: [1; 3] } =>
        { struct Page { size: [u8; 2], depth: u8 } } Page { size: [2; 2], depth: 2 };
    a_newtype_changes_its_unit:
        { struct Celsius(f64); struct Page(Celsius); } Page(Celsius(20.0)) =>
        { struct Fahrenheit(f64); struct Page(Fahrenheit); } Page(Fahrenheit(68.0));
    an_enum_gains_a_variant:
        { enum Page { Draft, Public } } Page::Public =>
        { enum Page { Draft, Review, Public } } Page::Public;
    an_enum_loses_a_variant:
        { enum Page { Draft, Review, Public } } Page::Public =>
        { enum Page { Draft, Public } } Page::Public;
    an_enum_renames_a_variant:
        { enum Page { Draft, Public } } Page::Public =>
        { enum Page { Draft, Secret } } Page::Draft;
    an_enum_reorders_its_variants:
        { enum Page { Draft(u8), Public(u8) } } Page::Public(1) =>
        { enum Page { Public(u8), Draft(u8) } } Page::Public(1);
    a_variant_changes_what_is_in_it:
        { enum Page { Draft, Public { since: u32 } } } Page::Public { since: 1 } =>
        { enum Page { Draft, Public { since: i32 } } } Page::Public { since: 1 };
    a_type_changes_deep_inside:
        {
            enum State { Draft, Public(Option<Box<Dates>>) }
            struct Dates { first: u32, last: u32 }
            struct Page { states: BTreeMap<String, (u8, Vec<State>)> }
        }
        Page {
            states: [("a".into(), (1, vec![State::Public(Some(Box::new(Dates { first: 1, last: 2 })))]))].into(),
        } =>
        {
            enum State { Draft, Public(Option<Box<Dates>>) }
            struct Dates { last: u32, first: u32 }
            struct Page { states: BTreeMap<String, (u8, Vec<State>)> }
        }
        Page {
            states: [("a".into(), (1, vec![State::Public(Some(Box::new(Dates { first: 1, last: 2 })))]))].into(),
        };
    a_type_inside_of_itself_changes:
        { struct Page { pages: Vec<Page>, next: Option<Box<Page>>, number: u32 } }
        Page { pages: Vec::new(), next: None, number: 1 } =>
        { struct Page { pages: Vec<Page>, next: Option<Box<Page>>, number: i32 } }
        Page { pages: Vec::new(), next: None, number: 1 };
    a_type_that_is_not_seen_whole_moves:
        { struct Page { hello: Hello } } Page { hello: Hello } =>
        { struct Page { hello: Hello } } Page { hello: Hello };
}

deploys! { meet:
    nothing_changes_but_the_module:
        { enum State { Draft, Public { since: u32 } } struct Page { states: Vec<State>, next: Option<Box<Page>> } }
        Page { states: vec![State::Draft, State::Public { since: 1 }], next: None } =>
        { struct Page { states: Vec<State>, next: Option<Box<Page>> } enum State { Draft, Public { since: u32 } } }
        Page { states: vec![State::Draft, State::Public { since: 1 }], next: None };
    a_field_is_boxed:
        { struct Page { body: String, size: (u8, u8) } }
        Page { body: "a".into(), size: (1, 2) } =>
        { struct Page { body: Box<str>, size: Box<(u8, u8)> } }
        Page { body: "a".into(), size: Box::new((1, 2)) };
    a_field_that_is_skipped_changes:
        { struct Page { body: String, #[serde(skip)] length: u32 } } Page { body: "a".into(), length: 0 } =>
        { struct Page { body: String, #[serde(skip)] words: Vec<u8> } } Page { body: "a".into(), words: vec![] };
}
