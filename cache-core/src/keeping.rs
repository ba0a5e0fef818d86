//! How what a function returns is kept: as objects in this process, or as bytes too.

use std::sync::Arc;

use crate::kind::{HasErr, HasNone, Keepable, Kind, Shareable};
use crate::probe::Found;
use crate::remembering::Remembering;
use crate::value::{Carrier, Item, Kept, LocalValue, Value};

/// How the output of a function goes into a store and comes out.
///
/// [`shared`](Found::shared) and [`local`](Found::local) are the only places that ask whether a type can be kept. What they
/// answer knows how and does not ask again: a mistake in a return type is one error. (With the
/// way in a type parameter, every mention of that type would be another one.)
pub struct Keeping<K: Kind>(fn() -> Ways<K>);

/// The ways of one type.
pub struct Ways<K: Kind> {
    /// Takes what is to be kept of an output, if it is a side that is kept.
    pub(crate) keep: fn(&K::Output) -> Option<Item>,
    /// Takes what was kept, if it is what this function keeps.
    pub(crate) open: fn(&Kept) -> Option<K::Kept>,
    /// How its hits are remembered.
    pub(crate) remembering: Remembering<K::Kept>,
    /// The same, as an output.
    pub(crate) answer: fn(&Kept) -> Option<K::Output>,
}

impl<K: Kind> Keeping<K> {
    #[inline]
    pub(crate) fn ways(self) -> Ways<K> {
        (self.0)()
    }
}

impl<K: Kind> Clone for Keeping<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kind> Copy for Keeping<K> {}

impl<K: Kind> Found<K> {
    /// Values may leave the process: objects here, bytes elsewhere.
    #[inline]
    pub fn shared(self) -> Keeping<K>
    where
        // The first two say the same as the last, but of the types that the user wrote.
        K::Value: Value,
        K::Fault: Value,
        K: Shareable,
    {
        Keeping(|| Ways {
            keep: |output| {
                let kept = Arc::new(K::keep(output)?);
                Some(Item::new(kept, Carrier::<K::Kept>::shared()))
            },
            open: |kept| Carrier::<K::Kept>::shared().open(kept),
            remembering: K::remembering(),
            answer: |kept| Carrier::<K::Kept>::shared().open(kept).map(K::restore),
        })
    }

    /// Values stay in the process.
    #[inline]
    pub fn local(self) -> Keeping<K>
    where
        K::Value: LocalValue,
        K::Fault: LocalValue,
        K: Keepable,
    {
        Keeping(|| Ways {
            keep: |output| {
                let kept = Arc::new(K::keep(output)?);
                Some(Item::new(kept, Carrier::<K::Kept>::local()))
            },
            open: |kept| Carrier::<K::Kept>::local().open(kept),
            remembering: K::remembering(),
            answer: |kept| Carrier::<K::Kept>::local().open(kept).map(K::restore),
        })
    }

    /// Says that the function has a `None`, which is kept.
    pub fn has_none(self)
    where
        K::Output: HasNone<K>,
    {
    }

    /// Says that the function has an `Err`, which is kept.
    pub fn has_err(self)
    where
        K::Output: HasErr<K>,
    {
    }
}
