//! Laws of shapes: what differs, what is alike, and what cannot be seen.
// Types as users write them, read but not used.
#![allow(dead_code, clippy::vec_box, clippy::option_option)]

mod alike;
mod differing;
mod random;
mod recursive;
mod refusing;
mod unseen;
mod wide;

use std::any::type_name;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::de::{DeserializeOwned, Error, Visitor};
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
                $item
            )*
            $of::<T>()
        }),*]
    };
}

/// Looks at a type wherever one can be.
fn nested<T: DeserializeOwned>() -> [u64; 7] {
    #[derive(Deserialize)]
    enum Last<T> {
        Unit,
        Struct { a: u8, b: Option<Box<T>> },
        Tuple(u8, Vec<T>),
        Map(BTreeMap<String, (u8, [T; 2])>),
        Result(Result<(), Box<T>>),
    }
    #[derive(Deserialize)]
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

/// Takes nothing.
#[derive(Hash, PartialEq, Eq)]
struct Never;

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?;
        Err(D::Error::custom("never"))
    }
}

/// Bytes, as `serde_bytes` and `uuid` read them: any number of them, or those that are taken.
struct Bytes;
struct SixteenBytes;

macro_rules! read_bytes {
    ($name:ident $question:ident, $takes:expr) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.$question(Self)
            }
        }

        impl Visitor<'_> for $name {
            type Value = Self;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self, E> {
                let takes: fn(&[u8]) -> bool = $takes;
                takes(bytes)
                    .then_some(self)
                    .ok_or_else(|| E::custom("not these"))
            }
        }
    };
}

read_bytes!(Bytes deserialize_byte_buf, |_| true);
read_bytes!(SixteenBytes deserialize_bytes, |bytes| bytes.len() == 16);

use {read_from, versions};
