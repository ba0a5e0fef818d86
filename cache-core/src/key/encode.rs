//! The canonical encoding of arguments: a serde serializer that writes into the hash.
//!
//! It is injective over serde's data model: every value starts with a tag that is not zero,
//! numbers have their full width, runs of bytes their length, compounds end with zero, and
//! fields and variants go in by name. So the encoding of a value is never the beginning of
//! another's, and two argument lists with the same bytes are the same list. Maps and sets are the
//! exception by intent: their entries are hashed one by one and added up, so that the order in
//! which they happen to come does not matter.
//!
//! Nothing is allocated.

use std::any::type_name;
use std::fmt::Display;

use serde_core::ser::{self, Serialize};

use super::compound::Compound;
use super::display;
use super::hasher::KeyHasher;
use super::refused::{Done, Refused};
use super::tag::Tag;
use super::unordered::{Unordered, is_unordered_set};
use crate::error::{self, Error, ErrorKind};

impl KeyHasher {
    /// Feeds one argument.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] if the argument's own `Serialize` fails.
    #[inline]
    pub fn part<T: Serialize + ?Sized>(&mut self, argument: &T) -> error::Result<()> {
        self.encode(argument).map_err(|error| {
            Error::new(ErrorKind::Encode, "cannot encode an argument for the key")
                .with_source(error.0)
        })
    }

    /// Feeds one value.
    #[inline]
    pub(super) fn encode<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(Encoder(self))
    }
}

/// Writes one value into the hash.
pub(super) struct Encoder<'a>(pub(super) &'a mut KeyHasher);

impl<'a> Encoder<'a> {
    #[inline]
    pub(super) fn tag(&mut self, tag: Tag) {
        self.0.byte(tag as u8);
    }

    #[inline]
    fn number<const N: usize>(mut self, tag: Tag, bytes: [u8; N]) {
        self.tag(tag);
        self.0.bytes(&bytes);
    }

    #[inline]
    pub(super) fn run(mut self, tag: Tag, bytes: &[u8]) {
        self.tag(tag);
        self.0.run(bytes);
    }

    fn open(mut self, tag: Tag) -> Compound<'a> {
        self.tag(tag);
        Compound(self.0)
    }

    fn open_named(mut self, tag: Tag, names: &[&str]) -> Compound<'a> {
        self.tag(tag);
        for name in names {
            self.0.text(name);
        }
        Compound(self.0)
    }
}

/// Numbers: tag, then little-endian bytes of full width.
macro_rules! numbers {
    ($($method:ident($type:ty) = $tag:ident;)*) => {
        $(#[inline] fn $method(self, value: $type) -> Done {
            self.number(Tag::$tag, value.to_le_bytes());
            Ok(())
        })*
    };
}

impl<'a> ser::Serializer for Encoder<'a> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Unordered<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    numbers! {
        serialize_i8(i8) = I8;
        serialize_i16(i16) = I16;
        serialize_i32(i32) = I32;
        serialize_i64(i64) = I64;
        serialize_i128(i128) = I128;
        serialize_u8(u8) = U8;
        serialize_u16(u16) = U16;
        serialize_u32(u32) = U32;
        serialize_u64(u64) = U64;
        serialize_u128(u128) = U128;
        serialize_f32(f32) = F32;
        serialize_f64(f64) = F64;
    }

    fn serialize_bool(self, value: bool) -> Done {
        self.number(Tag::Bool, [u8::from(value)]);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Done {
        self.number(Tag::Char, u32::from(value).to_le_bytes());
        Ok(())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Done {
        self.run(Tag::Str, value.as_bytes());
        Ok(())
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Done {
        self.run(Tag::Bytes, value);
        Ok(())
    }

    fn serialize_none(self) -> Done {
        self.number(Tag::None, []);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Done {
        self.tag(Tag::Some);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.number(Tag::Unit, []);
        Ok(())
    }

    fn serialize_unit_struct(self, name: &'static str) -> Done {
        self.run(Tag::UnitStruct, name.as_bytes());
        Ok(())
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, variant: &'static str) -> Done {
        self.open_named(Tag::UnitVariant, &[name, variant]);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Done {
        let Compound(hasher) = self.open_named(Tag::NewtypeStruct, &[name]);
        value.serialize(Encoder(hasher))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        let Compound(hasher) = self.open_named(Tag::NewtypeVariant, &[name, variant]);
        value.serialize(Encoder(hasher))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, Refused> {
        Ok(self.open(Tag::Seq))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'a>, Refused> {
        Ok(self.open(Tag::Tuple))
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, Refused> {
        Ok(self.open_named(Tag::TupleStruct, &[name]))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Refused> {
        Ok(self.open_named(Tag::TupleVariant, &[name, variant]))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Unordered<'a>, Refused> {
        Ok(Unordered::new(self.0, Tag::Map))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'a>, Refused> {
        Ok(self.open_named(Tag::Struct, &[name]))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a>, Refused> {
        Ok(self.open_named(Tag::StructVariant, &[name, variant]))
    }

    /// Sets reach a serializer as sequences, in whatever order they have; their collection type
    /// is the only thing that tells.
    fn collect_seq<I>(self, elements: I) -> Done
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        if !is_unordered_set(type_name::<I>()) {
            let mut seq = self.serialize_seq(None)?;
            for element in elements {
                seq.element(&element)?;
            }
            seq.close();
            return Ok(());
        }
        let mut set = Unordered::new(self.0, Tag::Set);
        for element in elements {
            set.add(&element)?;
        }
        ser::SerializeMap::end(set)
    }

    fn collect_str<T: Display + ?Sized>(mut self, value: &T) -> Done {
        self.tag(Tag::Str);
        let failed = |_| ser::Error::custom("a Display implementation failed");
        display::feed(self.0, value).map_err(failed)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
