//! What is kept: an object in this process, bytes elsewhere.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use crate::clock::Clock;
use crate::codec::{Codec, Postcard, decode};
#[cfg(feature = "codec")]
use crate::error::{Error, ErrorKind, Result};

/// What a cache can keep.
///
/// Everything that is `Serialize + DeserializeOwned + Clone + Send + Sync + 'static`; there is
/// nothing to implement.
///
/// # When a type changes
///
/// A store of bytes outlives a deploy. With each value it keeps a fingerprint of the value's type,
/// and what was kept under another fingerprint is a miss. So a program never reads what an older
/// or a newer one kept of a type that has changed since, and both may run side by side.
///
/// The fingerprint covers what the type's `Deserialize` reads, in its order, all the way down: the
/// names and the types of fields, the variants of enums and what is in them, the lengths of arrays
/// and tuples, the names of structs and enums. If any of these changes, values kept before are
/// misses. They stay hits if the type moves to another module or crate, or into a `Box` or an
/// `Arc`, or if a field changes that `#[serde(skip)]` leaves out.
///
/// What the fingerprint does not cover is what a value *means*. When seconds become milliseconds,
/// give the functions another `version`.
///
/// To find the fingerprint, the `Deserialize` of the type runs once for each variant that it has,
/// with made-up values such as `0`, `""` and `1970-01-01`; what it makes of them is dropped. This
/// happens once in a process, when a store of bytes first meets the type. Some types cannot be
/// seen whole in this way: those that take none of the made-up values, that panic, that hold more
/// variants than can be tried in some tens of milliseconds, or that ask what postcard cannot answer
/// (`#[serde(untagged)]`, `#[serde(flatten)]`, `serde_json::Value`). These go by the name of the
/// type, with its path, and by as much as was seen. When one of them changes, give the functions
/// another `version`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in a cache",
    label = "a kept value must be `Serialize + DeserializeOwned + Clone + Send + Sync + 'static`",
    note = "derive what it lacks: `#[derive(Clone, serde::Serialize, serde::Deserialize)]`",
    note = "or keep it in this process only, with the argument `local`: that needs no `serde`",
    note = "a response is kept by `#[cached]` with the feature `axum`; a method, or a function whose output is generic, says `-> impl IntoResponse`"
)]
pub trait Value: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Value for T {}

/// A value that never leaves the process: `Clone + Send + Sync + 'static`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in a cache",
    label = "a kept value must be `Clone + Send + Sync + 'static`",
    note = "derive `Clone`, or return an `Arc` of it"
)]
pub trait LocalValue: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> LocalValue for T {}

/// A value as an in-process store keeps it.
pub type Object = Arc<dyn Any + Send + Sync>;

/// A value on its way into a store.
#[derive(Clone)]
pub struct Item {
    object: Object,
    codec: Option<&'static dyn Codec>,
}

impl Item {
    /// Makes an item of a value, as a store of counters needs it.
    pub fn of<T: Value>(value: &T) -> Self {
        Self::new(Arc::new(value.clone()), Carrier::<T>::shared())
    }

    pub(crate) fn new<T>(object: Object, carrier: Carrier<T>) -> Self {
        let codec = carrier.codec;
        Self { object, codec }
    }

    /// The value as it is.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// Takes the value as it is.
    pub fn into_object(self) -> Object {
        self.object
    }

    /// How many bytes the value is as a shared store would hold it; nothing if it has no bytes.
    pub fn weigh(&self) -> Option<u64> {
        self.codec?.weigh(&*self.object)
    }
}

/// What a store of bytes asks for.
#[cfg(feature = "codec")]
#[cfg_attr(docsrs, doc(cfg(feature = "codec")))]
impl Item {
    /// Appends the value's bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] if the value's own `Serialize` fails, or if it is a local value, which
    /// has no bytes.
    pub fn encode(&self, into: &mut Vec<u8>) -> Result<()> {
        self.require_codec()?.encode(&*self.object, into)
    }

    /// A number that stands for the value's type, so that bytes of another type are never decoded: see
    /// [`Value`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] if it is a local value, which has no bytes.
    pub fn fingerprint(&self) -> Result<u64> {
        Ok(self.require_codec()?.fingerprint())
    }

    fn require_codec(&self) -> Result<&'static dyn Codec> {
        let missing = || Error::new(ErrorKind::Encode, "a local value has no bytes");
        self.codec.ok_or_else(missing)
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item").finish_non_exhaustive()
    }
}

/// A value as it came out of a store.
#[derive(Clone)]
pub enum Kept {
    /// As it went in.
    Object(Object),
    /// As bytes, with the fingerprint of the type that went in.
    Bytes {
        /// What `Item::encode` wrote.
        bytes: Vec<u8>,
        /// What `Item::fingerprint` said.
        fingerprint: u64,
    },
}

/// For how long a value in this process may be used by who remembers it.
#[derive(Clone, Debug)]
pub struct Term {
    /// When the store is to be asked again, by its clock.
    pub until: u64,
    /// Whether the store wants to hear of some of the hits: it is full, and learns what is in use.
    pub heard: bool,
    /// The store's clock.
    pub clock: Clock,
}

impl Kept {
    /// Whether it is the very same: not read again after it was written anew.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Object(one), Self::Object(other)) => Arc::ptr_eq(one, other),
            (
                Self::Bytes { bytes, fingerprint },
                Self::Bytes {
                    bytes: others,
                    fingerprint: of_other,
                },
            ) => bytes == others && fingerprint == of_other,
            _ => false,
        }
    }

    /// Takes a clone of the value; `None` if it is another type's or cannot be decoded.
    pub fn open<T: Value>(&self) -> Option<T> {
        Carrier::<T>::shared().open(self)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(_) => f.write_str("Kept::Object"),
            Self::Bytes { bytes, .. } => write!(f, "Kept::Bytes({} bytes)", bytes.len()),
        }
    }
}

/// How values of one type travel: as objects only, or as bytes too.
pub struct Carrier<T> {
    codec: Option<&'static dyn Codec>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Carrier<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Carrier<T> {}

impl<T: Value> Carrier<T> {
    /// Objects in this process, postcard elsewhere.
    pub fn shared() -> Self {
        Self {
            codec: Some(&Postcard::<T>::NEW),
            of: PhantomData,
        }
    }
}

impl<T: LocalValue> Carrier<T> {
    /// Objects only.
    pub fn local() -> Self {
        Self {
            codec: None,
            of: PhantomData,
        }
    }

    /// Takes a clone of the kept value; `None` if it is another type's or cannot be decoded.
    #[inline]
    pub(crate) fn open(&self, kept: &Kept) -> Option<T> {
        match kept {
            Kept::Object(object) => object.downcast_ref::<T>().cloned(),
            Kept::Bytes { bytes, fingerprint } => decode(self.codec?, bytes, *fingerprint),
        }
    }
}
