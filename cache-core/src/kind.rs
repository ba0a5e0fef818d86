//! What a function returns, and what of it is kept.
//!
//! A kind is a stack of layers over the plain value: `Result` over `Option` over `T`. Each layer
//! says whether its other side (`Err`, `None`) is kept as well. [`Probe`](crate::probe::Probe)
//! finds the kind of a type.

use std::marker::PhantomData;

use crate::value::LocalValue;

/// How the output of a function relates to what is kept of it.
pub trait Kind {
    /// What the function returns.
    type Output;
    /// What hooks are asked about.
    type Value;
    /// What the store keeps.
    type Kept: Clone + Send + Sync + 'static;

    /// Looks at an output.
    fn view(output: &Self::Output) -> View<'_, Self::Value>;

    /// Takes what is to be kept of an output, if it is a side that is kept.
    fn keep(output: &Self::Output) -> Option<Self::Kept>;

    /// Makes an output of what was kept.
    fn restore(kept: Self::Kept) -> Self::Output;

    /// What hooks are asked about in what was kept.
    fn value(kept: &Self::Kept) -> Option<&Self::Value>;

    /// The output that stands for nothing, if there is one.
    fn nothing() -> Option<Self::Output>;
}

/// The side of an output.
pub enum View<'a, V> {
    /// A value.
    Value(&'a V),
    /// `None`.
    Nothing,
    /// `Err`.
    Error,
}

/// A side that is not kept.
pub struct Skip;

/// A side that is kept.
pub struct Keep;

/// `T`.
pub struct Plain<T>(PhantomData<T>);

/// `Option<T>`; `N` says whether `None` is kept.
pub struct Optional<T, N>(PhantomData<(T, N)>);

/// `Result<_, X>` over another kind; `E` says whether `Err` is kept.
pub struct Fallible<K, X, E>(PhantomData<(K, X, E)>);

impl<T: LocalValue> Kind for Plain<T> {
    type Output = T;
    type Value = T;
    type Kept = T;

    fn view(output: &T) -> View<'_, T> {
        View::Value(output)
    }

    fn keep(output: &T) -> Option<T> {
        Some(output.clone())
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

impl<T: LocalValue> Kind for Optional<T, Skip> {
    type Output = Option<T>;
    type Value = T;
    type Kept = T;

    fn view(output: &Option<T>) -> View<'_, T> {
        output.as_ref().map_or(View::Nothing, View::Value)
    }

    fn keep(output: &Option<T>) -> Option<T> {
        output.clone()
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

impl<T: LocalValue> Kind for Optional<T, Keep> {
    type Output = Option<T>;
    type Value = T;
    type Kept = Option<T>;

    fn view(output: &Option<T>) -> View<'_, T> {
        output.as_ref().map_or(View::Nothing, View::Value)
    }

    fn keep(output: &Option<T>) -> Option<Option<T>> {
        Some(output.clone())
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
    type Kept = K::Kept;

    fn view(output: &Self::Output) -> View<'_, K::Value> {
        output.as_ref().map_or(View::Error, K::view)
    }

    fn keep(output: &Self::Output) -> Option<K::Kept> {
        output.as_ref().ok().and_then(K::keep)
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

impl<K: Kind, X: LocalValue> Kind for Fallible<K, X, Keep> {
    type Output = Result<K::Output, X>;
    type Value = K::Value;
    type Kept = Result<K::Kept, X>;

    fn view(output: &Self::Output) -> View<'_, K::Value> {
        output.as_ref().map_or(View::Error, K::view)
    }

    fn keep(output: &Self::Output) -> Option<Result<K::Kept, X>> {
        match output {
            Ok(output) => K::keep(output).map(Ok),
            Err(error) => Some(Err(error.clone())),
        }
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

/// A kind with a `None` side.
#[diagnostic::on_unimplemented(
    message = "`cache_none` needs a function that returns an `Option`",
    label = "this function's output has no `None`",
    note = "leave `cache_none` out"
)]
pub trait HasNone {}

impl<T, N> HasNone for Optional<T, N> {}
impl<K: HasNone, X, E> HasNone for Fallible<K, X, E> {}

/// A kind with an `Err` side.
#[diagnostic::on_unimplemented(
    message = "`cache_err` needs a function that returns a `Result`",
    label = "this function's output has no `Err`",
    note = "leave `cache_err` out"
)]
pub trait HasErr {}

impl<K, X, E> HasErr for Fallible<K, X, E> {}
