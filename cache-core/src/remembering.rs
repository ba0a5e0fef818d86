//! How the hits of a function are remembered: small values as words, others by their handles.

use std::sync::Arc;

use crate::engine::Engine;
use crate::lookaside::Spot;
use crate::lookaside::packed::{Packed, always_packs, pack, packs, unpack};
use crate::recall::{FindsStale, Recalled, borrow, borrow_handle};
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
    /// Remembers a hit.
    pub(crate) remember: fn(&Hit<'_, T>),
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

impl<T: Send + Sync + 'static> Remembering<Arc<T>> {
    /// Those of an `Arc`: it is a handle by itself, and nothing stands between.
    #[inline]
    pub(crate) fn of_handles() -> Self {
        Self {
            packs: false,
            lends: true,
            unpack: |_| None,
            borrow: borrow_handle,
            remember: |hit| {
                if hit.lent
                    && let Some(spot) = (hit.spot)()
                {
                    spot.hold::<T>(Arc::clone(hit.value));
                }
            },
        }
    }
}

/// A hit of the store.
pub(crate) struct Hit<'a, T> {
    pub(crate) kept: &'a Kept,
    /// What it was opened to.
    pub(crate) value: &'a T,
    /// Whether the store lends its handles.
    pub(crate) lent: bool,
    /// Asks the store where it may be remembered: a second look, and not for nothing.
    pub(crate) spot: &'a dyn Fn() -> Option<Spot<'a>>,
}

fn remember<T: LocalValue>(hit: &Hit<'_, T>) {
    if let Some(packed) = pack(hit.value) {
        if let Some(spot) = (hit.spot)() {
            spot.copy(&packed);
        }
    } else if hit.lent
        && let Kept::Object(object) = hit.kept
        && let Ok(handle) = Arc::clone(object).downcast()
        && let Some(spot) = (hit.spot)()
    {
        spot.hold::<T>(handle);
    }
}
