//! What reads the same bytes alike has one fingerprint.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::{NonZeroU8, Wrapping};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::{all_differ_everywhere, nested, versions, whole};

#[test]
fn what_serde_reads_alike_is_equal() {
    assert_eq!(whole::<usize>(), whole::<u64>());
    assert_eq!(whole::<Wrapping<u8>>(), whole::<u8>());
    assert_eq!(whole::<NonZeroU8>(), whole::<u8>());
    assert_eq!(whole::<Box<str>>(), whole::<String>());
    assert_eq!(whole::<Cow<'static, str>>(), whole::<String>());
    assert_eq!(whole::<PathBuf>(), whole::<String>());
    assert_eq!(whole::<HashSet<u8>>(), whole::<Vec<u8>>());
    assert_eq!(whole::<Box<[u8]>>(), whole::<Vec<u8>>());
    assert_eq!(whole::<BTreeMap<u8, u8>>(), whole::<HashMap<u8, u8>>());
    assert_eq!(whole::<[u8; 2]>(), whole::<(u8, u8)>());
}

/// One definition in two modules.
macro_rules! twins {
    ($($item:item)*) => {
        mod one {
            use super::*;
            $(#[derive(Deserialize)] $item)*
        }
        mod other {
            use super::*;
            $(#[derive(Deserialize)] $item)*
        }
    };
}

twins! {
    pub(super) enum Json {
        Null,
        Number(f64),
        Text(String),
        List(Vec<Json>),
        Map(HashMap<String, Json>),
    }
    #[derive(Hash, PartialEq, Eq)]
    pub(super) enum Role { Guest, Member { since: u32 }, Owner(Option<Box<Role>>) }
    pub(super) struct Page<T> { items: Vec<T>, next: Option<(u64, [u8; 4])> }
    pub(super) struct User {
        id: u64,
        roles: HashSet<Role>,
        by_role: HashMap<Role, Page<Role>>,
        extra: Page<Json>,
    }
}

#[test]
fn one_definition_in_two_modules_is_equal() {
    assert_eq!(whole::<one::Json>(), whole::<other::Json>());
    assert_eq!(whole::<one::User>(), whole::<other::User>());
    assert_ne!(whole::<one::Page<u8>>(), whole::<one::Page<u16>>());
}

/// As `serde` reads an `Arc`, with its feature `rc`.
struct Shared<T>(Arc<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::deserialize(deserializer).map(|inner| Self(Arc::from(inner)))
    }
}

#[test]
fn a_box_is_what_is_in_it() {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Transparent<T>(T);
    assert_eq!(whole::<Box<one::User>>(), whole::<one::User>());
    assert_eq!(whole::<Shared<one::User>>(), whole::<other::User>());
    assert_eq!(whole::<Shared<Box<u8>>>(), whole::<u8>());
    assert_eq!(whole::<Transparent<one::Json>>(), whole::<one::Json>());
    let equal = versions! { nested:
        { struct T { a: Vec<Box<u8>>, b: Vec<u8>, c: Vec<Option<Box<one::Role>>>, d: Option<one::Role> } }
        { struct T { a: Vec<u8>, b: Vec<Box<u8>>, c: Vec<Option<one::Role>>, d: Option<Shared<one::Role>> } }
        { struct T { a: Vec<u8>, b: Vec<u8>, c: Vec<Option<one::Role>>, d: Option<one::Role> } }
    };
    assert!(equal.iter().all(|one| *one == equal[0]));
}

#[test]
fn attributes_of_serde_are_followed() {
    #[derive(Deserialize)]
    #[serde(rename = "T")]
    struct Plain {
        a: u8,
        b: Option<u16>,
    }
    #[derive(Deserialize)]
    #[serde(rename = "T", default)]
    #[derive(Default)]
    struct Attributed {
        #[serde(rename = "a")]
        other: u8,
        #[serde(skip)]
        skipped: Vec<u8>,
        #[serde(default, deserialize_with = "sixteen")]
        b: u16,
    }
    fn sixteen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
        Option::deserialize(deserializer).map(Option::unwrap_or_default)
    }
    assert_eq!(whole::<Plain>(), whole::<Attributed>());

    let [plain, alias, skipped, other] = versions! { nested:
        { enum T { A(u8), B, C(String) } }
        { enum T { A(u8), #[serde(alias = "Z")] B, C(String) } }
        { enum T { A(u8), B, C(String), #[serde(skip)] X } }
        { enum T { A(u8), B, #[serde(other)] C } }
    };
    assert_eq!(plain, skipped);
    all_differ_everywhere(&[plain, alias, other]);
}

/// A change makes misses of what every user has kept: for the CHANGELOG.
#[test]
fn shapes_are_golden() {
    let shapes = [whole::<u8>(), whole::<one::User>(), whole::<one::Json>()];
    assert_eq!(shapes, GOLDEN, "{shapes:#018x?}");
}

const GOLDEN: [u64; 3] = [
    0x958b_442e_4cc1_2cb0,
    0x06fd_5de2_1911_3d76,
    0x1522_4477_ce24_1dd5,
];
