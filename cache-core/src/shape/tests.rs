//! What differs, what is equal, and what falls back.

mod random;

use std::any::type_name;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroI64, NonZeroU8, Wrapping};
use std::ops::{Bound, Range};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::de::{
    DeserializeOwned, EnumAccess, Error, IgnoredAny, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, Deserializer};

use super::shape;

/// The fingerprint of a type that is seen whole.
#[track_caller]
fn whole<T: DeserializeOwned>() -> u64 {
    let shape = shape::<T>();
    assert!(shape.whole, "{} is not seen whole", type_name::<T>());
    shape.fingerprint
}

#[track_caller]
fn not_whole<T: DeserializeOwned>() -> u64 {
    let shape = shape::<T>();
    assert!(!shape.whole, "{} is seen whole", type_name::<T>());
    shape.fingerprint
}

#[track_caller]
fn all_differ(fingerprints: &[u64]) {
    for (at, one) in fingerprints.iter().enumerate() {
        let same = fingerprints.iter().position(|other| other == one);
        assert_eq!(same, Some(at), "two are equal");
    }
}

/// Each differs from each, wherever they stand.
#[track_caller]
fn all_differ_everywhere(versions: &[[u64; 7]]) {
    for way in 0..7 {
        let fingerprints: Vec<_> = versions.iter().map(|version| version[way]).collect();
        all_differ(&fingerprints);
    }
}

/// One definition of `T` for each block, and how they look at it: `of` the type itself, or in
/// something else.
macro_rules! versions {
    ($of:ident: $({ $($item:item)* })*) => {
        [$({
            $(
                #[derive(Deserialize)]
                #[allow(dead_code)]
                $item
            )*
            $of::<T>()
        }),*]
    };
}

/// Looks at a type wherever one can be.
fn nested<T: DeserializeOwned>() -> [u64; 7] {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Last<T> {
        Unit,
        Struct { a: u8, b: Option<Box<T>> },
        Tuple(u8, Vec<T>),
        Map(BTreeMap<String, (u8, [T; 2])>),
        Result(Result<(), Box<T>>),
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Deep<T> {
        first: Option<u8>,
        last: VecDeque<Option<Last<T>>>,
    }
    [
        whole::<T>(),
        whole::<Vec<T>>(),
        whole::<Option<Box<T>>>(),
        whole::<BTreeMap<u8, T>>(),
        whole::<(u8, T)>(),
        whole::<Last<T>>(),
        whole::<Deep<T>>(),
    ]
}

#[test]
fn structs_differ_by_their_fields() {
    all_differ_everywhere(&versions! { nested:
        { struct T { a: u32, b: String } }
        { struct T { a: u32, b: String, c: u8 } }
        { struct T { a: u32 } }
        { struct T { b: String } }
        { struct T { a: u32, c: String } }
        { struct T { b: String, a: u32 } }
        { struct T { a: String, b: u32 } }
        { struct T { a: u64, b: String } }
        { struct T { a: i32, b: String } }
        { struct T { a: u32, b: Vec<u8> } }
        { struct T { a: u32, b: Option<String> } }
        { struct T { a: Option<u32>, b: String } }
        { struct T { a: Vec<u32>, b: String } }
        { struct T { a: [u32; 2], b: String } }
        { struct T { a: [u32; 3], b: String } }
        { struct T { a: (u32, u32, u32), b: char } }
        { struct T { a: Vec<Vec<u32>>, b: String } }
        { struct T { a: HashMap<u32, u32>, b: String } }
        { struct T { a: HashMap<u32, u16>, b: String } }
        { struct T { a: HashMap<u16, u32>, b: String } }
        { struct T { a: (u32, String) } }
        { struct T { a: u32, b: () } }
        { struct T {} }
        { struct T; }
        { struct T(u32); }
        { struct T(u32, String); }
        { struct T(String, u32); }
        { struct T(u32, String, u8); }
    });
}

#[test]
fn enums_differ_by_their_variants() {
    all_differ_everywhere(&versions! { nested:
        { enum T { A, B(u32), C { x: u8 } } }
        { enum T { A, B(u32), C { x: u8 }, D } }
        { enum T { A, B(u32) } }
        { enum T { B(u32), C { x: u8 } } }
        { enum T { A, B(u32), E { x: u8 } } }
        { enum T { B(u32), A, C { x: u8 } } }
        { enum T { A, C { x: u8 }, B(u32) } }
        { enum T { A, B(u64), C { x: u8 } } }
        { enum T { A, B(u32), C { x: u16 } } }
        { enum T { A, B(u32), C { y: u8 } } }
        { enum T { A, B(u32), C { x: u8, y: u8 } } }
        { enum T { A, B(u32), C(u8) } }
        { enum T { A, B(u32), C } }
        { enum T { A, B(Option<u32>), C { x: u8 } } }
        { enum T { A, B(u32, u32), C { x: u8 } } }
        { enum T { A(()), B(u32), C { x: u8 } } }
        { enum T { A(), B(u32), C { x: u8 } } }
        { enum T { A {}, B(u32), C { x: u8 } } }
    });
}

#[test]
fn names_of_types_count() {
    #[derive(Deserialize)]
    struct Celsius(#[allow(dead_code)] f64);
    #[derive(Deserialize)]
    struct Fahrenheit(#[allow(dead_code)] f64);
    #[derive(Deserialize)]
    #[serde(rename = "Celsius")]
    struct Renamed(#[allow(dead_code)] f64);
    assert_ne!(whole::<Celsius>(), whole::<Fahrenheit>());
    assert_eq!(whole::<Celsius>(), whole::<Renamed>());
}

#[test]
fn primitives_differ() {
    all_differ(&[
        whole::<bool>(),
        whole::<u8>(),
        whole::<u16>(),
        whole::<u32>(),
        whole::<u64>(),
        whole::<u128>(),
        whole::<i8>(),
        whole::<i16>(),
        whole::<i32>(),
        whole::<i64>(),
        whole::<i128>(),
        whole::<f32>(),
        whole::<f64>(),
        whole::<char>(),
        whole::<String>(),
        whole::<Vec<u8>>(),
        whole::<()>(),
        whole::<PhantomData<u8>>(),
        whole::<Option<u8>>(),
        whole::<Option<Option<u8>>>(),
        whole::<(u8,)>(),
        whole::<[u8; 0]>(),
        whole::<[u8; 31]>(),
        whole::<[u8; 32]>(),
        whole::<HashMap<u8, u8>>(),
        whole::<Range<u8>>(),
        whole::<Range<u16>>(),
        whole::<Bound<u8>>(),
        whole::<Result<u8, u16>>(),
        whole::<Result<u16, u8>>(),
        whole::<Duration>(),
        whole::<SystemTime>(),
        whole::<IpAddr>(),
        whole::<SocketAddr>(),
        whole::<Bytes>(),
    ]);
}

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
        #[allow(dead_code)]
        mod one {
            use super::*;
            $(#[derive(Deserialize)] $item)*
        }
        #[allow(dead_code)]
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
#[allow(dead_code)]
struct Shared<T>(Arc<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::deserialize(deserializer).map(|inner| Self(Arc::from(inner)))
    }
}

#[test]
fn a_box_is_what_is_in_it() {
    assert_eq!(whole::<Box<one::User>>(), whole::<one::User>());
    assert_eq!(whole::<Shared<one::User>>(), whole::<other::User>());
    assert_eq!(whole::<Shared<Box<u8>>>(), whole::<u8>());
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Transparent<T>(T);
    assert_eq!(whole::<Transparent<one::Json>>(), whole::<one::Json>());
    let equal = versions! { nested:
        { struct T { a: Vec<Box<u8>>, b: Vec<u8>, c: Vec<Option<Box<one::Role>>>, d: Option<one::Role> } }
        { struct T { a: Vec<u8>, b: Vec<Box<u8>>, c: Vec<Option<one::Role>>, d: Option<Shared<one::Role>> } }
        { struct T { a: Vec<u8>, b: Vec<u8>, c: Vec<Option<one::Role>>, d: Option<one::Role> } }
    };
    assert!(equal.iter().all(|one| *one == equal[0]));
}

#[test]
fn recursive_types_are_seen_whole() {
    all_differ_everywhere(&versions! { nested:
        { struct T { children: Vec<T> } }
        { struct T { children: Vec<Vec<T>> } }
        { struct T { children: Option<Box<T>> } }
        { struct T { children: Option<Box<T>>, other: Option<Box<T>> } }
        { struct T { children: Vec<T>, value: u8 } }
        { struct T { value: u8, children: Vec<T> } }
        { struct T { children: BTreeMap<u8, T> } }
        { struct T(Vec<T>); }
        { #[serde(transparent)] struct T(Vec<T>); }
        { struct T { a: Vec<A> } struct A { t: Vec<T> } }
        { struct T { a: Vec<A> } struct A { t: Vec<A> } }
        { struct T { a: Vec<A> } struct A { t: Vec<T>, e: E } enum E { T(Box<T>), A(u8) } }
        { struct T { a: Vec<A> } struct A { t: Vec<T>, e: E } enum E { T(Box<T>), A(u16) } }
        { enum T { Num(i64), Add(Box<T>, Box<T>) } }
        { enum T { Num(i64), Add(Box<T>, Box<T>, Box<T>) } }
        { enum T { Num(u64), Add(Box<T>, Box<T>) } }
        { enum T { Add(Box<T>, Box<T>), Num(i64) } }
        { enum T { Neg(Box<T>), Not(Box<T>), Add(Box<T>, Box<T>), Num(i64) } }
        { enum T { Neg(Box<T>), Not(Box<T>), Add(Box<T>, Option<Box<T>>), Num(i64) } }
        { enum T { A(Box<U>), B(Box<U>) } enum U { A(Box<T>), B(Box<T>), C(u8) } }
        { enum T { A(Box<U>), B(Box<U>) } enum U { A(Box<T>), B(Box<T>), C(u16) } }
        { enum T { A(Box<U>), B(Box<U>) } enum U { A(Box<T>), B(Box<U>), C(u16) } }
        { enum T { A(Box<U>), B(u8) } enum U { A(Box<T>, V), B(Box<T>) } enum V { A(Box<U>), B } }
        { enum T { A(Box<U>), B(u8) } enum U { A(Box<T>, V), B(Box<T>) } enum V { A(Box<T>), B } }
        { enum T { Null, List(Vec<T>), Map(HashMap<String, T>) } }
        { enum T { Null, List(Vec<T>), Map(HashMap<String, (T, u8)>) } }
        { enum T { Null, List(Vec<T>), Map(HashMap<String, T>), Last(Option<Option<Box<T>>>) } }
    });
}

#[test]
fn what_stands_deep_in_a_recursion_is_seen() {
    all_differ_everywhere(&versions! { nested:
        { struct T { next: Option<Box<T>>, last: E } enum E { A, B(Option<u8>) } }
        { struct T { next: Option<Box<T>>, last: E } enum E { A, B(Option<u16>) } }
        { struct T { next: Option<Box<T>>, last: E } enum E { A, B(Option<Box<T>>) } }
        { struct T { next: Option<Box<T>>, last: E } enum E { A, B(Option<Box<E>>) } }
        { enum T { A(Box<U>), B } struct U { t: T, w: Option<W> } struct W { x: Vec<X> } enum X { P, Q(Vec<T>, u8) } }
        { enum T { A(Box<U>), B } struct U { t: T, w: Option<W> } struct W { x: Vec<X> } enum X { P, Q(Vec<T>, u16) } }
        { enum T { A(Box<U>), B } struct U { t: T, w: Option<W> } struct W { x: Vec<X> } enum X { P, Q(Vec<X>, u16) } }
        { enum T { A(Box<U>), B } struct U { t: T, w: Option<W> } struct W { x: Vec<X> } enum X { P, Q(Vec<Box<U>>, u16) } }
    });
}

/// As `serde_bytes` reads them.
struct Bytes;

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes)
            }
        }
        deserializer.deserialize_byte_buf(Reader)
    }
}

/// Read from another type by a function.
macro_rules! read_from {
    ($($name:ident $from:ty, $read:expr;)*) => {$(
        #[derive(Hash, PartialEq, Eq, PartialOrd, Ord)]
        struct $name;
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let accepts: fn($from) -> bool = $read;
                let read = <$from>::deserialize(deserializer)?;
                accepts(read).then_some($name).ok_or_else(|| D::Error::custom("not this one"))
            }
        }
    )*};
}

read_from! {
    Port u16, |port| port > 1024;
    Date (i32, u16), |(_, day)| (1..=366).contains(&day);
    Year i64, |year| (1900..2100).contains(&year);
    Email String, |text| text.contains('@');
    Time String, |text| text.ends_with('Z');
    Url String, |text| text.starts_with("http");
    Digest Sixteen, |_| true;
    Yes bool, |yes| yes;
    Pair Vec<u8>, |pair| pair.len() == 2;
    NotEmpty Vec<Role>, |roles| !roles.is_empty();
    Anything IgnoredAny, |_| true;
    Never String, |_| false;
    Sudden u8, |_| panic!("on purpose");
}

#[derive(Deserialize)]
#[allow(dead_code)]
enum Role {
    Guest,
    Member(Option<Port>),
}

struct Sixteen;

impl<'de> Deserialize<'de> for Sixteen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Sixteen;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("16 bytes")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Sixteen, E> {
                <[u8; 16]>::try_from(bytes).map_or_else(|_| Err(E::custom("16")), |_| Ok(Sixteen))
            }
        }
        deserializer.deserialize_bytes(Reader)
    }
}

#[test]
fn types_that_refuse_some_values_are_seen_whole() {
    whole::<(NonZeroU8, NonZeroI64)>();
    whole::<(Port, Date, Year, Email, Time, Url, Digest, Yes)>();
    whole::<Vec<BTreeMap<Email, Option<(Time, Date)>>>>();
    whole::<(Pair, NotEmpty, NotEmpty, Vec<NotEmpty>)>();
    assert_eq!(whole::<Port>(), whole::<u16>());
    assert_eq!(whole::<Email>(), whole::<String>());
    all_differ_everywhere(&versions! { nested:
        { struct T { port: Port, role: Option<Role> } enum Role { A, B(Option<u8>) } }
        { struct T { port: Port, role: Option<Role> } enum Role { A, B(Option<u16>) } }
        { struct T { role: Option<Role>, port: Port } enum Role { A, B(Option<u8>) } }
        { struct T { role: Option<Role>, port: Port } enum Role { A, B(Option<u16>) } }
        { struct T { role: Vec<Role>, port: u8 } enum Role { A(Port, u8), B(Url, Option<u8>) } }
        { struct T { role: Vec<Role>, port: u8 } enum Role { A(Port, u8), B(Url, Option<u16>) } }
    });
}

#[test]
fn a_struct_that_checks_its_fields_is_seen_whole() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Mode<C> {
        Off,
        On(Option<C>),
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Raw<C> {
        low: u8,
        mode: Option<Mode<C>>,
        high: u8,
    }
    #[derive(Deserialize)]
    #[serde(try_from = "Raw<C>", bound = "C: DeserializeOwned")]
    struct Checked<C>(PhantomData<C>);
    impl<C> TryFrom<Raw<C>> for Checked<C> {
        type Error = &'static str;
        fn try_from(raw: Raw<C>) -> Result<Self, Self::Error> {
            let right = raw.low > 0 && raw.high > 1;
            right.then_some(Self(PhantomData)).ok_or("too low")
        }
    }
    assert_ne!(whole::<Checked<u8>>(), whole::<Checked<u16>>());
    assert_eq!(whole::<Vec<Checked<u8>>>(), whole::<Vec<Raw<u8>>>());
}

#[test]
fn attributes_of_serde_are_followed() {
    #[derive(Deserialize)]
    #[serde(rename = "T")]
    #[allow(dead_code)]
    struct Plain {
        a: u8,
        b: Option<u16>,
    }
    #[derive(Deserialize)]
    #[serde(rename = "T", default)]
    #[derive(Default)]
    #[allow(dead_code)]
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
        { enum T { A(u8), B, #[serde(skip)] X, C(String) } }
        { enum T { A(u8), B, #[serde(other)] C } }
    };
    assert_eq!(plain, skipped, "the indices are those without it");
    all_differ_everywhere(&[plain, alias, other]);
}

/// 300 variants; all but the last hold a `First`, the last a `Last`.
struct Wide<First, Last>(PhantomData<(First, Last)>);

impl<'de, First: Deserialize<'de>, Last: Deserialize<'de>> Deserialize<'de> for Wide<First, Last> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = Wide(PhantomData);
        deserializer.deserialize_enum("Wide", &["Variant"; 300], visitor)
    }
}

impl<'de, First: Deserialize<'de>, Last: Deserialize<'de>> Visitor<'de> for Wide<First, Last> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of 300")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, from: A) -> Result<Self, A::Error> {
        match from.variant::<u32>()? {
            (299, variant) => variant.newtype_variant::<Last>().map(drop),
            (_, variant) => variant.newtype_variant::<First>().map(drop),
        }?;
        Ok(self)
    }
}

/// Most of its 300 variants hold itself.
struct Wild(#[allow(dead_code)] Box<Wide<Wild, u8>>);

impl<'de> Deserialize<'de> for Wild {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::deserialize(deserializer).map(Self)
    }
}

#[test]
fn wide_enums_are_seen_whole() {
    assert_ne!(whole::<Wide<u8, u8>>(), whole::<Wide<u8, u16>>());
    assert_ne!(whole::<Wide<u8, u8>>(), whole::<Wide<u16, u8>>());
    assert_ne!(whole::<Wild>(), whole::<Vec<Wild>>());
}

#[test]
fn wide_enums_in_wide_enums_are_seen_whole() {
    macro_rules! twenty {
        ($($variant:ident $length:literal)*) => {
            #[derive(Deserialize)]
            #[allow(dead_code)]
            enum Inner<T> {
                $($variant(T),)*
            }
            #[derive(Deserialize)]
            #[allow(dead_code)]
            enum Outer<T> {
                $($variant(Inner<[u8; $length]>),)*
                Last(Inner<T>),
            }
        };
    }
    twenty!(A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I 9 J 10 K 11 L 12 M 13 N 14 O 15 P 16 Q 17 R 18 S 19);
    assert_ne!(whole::<Outer<u8>>(), whole::<Outer<u16>>());
}

#[derive(Deserialize)]
#[allow(dead_code)]
#[serde(untagged)]
enum Untagged {
    A(u8),
    B(String),
}

#[derive(Deserialize)]
#[allow(dead_code)]
#[serde(tag = "kind")]
enum Internal {
    A { x: u8 },
    B { y: String },
}

#[derive(Deserialize)]
#[allow(dead_code)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    A(u8),
    B(String),
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    rest: HashMap<String, u8>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
enum Empty {}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Endless(Box<Endless>);

#[derive(Deserialize)]
#[allow(dead_code)]
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
        not_whole::<Anything>(),
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

#[test]
fn a_fallback_goes_by_the_name_and_what_was_seen() {
    mod one {
        use super::{Deserialize, Never, Untagged};
        #[derive(Deserialize)]
        #[allow(dead_code)]
        pub(super) struct T {
            pub(super) a: u8,
            pub(super) b: Option<Untagged>,
            pub(super) c: Vec<Never>,
            pub(super) d: Option<u8>,
        }
    }
    mod other {
        use super::{Deserialize, Never, Untagged};
        #[derive(Deserialize)]
        #[allow(dead_code)]
        pub(super) struct T {
            pub(super) a: u8,
            pub(super) b: Option<Untagged>,
            pub(super) c: Vec<Never>,
            pub(super) d: Option<u8>,
        }
    }
    assert_ne!(not_whole::<one::T>(), not_whole::<other::T>());
    // The macro's types have one name: only what was seen can tell them apart.
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
    #[allow(dead_code)]
    struct Lenient {
        #[serde(deserialize_with = "lenient")]
        a: Option<u8>,
        b: u8,
    }
    fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
        Ok(Untagged::deserialize(deserializer).ok().map(|_| 0))
    }
    not_whole::<Lenient>();
}

#[test]
fn a_panic_falls_back() {
    assert_eq!(shape::<Sudden>(), shape::<Sudden>());
    not_whole::<Vec<Sudden>>();
    assert_ne!(not_whole::<(u8, Sudden)>(), not_whole::<(u16, Sudden)>());
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
    not_whole::<PanicsOnDrop>();
    assert_eq!(whole::<u8>(), whole::<u8>());
}

#[test]
fn shapes_are_golden() {
    // A change makes every kept value of these types a miss: for the CHANGELOG.
    assert_eq!(whole::<u8>(), 1_037_911_983_987_893_823);
    assert_eq!(whole::<one::User>(), 12_453_373_445_863_333_276);
    assert_eq!(whole::<other::Json>(), 15_552_706_903_489_966_187);
}
