//! How many bytes a value takes in a store of bytes, without writing them.
//!
//! What [postcard](https://postcard.jamesmunns.com/wire-format) writes, counted: numbers by seven bits a byte, lengths before
//! texts and sequences, no names.

use std::fmt::{self, Display, Write};

use serde_core::Serialize;
use serde_core::ser::{self, SerializeMap};

/// Counts the bytes of a value.
///
/// # Errors
///
/// Nothing is known but that its own `Serialize` failed, or that it does not say how long it is.
pub(crate) fn weight<T: Serialize + ?Sized>(value: &T) -> Result<u64, fmt::Error> {
    let mut scale = Scale(0);
    value.serialize(&mut scale)?;
    Ok(scale.0)
}

/// The bytes so far.
struct Scale(u64);

impl Scale {
    #[allow(clippy::unnecessary_wraps)] // what a serializer answers
    fn add(&mut self, bytes: u64) -> fmt::Result {
        self.0 = self.0.saturating_add(bytes);
        Ok(())
    }

    /// A number, seven bits a byte.
    fn number(&mut self, number: u128) -> fmt::Result {
        let bits = u128::BITS - number.leading_zeros();
        self.add(u64::from(bits.div_ceil(7).max(1)))
    }

    /// A number with a sign, which is its lowest bit.
    fn signed(&mut self, number: i128) -> fmt::Result {
        self.number((number << 1 ^ number >> 127).cast_unsigned())
    }

    fn length(&mut self, length: usize) -> fmt::Result {
        self.number(length as u128)
    }

    fn run(&mut self, length: usize) -> fmt::Result {
        self.length(length)?;
        self.add(length as u64)
    }
}

macro_rules! weigh {
    ($($method:ident($value:ty) by $way:ident as $wide:ty;)*) => {
        $(fn $method(self, value: $value) -> fmt::Result {
            self.$way(<$wide>::from(value))
        })*
    };
}

macro_rules! fixed {
    ($($method:ident($value:ty): $bytes:literal;)*) => {
        $(fn $method(self, _: $value) -> fmt::Result {
            self.add($bytes)
        })*
    };
}

impl ser::Serializer for &mut Scale {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    weigh! {
        serialize_u16(u16) by number as u128;
        serialize_u32(u32) by number as u128;
        serialize_u64(u64) by number as u128;
        serialize_u128(u128) by number as u128;
        serialize_i16(i16) by signed as i128;
        serialize_i32(i32) by signed as i128;
        serialize_i64(i64) by signed as i128;
        serialize_i128(i128) by signed as i128;
    }

    fixed! {
        serialize_bool(bool): 1;
        serialize_u8(u8): 1;
        serialize_i8(i8): 1;
        serialize_f32(f32): 4;
        serialize_f64(f64): 8;
    }

    fn serialize_char(self, char: char) -> fmt::Result {
        self.run(char.len_utf8())
    }

    fn serialize_str(self, text: &str) -> fmt::Result {
        self.run(text.len())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> fmt::Result {
        self.run(bytes.len())
    }

    fn serialize_none(self) -> fmt::Result {
        self.add(1)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> fmt::Result {
        self.add(1)?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> fmt::Result {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> fmt::Result {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, at: u32, _: &'static str) -> fmt::Result {
        self.number(at.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        at: u32,
        _: &'static str,
        value: &T,
    ) -> fmt::Result {
        self.number(at.into())?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, fmt::Error> {
        self.length(length.ok_or(fmt::Error)?)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        at: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, fmt::Error> {
        self.number(at.into())?;
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, fmt::Error> {
        self.serialize_seq(length)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        at: u32,
        variant: &'static str,
        fields: usize,
    ) -> Result<Self, fmt::Error> {
        self.serialize_tuple_variant(name, at, variant, fields)
    }

    fn collect_str<T: Display + ?Sized>(self, text: &T) -> fmt::Result {
        let mut length = Length(0);
        write!(length, "{text}")?;
        self.run(length.0)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// How long a text is that nobody keeps.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

macro_rules! parts {
    ($($kind:ident::$method:ident($($key:ty)?);)*) => {
        $(impl ser::$kind for &mut Scale {
            type Ok = ();
            type Error = fmt::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, $(_: $key,)? value: &T) -> fmt::Result {
                value.serialize(&mut **self)
            }

            fn end(self) -> fmt::Result {
                Ok(())
            }
        })*
    };
}

parts! {
    SerializeSeq::serialize_element();
    SerializeTuple::serialize_element();
    SerializeTupleStruct::serialize_field();
    SerializeTupleVariant::serialize_field();
    SerializeStruct::serialize_field(&'static str);
    SerializeStructVariant::serialize_field(&'static str);
}

impl SerializeMap for &mut Scale {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> fmt::Result {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> fmt::Result {
        value.serialize(&mut **self)
    }

    fn end(self) -> fmt::Result {
        Ok(())
    }
}

#[cfg(all(test, feature = "codec"))]
mod tests {
    use super::weight;
    use serde::Serialize;
    use serde::ser::{SerializeSeq, Serializer};
    use std::collections::BTreeMap;
    use std::net::IpAddr;

    #[track_caller]
    fn agrees<T: Serialize>(value: &T) {
        let written = postcard::to_extend(value, Vec::new()).unwrap();
        assert_eq!(weight(value).unwrap(), written.len() as u64);
    }

    #[derive(Serialize)]
    enum Shape {
        Nothing,
        One(u64),
        Two(i8, char),
        Named { text: String, rest: Option<Vec<u8>> },
    }

    #[derive(Serialize)]
    struct Unit;

    #[derive(Serialize)]
    struct Wide(u128, Unit, (f32, f64));

    #[test]
    fn it_weighs_what_postcard_writes() {
        for shift in 0..128 {
            let number = 1_u128 << shift;
            agrees(&[number - 1, number, number + 1]);
            agrees(&[number.cast_signed(), -number.cast_signed().max(-i128::MAX)]);
            #[allow(clippy::cast_possible_truncation)]
            agrees(&(number as u64, number as i64, number as u32, number as i32));
            #[allow(clippy::cast_possible_truncation)]
            agrees(&(number as u16, number as i16, number as u8, number as i8));
        }
        agrees(&(i64::MIN, i128::MIN, i16::MIN, true, 'ü', "größe", ()));
        agrees(&vec!["x".repeat(127), "x".repeat(128), "x".repeat(20_000)]);
        agrees(&BTreeMap::from([(1_u8, vec![0.5_f32]), (200, vec![])]));
        agrees(&[Shape::Nothing, Shape::One(300), Shape::Two(-1, 'a')]);
        let (text, rest) = (String::from("t"), Some(vec![1, 2, 3]));
        agrees(&Shape::Named { text, rest });
        agrees(&Wide(1 << 100, Unit, (0.1, 0.2)));
        agrees(&(Some(1), None::<u8>, IpAddr::from([127, 0, 0, 1])));
    }

    struct Displayed;

    impl Serialize for Displayed {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("{}-{}", 12, "größe"))
        }
    }

    struct Endless;

    impl Serialize for Endless {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_seq(None)?.end()
        }
    }

    #[test]
    fn what_is_displayed_is_weighed_and_what_has_no_length_is_not() {
        agrees(&Displayed);
        assert!(weight(&Endless).is_err());
        assert!(postcard::to_extend(&Endless, Vec::new()).is_err());
    }
}
