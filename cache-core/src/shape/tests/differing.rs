//! A change of a definition is a change of the fingerprint, wherever the type stands.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::ops::{Bound, Range};
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use super::{Bytes, all_differ, all_differ_everywhere, nested, versions, whole};

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
