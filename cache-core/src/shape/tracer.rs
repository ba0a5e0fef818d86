//! The deserializer that has no bytes.

mod parts;
mod variant;

use serde_core::de::{Deserializer, Visitor};

use self::parts::Parts;
use self::variant::Variant;
use super::choice::{Key, Place};
use super::offers::{BOOLS, BYTES, CHARS, FLOATS, LENGTHS, NUMBERS, TEXTS, ZEROS};
use super::pass::Pass;
use super::refused::Refused;
use super::tape::Mark;

/// Asks the pass what to answer, and answers in the words of postcard: a type that listens closely
/// must not hear a difference.
pub(super) struct Tracer<'a, 'm> {
    pass: &'a mut Pass<'m>,
    place: Place,
}

impl<'a, 'm> Tracer<'a, 'm> {
    pub(super) fn new(pass: &'a mut Pass<'m>) -> Self {
        let place = Place::first_in(Key::Top, 0);
        Self { pass, place }
    }

    /// Offers one of several values of a kind.
    fn offer<T>(
        self,
        mark: Mark,
        offers: usize,
        visit: impl FnOnce(usize) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.pass.ask(mark)?;
        let since = self.pass.here();
        let taken = self.pass.offer(self.place, offers);
        self.pass.heed(since, visit(taken))
    }

    fn bytes<T>(
        self,
        visit: impl FnOnce(&'static [u8]) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.offer(Mark::Bytes, BYTES.len(), |taken| {
            visit(&ZEROS[..BYTES[taken]])
        })
    }

    /// Offers elements of so many parts each, or none.
    fn fill<T>(
        self,
        key: Key,
        parts: usize,
        visit: impl FnOnce(Parts<'_, 'm>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.pass.fill(self.place, key, |pass, full| {
            let elements = if full {
                LENGTHS[pass.offer(Place::length_of(key), LENGTHS.len())]
            } else {
                0
            };
            visit(Parts::new(pass, Place::first_in(key, 0), elements * parts))
        })
    }
}

macro_rules! answer_with_offers {
    ($($question:ident $visit:ident $mark:ident $offers:ident $($narrow:expr)?;)*) => {$(
        fn $question<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.offer(Mark::$mark, $offers.len(), |taken| {
                let offer = $offers[taken];
                $(let offer = $narrow(offer);)?
                visitor.$visit(offer)
            })
        }
    )*};
}

macro_rules! answer_with_numbers {
    ($($question:ident $visit:ident $mark:ident $number:ident;)*) => {
        answer_with_offers! {$(
            $question $visit $mark NUMBERS |number| $number::try_from(number).unwrap_or($number::MAX);
        )*}
    };
}

impl<'de> Deserializer<'de> for Tracer<'_, '_> {
    type Error = Refused;

    answer_with_numbers! {
        deserialize_i8 visit_i8 I8 i8;
        deserialize_i16 visit_i16 I16 i16;
        deserialize_i32 visit_i32 I32 i32;
        deserialize_i64 visit_i64 I64 i64;
        deserialize_i128 visit_i128 I128 i128;
        deserialize_u8 visit_u8 U8 u8;
        deserialize_u16 visit_u16 U16 u16;
        deserialize_u32 visit_u32 U32 u32;
        deserialize_u64 visit_u64 U64 u64;
        deserialize_u128 visit_u128 U128 u128;
    }

    answer_with_offers! {
        deserialize_bool visit_bool Bool BOOLS;
        deserialize_f32 visit_f32 F32 FLOATS;
        deserialize_f64 visit_f64 F64 FLOATS f64::from;
        deserialize_char visit_char Char CHARS;
        deserialize_str visit_borrowed_str Text TEXTS;
        deserialize_string visit_str Text TEXTS;
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.bytes(|bytes| visitor.visit_borrowed_bytes(bytes))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.bytes(|bytes| visitor.visit_bytes(bytes))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.offer(Mark::Unit, 1, |_| visitor.visit_unit())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let key = self.pass.ask_nameless::<V>(Mark::Option)?;
        let place = Place::first_in(key, 0);
        self.pass.fill(self.place, key, |pass, full| {
            if full {
                visitor.visit_some(Tracer { pass, place })
            } else {
                visitor.visit_none()
            }
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let key = self.pass.ask_nameless::<V>(Mark::Seq)?;
        self.fill(key, 1, |parts| visitor.visit_seq(parts))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let key = self.pass.ask_nameless::<V>(Mark::Map)?;
        self.fill(key, 2, |parts| visitor.visit_map(parts))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let key = self.pass.ask_nameless::<V>(Mark::Tuple)?;
        self.pass.tape.number(len);
        let place = Place::first_in(key, 0);
        let visit = |pass: &mut _| visitor.visit_seq(Parts::new(pass, place, len));
        self.pass.enter_nameless(key, visit)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let key = self.pass.ask_by_name::<V>(Mark::TupleStruct, name)?;
        self.pass.tape.number(len);
        let place = Place::first_in(key, 0);
        let visit = |pass: &mut _| visitor.visit_seq(Parts::new(pass, place, len));
        self.pass.enter(key, visit)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let key = self.pass.ask_by_name::<V>(Mark::Struct, name)?;
        self.pass.tape.texts(fields);
        let place = Place::first_in(key, 0);
        let visit = |pass: &mut _| visitor.visit_seq(Parts::new(pass, place, fields.len()));
        self.pass.enter(key, visit)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let key = self.pass.ask_by_name::<V>(Mark::Newtype, name)?;
        let place = Place::first_in(key, 0);
        let visit = |pass: &mut _| visitor.visit_newtype_struct(Tracer { pass, place });
        self.pass.enter(key, visit)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.pass.ask(Mark::UnitStruct)?;
        self.pass.tape.text(name);
        self.pass.heed(self.pass.here(), visitor.visit_unit())
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let key = self.pass.ask_by_name::<V>(Mark::Enum, name)?;
        let visit = |pass: &mut _, number| visitor.visit_enum(Variant { pass, key, number });
        self.pass.enter_enum(self.place, key, variants, visit)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        Err(self.pass.leave_open())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        Err(self.pass.leave_open())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        Err(self.pass.leave_open())
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
