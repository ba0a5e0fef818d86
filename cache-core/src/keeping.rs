//! How what a function returns is kept: as objects in this process, or as bytes too.
//!
//! [`shared`] and [`local`] are the only places that ask whether a type can be kept. What they
//! answer hides the type, so that nothing behind them asks again, and one mistake in a return type
//! is one error.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::kind::{HasErr, HasNone, Keepable, Kind, Shareable};
use crate::probe::Found;
use crate::value::{Carrier, Item, Kept, LocalValue, Value};

/// How the output of a function goes into a store and comes out.
pub trait Keeping {
    /// What the function returns.
    type Kind: Kind;

    /// Takes what is to be kept of an output, if it is a side that is kept.
    fn keep(output: &<Self::Kind as Kind>::Output) -> Option<Item>;

    /// Takes what was kept, if it is what this function keeps.
    fn open(kept: &Kept) -> Option<<Self::Kind as Kind>::Kept>;
}

/// Values may leave the process: objects here, bytes elsewhere.
pub fn shared<K>(_: Found<K>) -> impl Keeping<Kind = K>
where
    // The first two say the same as the last, but of the types that the user wrote.
    K: Kind,
    K::Value: Value,
    K::Fault: Value,
    K: Shareable,
{
    Shared(PhantomData)
}

/// Values stay in the process.
pub fn local<K>(_: Found<K>) -> impl Keeping<Kind = K>
where
    K: Kind,
    K::Value: LocalValue,
    K::Fault: LocalValue,
    K: Keepable,
{
    Local(PhantomData)
}

/// Says that the function has a `None`, which is kept.
pub fn has_none<K: Kind + HasNone<K::Output>>(_: Found<K>) {}

/// Says that the function has an `Err`, which is kept.
pub fn has_err<K: Kind + HasErr<K::Output>>(_: Found<K>) {}

struct Shared<K>(PhantomData<fn() -> K>);

struct Local<K>(PhantomData<fn() -> K>);

impl<K: Shareable> Keeping for Shared<K> {
    type Kind = K;

    fn keep(output: &K::Output) -> Option<Item> {
        K::keep(output).map(|kept| Item::new(Arc::new(kept), Carrier::<K::Kept>::shared()))
    }

    #[inline]
    fn open(kept: &Kept) -> Option<K::Kept> {
        Carrier::<K::Kept>::shared().open(kept)
    }
}

impl<K: Keepable> Keeping for Local<K> {
    type Kind = K;

    fn keep(output: &K::Output) -> Option<Item> {
        K::keep(output).map(|kept| Item::new(Arc::new(kept), Carrier::<K::Kept>::local()))
    }

    #[inline]
    fn open(kept: &Kept) -> Option<K::Kept> {
        Carrier::<K::Kept>::local().open(kept)
    }
}
