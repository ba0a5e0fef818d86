//! What a function returns, and what of it is kept.
//!
//! A kind is a stack of layers over the plain value: `Result` over `Option` over `T`. Each layer
//! says whether its other side (`Err`, `None`) is kept as well. [`Probe`](crate::probe::Probe)
//! finds the kind of a type.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::remembering::Remembering;
use crate::value::{LocalValue, Value};

/// How the output of a function relates to what is kept of it.
///
/// It asks nothing of the types: whether they can be kept is asked once, where a plan is made, and
/// a mistake is one error and not one a bound.
pub trait Kind {
    /// What the function returns.
    type Output;
    /// What hooks are asked about.
    type Value;
    /// The error, if errors are kept.
    type Fault;
    /// What the store keeps.
    type Kept;

    /// Whether a value that is not kept is good for those who wait for it. A response is not: what
    /// keeps it from being kept, mostly keeps it from being another's.
    const SHARES_UNKEPT: bool = true;

    /// Looks at an output.
    fn view(output: &Self::Output) -> View<'_, Self::Value>;

    /// Makes an output of what was kept.
    fn restore(kept: Self::Kept) -> Self::Output;

    /// What hooks are asked about in what was kept.
    fn value(kept: &Self::Kept) -> Option<&Self::Value>;

    /// The output that stands for nothing, if there is one.
    fn nothing() -> Option<Self::Output>;
}

/// A kind whose kept sides can be kept in this process.
pub trait Keepable: Kind<Kept: LocalValue> {
    /// Takes what is to be kept of an output, if it is a side that is kept.
    fn keep(output: &Self::Output) -> Option<Self::Kept>;

    /// How hits are remembered.
    #[inline]
    fn remembering() -> Remembering<Self::Kept> {
        Remembering::new()
    }
}

/// A kind whose kept sides can leave the process.
pub trait Shareable: Keepable<Kept: Value> {}

/// The side of an output.
pub enum View<'a, V> {
    /// A value.
    Value(&'a V),
    /// `None`.
    Nothing,
    /// `Err`.
    Error,
    /// Something that is for its caller only.
    Private,
}

/// A side that is not kept.
pub struct Skip;

/// A side that is kept.
pub struct Keep;

/// A value that is remembered as a whole.
pub struct Whole;

/// An `Arc` that is remembered as the handle it is.
pub struct Handle;

/// `T`; `H` says how it is remembered.
pub struct Plain<T, H = Whole>(PhantomData<(T, H)>);

/// `Option<T>`; `N` says whether `None` is kept.
pub struct Optional<T, N>(PhantomData<(T, N)>);

/// `Result<_, X>` over another kind; `E` says whether `Err` is kept.
pub struct Fallible<K, X, E>(PhantomData<(K, X, E)>);

impl<T, H> Kind for Plain<T, H> {
    type Output = T;
    type Value = T;
    type Fault = ();
    type Kept = T;

    fn view(output: &T) -> View<'_, T> {
        View::Value(output)
    }

    fn restore(kept: T) -> T {
        kept
    }

    fn value(kept: &T) -> Option<&T> {
        Some(kept)
    }

    fn nothing() -> Option<T> {
        None
    }
}

impl<T> Kind for Optional<T, Skip> {
    type Output = Option<T>;
    type Value = T;
    type Fault = ();
    type Kept = T;

    fn view(output: &Option<T>) -> View<'_, T> {
        output.as_ref().map_or(View::Nothing, View::Value)
    }

    fn restore(kept: T) -> Option<T> {
        Some(kept)
    }

    fn value(kept: &T) -> Option<&T> {
        Some(kept)
    }

    fn nothing() -> Option<Option<T>> {
        Some(None)
    }
}

impl<T> Kind for Optional<T, Keep> {
    type Output = Option<T>;
    type Value = T;
    type Fault = ();
    type Kept = Option<T>;

    fn view(output: &Option<T>) -> View<'_, T> {
        output.as_ref().map_or(View::Nothing, View::Value)
    }

    fn restore(kept: Option<T>) -> Option<T> {
        kept
    }

    fn value(kept: &Option<T>) -> Option<&T> {
        kept.as_ref()
    }

    fn nothing() -> Option<Option<T>> {
        Some(None)
    }
}

impl<K: Kind, X> Kind for Fallible<K, X, Skip> {
    type Output = Result<K::Output, X>;
    type Value = K::Value;
    type Fault = ();
    type Kept = K::Kept;

    const SHARES_UNKEPT: bool = K::SHARES_UNKEPT;

    fn view(output: &Self::Output) -> View<'_, K::Value> {
        output.as_ref().map_or(View::Error, K::view)
    }

    fn restore(kept: K::Kept) -> Self::Output {
        Ok(K::restore(kept))
    }

    fn value(kept: &K::Kept) -> Option<&K::Value> {
        K::value(kept)
    }

    fn nothing() -> Option<Self::Output> {
        K::nothing().map(Ok)
    }
}

impl<K: Kind, X> Kind for Fallible<K, X, Keep> {
    type Output = Result<K::Output, X>;
    type Value = K::Value;
    type Fault = X;
    type Kept = Result<K::Kept, X>;

    const SHARES_UNKEPT: bool = K::SHARES_UNKEPT;

    fn view(output: &Self::Output) -> View<'_, K::Value> {
        output.as_ref().map_or(View::Error, K::view)
    }

    fn restore(kept: Result<K::Kept, X>) -> Self::Output {
        kept.map(K::restore)
    }

    fn value(kept: &Result<K::Kept, X>) -> Option<&K::Value> {
        kept.as_ref().ok().and_then(K::value)
    }

    fn nothing() -> Option<Self::Output> {
        K::nothing().map(Ok)
    }
}

impl<T: LocalValue> Keepable for Plain<T> {
    fn keep(output: &T) -> Option<T> {
        Some(output.clone())
    }
}

impl<T: Send + Sync + 'static> Keepable for Plain<Arc<T>, Handle> {
    fn keep(output: &Arc<T>) -> Option<Arc<T>> {
        Some(Arc::clone(output))
    }

    #[inline]
    fn remembering() -> Remembering<Arc<T>> {
        Remembering::of_handles()
    }
}

impl<T: LocalValue> Keepable for Optional<T, Skip> {
    fn keep(output: &Option<T>) -> Option<T> {
        output.clone()
    }
}

impl<T: LocalValue> Keepable for Optional<T, Keep> {
    fn keep(output: &Option<T>) -> Option<Option<T>> {
        Some(output.clone())
    }
}

impl<K: Keepable, X> Keepable for Fallible<K, X, Skip> {
    fn keep(output: &Self::Output) -> Option<K::Kept> {
        output.as_ref().ok().and_then(K::keep)
    }
}

impl<K: Keepable, X: LocalValue> Keepable for Fallible<K, X, Keep> {
    fn keep(output: &Self::Output) -> Option<Result<K::Kept, X>> {
        match output {
            Ok(output) => K::keep(output).map(Ok),
            Err(error) => Some(Err(error.clone())),
        }
    }
}

impl<T: Value> Shareable for Plain<T> {}
impl<T: Send + Sync + 'static> Shareable for Plain<Arc<T>, Handle> where Arc<T>: Value {}
impl<T: Value> Shareable for Optional<T, Skip> {}
impl<T: Value> Shareable for Optional<T, Keep> {}
impl<K: Shareable, X> Shareable for Fallible<K, X, Skip> {}
impl<K: Shareable, X: Value> Shareable for Fallible<K, X, Keep> {}

/// An output with a `None` side. `K` is its kind.
#[diagnostic::on_unimplemented(
    message = "`cache_none` keeps `None`, and `{Self}` has none",
    label = "the function does not return an `Option`, nor a `Result` of one",
    note = "leave `cache_none` out"
)]
pub trait HasNone<K> {}

#[diagnostic::do_not_recommend]
impl<T, N> HasNone<Optional<T, N>> for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T, N, X, E> HasNone<Fallible<Optional<T, N>, X, E>> for Result<Option<T>, X> {}

/// An output with an `Err` side. `K` is its kind.
#[diagnostic::on_unimplemented(
    message = "`cache_err` keeps errors, and `{Self}` has none",
    label = "the function does not return a `Result`",
    note = "leave `cache_err` out"
)]
pub trait HasErr<K> {}

#[diagnostic::do_not_recommend]
impl<K: Kind, X, E> HasErr<Fallible<K, X, E>> for Result<K::Output, X> {}
