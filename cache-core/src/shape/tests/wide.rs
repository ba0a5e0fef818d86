//! Enums with many variants are seen whole.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{EnumAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::whole;

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
struct Wild(Box<Wide<Wild, u8>>);

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
            enum Inner<T> {
                $($variant(T),)*
            }
            #[derive(Deserialize)]
            enum Outer<T> {
                $($variant(Inner<[u8; $length]>),)*
                Last(Inner<T>),
            }
        };
    }
    twenty!(A 1 B 2 C 3 D 4 E 5 F 6 G 7 H 8 I 9 J 10 K 11 L 12 M 13 N 14 O 15 P 16 Q 17 R 18 S 19);
    assert_ne!(whole::<Outer<u8>>(), whole::<Outer<u16>>());
}
