//! Types inside of themselves are seen whole, and all that stands in them.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::{all_differ_everywhere, nested, versions};

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
