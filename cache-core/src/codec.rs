//! Values whose type is forgotten: how large they are, and their bytes.

use std::any::Any;
#[cfg(feature = "codec")]
use std::any::type_name;
use std::marker::PhantomData;
#[cfg(feature = "codec")]
use std::sync::Arc;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

#[cfg(feature = "codec")]
use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "codec")]
use crate::shape::fingerprint;
use crate::weight::weight;

/// Turns one type of value into bytes and back.
pub(crate) trait Codec: Send + Sync {
    /// How many bytes the value's are; nothing if its own `Serialize` fails.
    fn weigh(&self, value: &(dyn Any + Send + Sync)) -> Option<u64>;

    /// Appends the value's bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encode`] if the value's own `Serialize` fails.
    #[cfg(feature = "codec")]
    fn encode(&self, value: &(dyn Any + Send + Sync), into: &mut Vec<u8>) -> Result<()>;

    /// Makes a value of its bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if they are not a value's bytes, or more than that.
    #[cfg(feature = "codec")]
    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Any + Send + Sync>>;

    /// A number that stands for the type, so that bytes of another type are never decoded.
    #[cfg(feature = "codec")]
    fn fingerprint(&self) -> u64;
}

/// Makes a value of bytes, if they are of this type.
#[cfg(feature = "codec")]
pub(crate) fn decode<T: Clone + Send + Sync + 'static>(
    codec: &dyn Codec,
    bytes: &[u8],
    fingerprint: u64,
) -> Option<T> {
    if codec.fingerprint() != fingerprint {
        return None;
    }
    let object = codec.decode(bytes).ok()?.downcast::<T>().ok()?;
    Some(Arc::unwrap_or_clone(object))
}

/// There is no store of bytes.
#[cfg(not(feature = "codec"))]
pub(crate) fn decode<T>(_: &dyn Codec, _: &[u8], _: u64) -> Option<T> {
    None
}

/// postcard: compact, no names, the types on both sides must be the same.
pub(crate) struct Postcard<T>(PhantomData<fn() -> T>);

impl<T> Postcard<T> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Codec for Postcard<T> {
    fn weigh(&self, value: &(dyn Any + Send + Sync)) -> Option<u64> {
        weight(value.downcast_ref::<T>()?).ok()
    }

    #[cfg(feature = "codec")]
    fn encode(&self, value: &(dyn Any + Send + Sync), into: &mut Vec<u8>) -> Result<()> {
        let foreign = || Error::new(ErrorKind::Encode, "a value of another type");
        let value = value.downcast_ref::<T>().ok_or_else(foreign)?;
        postcard::to_extend(value, std::mem::take(into))
            .map(|written| *into = written)
            .map_err(|error| {
                let what = format!("cannot encode a value of type `{}`", type_name::<T>());
                Error::new(ErrorKind::Encode, what).with_source(error)
            })
    }

    #[cfg(feature = "codec")]
    fn decode(&self, bytes: &[u8]) -> Result<Arc<dyn Any + Send + Sync>> {
        let what = || format!("cannot decode a value of type `{}`", type_name::<T>());
        let (value, rest) = postcard::take_from_bytes::<T>(bytes)
            .map_err(|error| Error::new(ErrorKind::Decode, what()).with_source(error))?;
        if rest.is_empty() {
            return Ok(Arc::new(value));
        }
        Err(Error::new(ErrorKind::Decode, what() + ": bytes left over"))
    }

    #[cfg(feature = "codec")]
    fn fingerprint(&self) -> u64 {
        fingerprint::<T>()
    }
}
