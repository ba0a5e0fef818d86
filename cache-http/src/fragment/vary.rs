//! What a fragment varies on: template values as data, in one form whatever they came from.

use std::sync::Arc;

use minijinja::value::{DynObject, Enumerator, Value, ValueKind};
use minijinja::{Error, ErrorKind};
use serde::ser::{Serialize, SerializeMap as _, SerializeTuple as _, Serializer};

/// What a fragment varies on.
///
/// Serialises as the tuple that a Rust program would write: `(7_i64, "en")`, or `()`.
pub(super) struct Vary(Vec<Data>);

impl Vary {
    /// Takes values as data. Those of a call block start at its argument 2.
    pub(super) fn of(name: &str, values: &[Value]) -> Result<Self, Error> {
        let argument = |(index, value)| {
            Data::of(value, 0).map_err(|refused: Refused| refused.error(name, index + 2))
        };
        values
            .iter()
            .enumerate()
            .map(argument)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Serialize for Vary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.serialize_unit();
        }
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for data in &self.0 {
            tuple.serialize_element(data)?;
        }
        tuple.end()
    }
}

/// A template value of which a key can be made.
enum Data {
    None,
    Bool(bool),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F64(f64),
    Text(Arc<str>),
    /// A text that is inserted as it is: it gives another fragment than the same text escaped.
    Safe(Arc<str>),
    Bytes(Vec<u8>),
    List(Vec<Data>),
    Map(Vec<(Data, Data)>),
}

/// A value within values within values is deep enough; a namespace can even hold itself.
const DEEPEST: usize = 16;

impl Data {
    fn of(value: &Value, depth: usize) -> Result<Self, Refused> {
        let refused = |why| Refused {
            why,
            inside: depth > 0,
        };
        if depth > DEEPEST {
            return Err(refused(Why::Deep));
        }
        let data = match value.kind() {
            ValueKind::Undefined => return Err(refused(Why::Undefined)),
            ValueKind::Iterable => return Err(refused(Why::Iterator)),
            ValueKind::None => Some(Self::None),
            ValueKind::Bool => Some(Self::Bool(value.is_true())),
            ValueKind::Number => Self::number(value),
            ValueKind::String if value.is_safe() => value.to_str().map(Self::Safe),
            ValueKind::String => value.to_str().map(Self::Text),
            ValueKind::Bytes => value.as_bytes().map(|bytes| Self::Bytes(bytes.to_owned())),
            ValueKind::Seq => Self::list(value, depth + 1).transpose()?,
            ValueKind::Map => Self::map(value, depth + 1).transpose()?,
            _ => None,
        };
        data.ok_or_else(|| refused(Why::NoData))
    }

    /// An integer is one number, whatever type it had in Rust.
    fn number(value: &Value) -> Option<Self> {
        if !value.is_integer() {
            return f64::try_from(value.clone()).ok().map(Self::F64);
        }
        let number = || value.clone();
        let narrow = i64::try_from(number()).map(Self::I64);
        let narrow = narrow.or_else(|_| u64::try_from(number()).map(Self::U64));
        let wide = || i128::try_from(number()).map(Self::I128);
        narrow
            .or_else(|_| wide())
            .or_else(|_| u128::try_from(number()).map(Self::U128))
            .ok()
    }

    fn list(value: &Value, depth: usize) -> Option<Result<Self, Refused>> {
        let items = says_all(value)?.try_iter()?;
        let items = items.map(|item| Self::of(&item, depth));
        Some(items.collect::<Result<_, _>>().map(Self::List))
    }

    fn map(value: &Value, depth: usize) -> Option<Result<Self, Refused>> {
        let pairs = says_all(value)?.try_iter_pairs()?;
        let pair = |(key, value)| Ok((Self::of(&key, depth)?, Self::of(&value, depth)?));
        Some(pairs.map(pair).collect::<Result<_, _>>().map(Self::Map))
    }
}

/// The object, if it enumerates what is in it. One that does not, or that only lists the attributes of its
/// type (as macros and `loop` do), may differ in what it does not say.
fn says_all(value: &Value) -> Option<&DynObject> {
    let object = value.as_object()?;
    match object.enumerate() {
        Enumerator::NonEnumerable | Enumerator::Empty | Enumerator::Str(_) => None,
        _ => Some(object),
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::I64(value) => serializer.serialize_i64(*value),
            Self::U64(value) => serializer.serialize_u64(*value),
            Self::I128(value) => serializer.serialize_i128(*value),
            Self::U128(value) => serializer.serialize_u128(*value),
            Self::F64(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Safe(value) => serializer.serialize_newtype_struct("Safe", &**value),
            Self::Bytes(value) => serializer.serialize_bytes(value),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// A value that a fragment cannot vary on.
struct Refused {
    why: Why,
    /// It is within an argument.
    inside: bool,
}

enum Why {
    Undefined,
    Iterator,
    NoData,
    Deep,
}

impl Refused {
    fn error(&self, name: &str, argument: usize) -> Error {
        let (kind, why) = match self.why {
            Why::Undefined => (ErrorKind::UndefinedError, "is undefined; `none` is allowed"),
            Why::Iterator => (
                ErrorKind::InvalidOperation,
                "is an iterator; make a list of it, with `|list`",
            ),
            Why::NoData => (
                ErrorKind::InvalidOperation,
                "is not data; give what identifies it, such as `user.id`",
            ),
            Why::Deep => (ErrorKind::InvalidOperation, "is nested too deep"),
        };
        let place = if self.inside {
            "something in argument"
        } else {
            "argument"
        };
        Error::new(
            kind,
            format!("cannot cache the fragment `{name}`: {place} {argument} {why}"),
        )
    }
}
