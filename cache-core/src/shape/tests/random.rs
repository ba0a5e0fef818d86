//! Types made at random: two have one fingerprint only if they ask for the same, all the way down.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::super::{Shape, shape};

/// What a type asks for. Its parts are types again, by their numbers.
#[derive(Clone, Debug, PartialEq, PartialOrd, Ord, Eq)]
enum Ask {
    Leaf(Leaf),
    Option(usize),
    Seq(usize),
    Map(usize, usize),
    Tuple(Vec<usize>),
    Newtype(&'static str, usize),
    Struct(&'static str, Vec<usize>),
    Enum(&'static str, Vec<Vec<usize>>),
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Ord, Eq)]
enum Leaf {
    Any,
    Positive,
    Hundreds,
    Text,
    Never,
}

/// Types that may refer to each other. The first is the one that is looked at.
type Types = Vec<Ask>;

const MOST: usize = 8;
const LEAVES: [Leaf; 5] = [
    Leaf::Any,
    Leaf::Positive,
    Leaf::Hundreds,
    Leaf::Text,
    Leaf::Never,
];
const NAMES: [&str; 4] = ["A", "B", "C", "D"];
const PARTS: [&str; 4] = ["a", "b", "c", "d"];

thread_local! {
    static TYPES: RefCell<Types> = const { RefCell::new(Vec::new()) };
}

fn ask(number: usize) -> Ask {
    TYPES.with_borrow(|types| types[number].clone())
}

/// The type with this number.
struct Type<const N: usize>;

impl<'de, const N: usize> Deserialize<'de> for Type<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match ask(N) {
            Ask::Leaf(Leaf::Any | Leaf::Never) => from.deserialize_u8(Self),
            Ask::Leaf(Leaf::Positive) => from.deserialize_u32(Self),
            Ask::Leaf(Leaf::Hundreds) => from.deserialize_i64(Self),
            Ask::Leaf(Leaf::Text) => from.deserialize_string(Self),
            Ask::Option(_) => from.deserialize_option(Self),
            Ask::Seq(_) => from.deserialize_seq(Self),
            Ask::Map(..) => from.deserialize_map(Self),
            Ask::Tuple(parts) => from.deserialize_tuple(parts.len(), Self),
            Ask::Newtype(name, _) => from.deserialize_newtype_struct(name, Self),
            Ask::Struct(name, parts) => from.deserialize_struct(name, &PARTS[..parts.len()], Self),
            Ask::Enum(name, variants) => {
                from.deserialize_enum(name, &PARTS[..variants.len()], Self)
            }
        }
    }
}

fn takes<E: Error>(takes: bool) -> Result<(), E> {
    takes.then_some(()).ok_or_else(|| E::custom("not this one"))
}

impl<'de, const N: usize> Visitor<'de> for Type<N> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", ask(N))
    }

    fn visit_u8<E: Error>(self, _: u8) -> Result<Self, E> {
        takes(ask(N) != Ask::Leaf(Leaf::Never)).map(|()| self)
    }

    fn visit_u32<E: Error>(self, number: u32) -> Result<Self, E> {
        takes(number > 0).map(|()| self)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self, E> {
        takes(number >= 100).map(|()| self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_none<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self, D::Error> {
        self.visit_newtype_struct(from)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Self, D::Error> {
        let (Ask::Option(part) | Ask::Newtype(_, part)) = ask(N) else {
            unreachable!()
        };
        Part(part).deserialize(from).map(|()| self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self, A::Error> {
        match ask(N) {
            Ask::Seq(part) => while from.next_element_seed(Part(part))?.is_some() {},
            Ask::Tuple(parts) | Ask::Struct(_, parts) => Parts(parts).visit_seq(from)?,
            _ => unreachable!(),
        }
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self, A::Error> {
        let Ask::Map(key, value) = ask(N) else {
            unreachable!()
        };
        while from.next_key_seed(Part(key))?.is_some() {
            from.next_value_seed(Part(value))?;
        }
        Ok(self)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, from: A) -> Result<Self, A::Error> {
        let Ask::Enum(_, variants) = ask(N) else {
            unreachable!()
        };
        let (variant, from) = from.variant::<u32>()?;
        let parts = variants[variant as usize].clone();
        match parts[..] {
            [] => from.unit_variant()?,
            [part] => from.newtype_variant_seed(Part(part))?,
            _ => from.tuple_variant(parts.len(), Parts(parts))?,
        }
        Ok(self)
    }
}

/// Reads a type by its number.
struct Part(usize);

impl<'de> DeserializeSeed<'de> for Part {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self.0 {
            0 => Type::<0>::deserialize(from).map(drop),
            1 => Type::<1>::deserialize(from).map(drop),
            2 => Type::<2>::deserialize(from).map(drop),
            3 => Type::<3>::deserialize(from).map(drop),
            4 => Type::<4>::deserialize(from).map(drop),
            5 => Type::<5>::deserialize(from).map(drop),
            6 => Type::<6>::deserialize(from).map(drop),
            _ => Type::<7>::deserialize(from).map(drop),
        }
    }
}

struct Parts(Vec<usize>);

impl<'de> Visitor<'de> for Parts {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parts", self.0.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        for part in self.0 {
            let read = from.next_element_seed(Part(part))?;
            read.ok_or_else(|| A::Error::custom("too short"))?;
        }
        Ok(())
    }
}

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn some<T>(&mut self, limit: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(limit)).map(|_| one(self)).collect()
    }

    fn ask(&mut self, types: usize) -> Ask {
        let part = |random: &mut Self| random.below(types);
        match self.below(10) {
            0 | 1 => Ask::Leaf(self.one(&LEAVES)),
            2 => Ask::Option(part(self)),
            3 => Ask::Seq(part(self)),
            4 => Ask::Map(part(self), part(self)),
            5 => Ask::Tuple(self.some(3, part)),
            6 => Ask::Newtype(self.one(&NAMES), part(self)),
            7 => Ask::Struct(self.one(&NAMES), self.some(4, part)),
            _ => Ask::Enum(
                self.one(&NAMES),
                self.some(5, |random| random.some(3, part)),
            ),
        }
    }

    fn types(&mut self) -> Types {
        let types = 2 + self.below(MOST - 1);
        (0..types).map(|_| self.ask(types)).collect()
    }
}

fn parts(ask: &Ask) -> Vec<usize> {
    match ask {
        Ask::Leaf(_) => Vec::new(),
        Ask::Option(part) | Ask::Seq(part) | Ask::Newtype(_, part) => vec![*part],
        Ask::Map(key, value) => vec![*key, *value],
        Ask::Tuple(parts) | Ask::Struct(_, parts) => parts.clone(),
        Ask::Enum(_, variants) => variants.concat(),
    }
}

fn reached(types: &Types) -> Vec<usize> {
    let mut reached = vec![0];
    let mut at = 0;
    while at < reached.len() {
        for part in parts(&types[reached[at]]) {
            if !reached.contains(&part) {
                reached.push(part);
            }
        }
        at += 1;
    }
    reached
}

/// Whether every type that is reached has values that end.
fn have_values(types: &Types) -> bool {
    let mut have = vec![false; types.len()];
    for _ in types {
        for at in 0..types.len() {
            have[at] = match &types[at] {
                Ask::Enum(_, variants) => variants
                    .iter()
                    .any(|variant| variant.iter().all(|part| have[*part])),
                Ask::Newtype(..) | Ask::Tuple(_) | Ask::Struct(..) => {
                    parts(&types[at]).iter().all(|part| have[*part])
                }
                _ => true,
            };
        }
    }
    reached(types).iter().all(|at| have[*at])
}

/// The question less the numbers of its parts.
fn label(ask: &Ask) -> Ask {
    let nil = |parts: &Vec<usize>| vec![0; parts.len()];
    match ask {
        Ask::Leaf(leaf) if *leaf == Leaf::Never => Ask::Leaf(Leaf::Any),
        Ask::Leaf(leaf) => Ask::Leaf(*leaf),
        Ask::Option(_) => Ask::Option(0),
        Ask::Seq(_) => Ask::Seq(0),
        Ask::Map(..) => Ask::Map(0, 0),
        Ask::Tuple(parts) => Ask::Tuple(nil(parts)),
        Ask::Newtype(name, _) => Ask::Newtype(name, 0),
        Ask::Struct(name, parts) => Ask::Struct(name, nil(parts)),
        Ask::Enum(name, variants) => Ask::Enum(name, variants.iter().map(nil).collect()),
    }
}

/// Whether two types ask for the same, however deep: types are one class until something tells
/// them apart.
fn ask_alike(one: &Types, other: &Types) -> bool {
    let shifted = |ask| {
        parts(ask)
            .into_iter()
            .map(|part| part + one.len())
            .collect()
    };
    let ones = one.iter().map(|ask| (label(ask), parts(ask)));
    let others = other.iter().map(|ask| (label(ask), shifted(ask)));
    let all: Vec<(Ask, Vec<usize>)> = ones.chain(others).collect();
    let mut classes = vec![0; all.len()];
    for _ in &all {
        let mut known = BTreeMap::new();
        let class = |(label, parts): &(Ask, Vec<usize>)| {
            let parts: Vec<_> = parts.iter().map(|part| classes[*part]).collect();
            let next = known.len();
            *known.entry((label.clone(), parts)).or_insert(next)
        };
        classes = all.iter().map(class).collect();
    }
    classes[0] == classes[one.len()]
}

fn shape_of(types: &Types) -> Shape {
    TYPES.set(types.clone());
    shape::<Type<0>>()
}

#[test]
fn types_of_one_fingerprint_ask_alike() {
    let mut random = Random(1);
    let (mut alike, mut whole) = (0, 0);
    for _ in 0..2_000 {
        let types = random.types();
        let shape = shape_of(&types);
        if !have_values(&types) {
            continue;
        }
        let refuses = |at: &usize| types[*at] == Ask::Leaf(Leaf::Never);
        let sees_all = !reached(&types).iter().any(refuses);
        assert_eq!(shape.whole, sees_all, "{types:?}");
        if !sees_all {
            continue;
        }
        whole += 1;
        for _ in 0..4 {
            let mut changed = types.clone();
            let at = random.one(&reached(&types));
            changed[at] = random.ask(types.len());
            let other = shape_of(&changed);
            if have_values(&changed) && shape.fingerprint == other.fingerprint {
                alike += 1;
                assert!(ask_alike(&types, &changed), "{types:?} {changed:?}");
            }
        }
    }
    assert!(alike > 100 && whole > 1_000, "{alike} {whole}");
}

#[test]
fn types_in_another_order_are_equal() {
    let mut random = Random(2);
    for _ in 0..500 {
        let types = random.types();
        let last = types.len() - 1;
        // The first stays where it is.
        let moved = |part: &usize| if *part == 0 { 0 } else { last + 1 - part };
        let all = |parts: &Vec<usize>| parts.iter().map(moved).collect::<Vec<_>>();
        let mut turned: Types = types
            .iter()
            .map(|ask| match ask {
                Ask::Leaf(leaf) => Ask::Leaf(*leaf),
                Ask::Option(part) => Ask::Option(moved(part)),
                Ask::Seq(part) => Ask::Seq(moved(part)),
                Ask::Map(key, value) => Ask::Map(moved(key), moved(value)),
                Ask::Tuple(parts) => Ask::Tuple(all(parts)),
                Ask::Newtype(name, part) => Ask::Newtype(name, moved(part)),
                Ask::Struct(name, parts) => Ask::Struct(name, all(parts)),
                Ask::Enum(name, variants) => Ask::Enum(name, variants.iter().map(all).collect()),
            })
            .collect();
        turned[1..].reverse();
        assert_eq!(shape_of(&types), shape_of(&turned), "{types:?}");
    }
}
