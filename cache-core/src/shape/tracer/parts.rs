//! The parts of a value, one after the other.

use serde_core::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::Tracer;
use crate::shape::choice::Place;
use crate::shape::pass::Pass;
use crate::shape::refused::Refused;

/// Elements, fields, keys and values: a fixed number of them.
pub(super) struct Parts<'a, 'm> {
    pass: &'a mut Pass<'m>,
    /// Where the next one stands.
    place: Place,
    left: usize,
}

impl<'a, 'm> Parts<'a, 'm> {
    pub(super) fn new(pass: &'a mut Pass<'m>, first: Place, left: usize) -> Self {
        let place = first;
        Self { pass, place, left }
    }

    pub(super) fn next<'de, T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, Refused> {
        let place = self.place;
        self.place = place.next();
        self.left = self.left.saturating_sub(1);
        let since = self.pass.here();
        let pass = &mut *self.pass;
        let answer = seed.deserialize(Tracer { pass, place });
        self.pass.heed(since, answer)
    }
}

impl<'de> SeqAccess<'de> for Parts<'_, '_> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refused> {
        if self.left == 0 {
            return Ok(None);
        }
        self.next(seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Parts<'_, '_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refused> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        self.next(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left / 2)
    }
}
