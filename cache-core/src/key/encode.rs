//! The canonical encoding of arguments: a serde serializer that writes into the hash.
//!
//! It is injective over serde's data model: every value starts with a tag that is not zero,
//! numbers have their full width, runs of bytes their length, compounds end with [`END`], and
//! fields and variants go in by name. So the encoding of a value is never the beginning of
//! another's, and two argument lists with the same bytes are the same list. Maps and sets are the
//! exception by intent: their entries are hashed one by one and added up, so that the order in
//! which they happen to come does not matter.
//!
//! Nothing is allocated.

use std::any::type_name;
use std::fmt::{self, Display, Write as _};

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};

use super::hasher::KeyHasher;

/// Writes one value into the hash.
pub(super) struct Encoder<'a>(pub(super) &'a mut KeyHasher);

/// An argument's own `Serialize` said no.
#[derive(Debug)]
pub(super) struct Refused(pub(super) String);

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Ends a compound: no value starts with it.
const END: u8 = 0;

/// What a value starts with. The numbers are part of the key format: never change one.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Tag {
    Bool = 1,
    I8 = 2,
    I16 = 3,
    I32 = 4,
    I64 = 5,
    I128 = 6,
    U8 = 7,
    U16 = 8,
    U32 = 9,
    U64 = 10,
    U128 = 11,
    F32 = 12,
    F64 = 13,
    Char = 14,
    Str = 15,
    Bytes = 16,
    None = 17,
    Some = 18,
    Unit = 19,
    UnitStruct = 20,
    UnitVariant = 21,
    NewtypeStruct = 22,
    NewtypeVariant = 23,
    Seq = 24,
    Tuple = 25,
    TupleStruct = 26,
    TupleVariant = 27,
    Map = 28,
    Struct = 29,
    StructVariant = 30,
    Set = 31,
}

type Done = Result<(), Refused>;

impl<'a> Encoder<'a> {
    #[inline]
    fn tag(&mut self, tag: Tag) {
        self.0.byte(tag as u8);
    }

    #[inline]
    fn number<const N: usize>(mut self, tag: Tag, bytes: [u8; N]) -> Done {
        self.tag(tag);
        self.0.bytes(&bytes);
        Ok(())
    }

    #[inline]
    fn run(mut self, tag: Tag, bytes: &[u8]) -> Done {
        self.tag(tag);
        self.0.run(bytes);
        Ok(())
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
            self.number(Tag::$tag, value.to_le_bytes())
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
        self.number(Tag::Bool, [u8::from(value)])
    }

    fn serialize_char(self, value: char) -> Done {
        self.number(Tag::Char, u32::from(value).to_le_bytes())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Done {
        self.run(Tag::Str, value.as_bytes())
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Done {
        self.run(Tag::Bytes, value)
    }

    fn serialize_none(self) -> Done {
        self.number(Tag::None, [])
    }

    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Done {
        self.tag(Tag::Some);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.number(Tag::Unit, [])
    }

    fn serialize_unit_struct(self, name: &'static str) -> Done {
        self.run(Tag::UnitStruct, name.as_bytes())
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
        Ok(Unordered::new(self, Tag::Map))
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
                SerializeSeq::serialize_element(&mut seq, &element)?;
            }
            return SerializeSeq::end(seq);
        }
        let mut set = Unordered::new(self, Tag::Set);
        for element in elements {
            set.add(&element)?;
        }
        set.end()
    }

    fn collect_str<T: Display + ?Sized>(mut self, value: &T) -> Done {
        self.tag(Tag::Str);
        let mut length = Length(0);
        let failed = |_| ser::Error::custom("a Display implementation failed");
        write!(length, "{value}").map_err(failed)?;
        self.0.word(length.0);
        write!(Feed(self.0), "{value}").map_err(failed)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Whether a collection's type is a hash set's: `HashSet` and `IndexSet`, of whatever crate.
fn is_unordered_set(type_name: &str) -> bool {
    let path = type_name.trim_start_matches('&');
    let name = path.split('<').next().unwrap_or(path);
    name.ends_with("::HashSet") || name.ends_with("::IndexSet")
}

/// Counts what is written to it.
struct Length(u64);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

/// Feeds what is written to it into the hash.
struct Feed<'a>(&'a mut KeyHasher);

impl fmt::Write for Feed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.bytes(text.as_bytes());
        Ok(())
    }
}

/// A sequence, tuple or struct that is open.
pub(super) struct Compound<'a>(&'a mut KeyHasher);

impl Compound<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(Encoder(self.0))
    }

    /// A field is its name and its value; the name is a `Str`, so that it is not [`END`].
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Done {
        Encoder(self.0).run(Tag::Str, name.as_bytes())?;
        self.element(value)
    }

    fn close(self) {
        self.0.byte(END);
    }
}

macro_rules! compound {
    ($($trait:ident: $method:ident($($name:ident: $type:ty)?) => $via:ident;)*) => {
        $(impl $trait for Compound<'_> {
            type Ok = ();
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, $($name: $type,)? value: &T) -> Done {
                self.$via($($name,)? value)
            }

            fn end(self) -> Done {
                self.close();
                Ok(())
            }
        })*
    };
}

compound! {
    SerializeSeq: serialize_element() => element;
    SerializeTuple: serialize_element() => element;
    SerializeTupleStruct: serialize_field() => element;
    SerializeTupleVariant: serialize_field() => element;
    SerializeStruct: serialize_field(name: &'static str) => field;
    SerializeStructVariant: serialize_field(name: &'static str) => field;
}

/// A map or a set: entries hashed by themselves and added up (Bellare and Micciancio,
/// *`AdHash`*, 1997), with their number.
pub(super) struct Unordered<'a> {
    hasher: &'a mut KeyHasher,
    entry: Option<KeyHasher>,
    sum: u128,
    count: u64,
}

impl<'a> Unordered<'a> {
    fn new(mut encoder: Encoder<'a>, tag: Tag) -> Self {
        encoder.tag(tag);
        Self {
            hasher: encoder.0,
            entry: None,
            sum: 0,
            count: 0,
        }
    }

    fn start<T: Serialize + ?Sized>(&self, part: &T) -> Result<KeyHasher, Refused> {
        let mut hasher = self.hasher.restart();
        part.serialize(Encoder(&mut hasher))?;
        Ok(hasher)
    }

    fn add<T: Serialize + ?Sized>(&mut self, element: &T) -> Done {
        let hash = self.start(element)?.finish();
        self.count_in(hash);
        Ok(())
    }

    fn count_in(&mut self, hash: u128) {
        self.sum = self.sum.wrapping_add(hash);
        self.count += 1;
    }
}

impl SerializeMap for Unordered<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.entry = Some(self.start(key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        let Some(mut entry) = self.entry.take() else {
            return Err(ser::Error::custom("a map's value came before its key"));
        };
        value.serialize(Encoder(&mut entry))?;
        self.count_in(entry.finish());
        Ok(())
    }

    fn end(self) -> Done {
        self.hasher.word(self.count);
        self.hasher.bytes(&self.sum.to_le_bytes());
        Ok(())
    }
}
