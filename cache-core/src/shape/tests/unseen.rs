//! What cannot be seen goes by the name of the type, and harms nobody.

use std::collections::HashMap;
use std::fmt;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Never, all_differ, not_whole, versions, whole};
use crate::shape::shape;

#[derive(Deserialize)]
#[serde(untagged)]
enum Untagged {
    A(u8),
    B(String),
}

#[derive(Deserialize)]
#[serde(tag = "kind")]
enum Internal {
    A { x: u8 },
    B { y: String },
}

#[derive(Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    A(u8),
    B(String),
}

#[derive(Deserialize)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    rest: HashMap<String, u8>,
}

#[derive(Deserialize)]
enum Empty {}

#[derive(Deserialize)]
struct Endless(Box<Endless>);

#[derive(Deserialize)]
enum EndlessEnum {
    A(Box<EndlessEnum>),
    B(Box<EndlessEnum>, Box<EndlessEnum>),
    C(Vec<Never>, Box<EndlessEnum>),
}

#[test]
fn what_postcard_cannot_read_falls_back() {
    all_differ(&[
        not_whole::<Untagged>(),
        not_whole::<Internal>(),
        not_whole::<Adjacent>(),
        not_whole::<Flat>(),
        not_whole::<IgnoredAny>(),
        not_whole::<Vec<Untagged>>(),
        not_whole::<Option<Untagged>>(),
        not_whole::<HashMap<String, Internal>>(),
    ]);
}

/// Asks more than is answered.
struct Broad;

impl<'de> Deserialize<'de> for Broad {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Broad;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Broad, A::Error> {
                while parts.next_element::<(u8, u8)>()?.is_some() {}
                Ok(Broad)
            }
        }
        deserializer.deserialize_tuple(usize::MAX, Reader)
    }
}

#[test]
fn what_takes_no_offer_falls_back() {
    not_whole::<Never>();
    not_whole::<Vec<Vec<Vec<Vec<Never>>>>>();
    not_whole::<EndlessEnum>();
    not_whole::<Broad>();
}

#[test]
fn what_has_no_value_harms_nobody() {
    whole::<Empty>();
    whole::<Endless>();
    whole::<(Result<u8, Empty>, Option<Endless>, Vec<Empty>)>();
    all_differ(&versions! { whole:
        { struct T { a: Result<u8, Empty>, b: Option<Empty>, c: u8 } }
        { struct T { a: Result<u8, Empty>, b: Option<Empty>, c: u16 } }
        { enum T { A(Empty), B(u8) } }
        { enum T { A(Empty), B(u16) } }
        { enum T { A(u8), B(Empty), C(u8) } }
        { enum T { A(u8), B(Empty), C(u16) } }
    });
}

mod one {
    #[derive(serde::Deserialize)]
    pub(super) struct T(u8, super::Never);
}

mod other {
    #[derive(serde::Deserialize)]
    pub(super) struct T(u8, super::Never);
}

#[test]
fn a_fallback_goes_by_the_name_and_what_was_seen() {
    assert_ne!(not_whole::<one::T>(), not_whole::<other::T>());
    // These have one name: only what was seen can tell them apart.
    all_differ(&versions! { not_whole:
        { struct T { a: u8, b: Option<Untagged>, c: Vec<Never>, d: Option<u8> } }
        { struct T { a: u8, b: Option<Untagged>, c: Vec<Never>, d: Option<u16> } }
        { struct T { a: u16, b: Option<Untagged>, c: Vec<Never>, d: Option<u8> } }
        { struct T { a: u8, b: Option<Untagged>, c: Vec<Never>, e: Option<u8> } }
        { struct T { a: u8, b: Option<Untagged>, d: Option<u8> } }
        { struct T { a: u8, b: Option<(u8, Never)>, d: Option<u8> } }
        { struct T { a: u8, b: Option<(u16, Never)>, d: Option<u8> } }
        { enum T { A(Untagged), B(Never), C(u8) } }
        { enum T { A(Untagged), B(Never), C(u16) } }
        { enum T { A(Untagged), B(Never), C(u16), D(IgnoredAny) } }
    });
}

#[test]
fn what_swallows_an_error_falls_back() {
    #[derive(Deserialize)]
    struct Lenient {
        #[serde(deserialize_with = "lenient")]
        a: Option<u8>,
        b: u8,
    }
    fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
        Untagged::deserialize(deserializer).map_or(Ok(None), |_| Ok(Some(0)))
    }
    not_whole::<Lenient>();
}

struct Sudden;

impl<'de> Deserialize<'de> for Sudden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer)?;
        panic!("on purpose")
    }
}

struct PanicsOnDrop;

impl<'de> Deserialize<'de> for PanicsOnDrop {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(|_| Self)
    }
}

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("on purpose");
    }
}

#[test]
fn a_panic_falls_back() {
    assert_eq!(shape::<Sudden>(), shape::<Sudden>());
    not_whole::<Vec<Sudden>>();
    assert_ne!(not_whole::<(u8, Sudden)>(), not_whole::<(u16, Sudden)>());
    not_whole::<PanicsOnDrop>();
    assert_eq!(whole::<u8>(), whole::<u8>());
}
