//! Sequences, tuples and structs in the encoding.

use serde_core::ser::{
    Serialize, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::hasher::KeyHasher;
use super::refused::{Done, Refused};
use super::tag::{END, Tag};

/// A sequence, tuple or struct that is open.
pub(super) struct Compound<'a>(pub(super) &'a mut KeyHasher);

impl Compound<'_> {
    pub(super) fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.0.encode(value)
    }

    /// A field is its name and its value; the name is a `Str`, so that it is not [`END`].
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Done {
        self.0.byte(Tag::Str as u8);
        self.0.text(name);
        self.element(value)
    }

    pub(super) fn close(self) {
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
