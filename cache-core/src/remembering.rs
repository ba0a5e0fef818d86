//! How the hits of a function are remembered: small values as words, others by their handles.

use std::sync::Arc;

use crate::engine::Engine;
use crate::lookaside::Spot;
use crate::lookaside::packed::{Packed, always_packs, pack, packs, unpack};
use crate::recall::{FindsStale, Recalled, borrow};
use crate::sip::Short;
use crate::site::Bound;
use crate::value::{Kept, LocalValue};

/// The ways of one type.
pub struct Remembering<T> {
    /// Whether there are small ones among the values.
    pub(crate) packs: bool,
    /// Whether there are others.
    pub(crate) lends: bool,
    /// Makes a value of its words.
    pub(crate) unpack: fn(&Packed) -> Option<T>,
    /// Finds a value by its handle.
    pub(crate) borrow: Borrow<T>,
    /// Remembers a hit: what is kept, and what it was opened to.
    pub(crate) remember: fn(&Spot<'_>, &Kept, &T),
}

/// Finds a value by its handle, asks whether it is stale, and clones it.
pub(crate) type Borrow<T> =
    fn(&Engine, &Bound, &Short, FindsStale<'_, T>, &mut Recalled) -> Option<T>;

impl<T: LocalValue> Remembering<T> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            packs: packs::<T>(),
            lends: !always_packs::<T>(),
            unpack,
            borrow,
            remember,
        }
    }
}

fn remember<T: LocalValue>(spot: &Spot<'_>, kept: &Kept, value: &T) {
    if let Some(packed) = pack(value) {
        spot.copy(&packed);
    } else if let Kept::Object(object) = kept
        && let Ok(handle) = Arc::clone(object).downcast()
    {
        spot.hold::<T>(handle);
    }
}
