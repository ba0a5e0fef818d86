//! A variant of an enum, called by its number.

use serde_core::de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};

use super::parts::Parts;
use crate::shape::choice::{Key, Place};
use crate::shape::pass::Pass;
use crate::shape::refused::Refused;
use crate::shape::tape::Mark;

/// The variant that the pass takes.
pub(super) struct Variant<'a, 'm> {
    pub(super) pass: &'a mut Pass<'m>,
    pub(super) key: Key,
    pub(super) number: usize,
}

impl<'a, 'm> Variant<'a, 'm> {
    fn parts(self, left: usize) -> Parts<'a, 'm> {
        let Self { pass, key, number } = self;
        let place = Place::first_in(key, number);
        Parts::new(pass, place, left)
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Refused> {
        let number = u32::try_from(self.number).map_err(|_| Refused)?;
        let number = IntoDeserializer::<Refused>::into_deserializer(number);
        match seed.deserialize(number) {
            Ok(variant) => Ok((variant, self)),
            // There are fewer variants than names if there are aliases among these.
            Err(Refused) => Err(self.pass.have_nothing()),
        }
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        self.pass.ask(Mark::Unit)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        self.pass.ask(Mark::Newtype)?;
        self.parts(1).next(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        self.pass.ask(Mark::Tuple)?;
        self.pass.tape.number(len);
        visitor.visit_seq(self.parts(len))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.pass.ask(Mark::Struct)?;
        self.pass.tape.texts(fields);
        visitor.visit_seq(self.parts(fields.len()))
    }
}
