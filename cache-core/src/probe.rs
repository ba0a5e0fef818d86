//! Finds the kind of a type, through aliases, by method resolution.
//!
//! Rust looks for a method with few references before it looks with more. Each rung of the ladder
//! offers the same method on one reference less, so that the narrowest rung which fits the type
//! answers: `Result<Option<T>, E>`, then `Result<T, E>`, then `Option<T>`, then any `T`.

use std::marker::PhantomData;

use crate::kind::{Fallible, Optional, Plain};

/// Stands for a type; `N` and `E` say whether `None` and `Err` are kept.
pub struct Probe<T, N, E>(PhantomData<(T, N, E)>);

/// A kind that was found, as a value.
pub struct Found<K>(PhantomData<fn() -> K>);

impl<K> Clone for Found<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Found<K> {}

impl<K> Found<K> {
    /// Names a kind.
    #[allow(clippy::new_without_default)] // a kind is found, not defaulted
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T, N, E> Probe<T, N, E> {
    /// Stands for the type. To be asked as `(&&&probe).kind_of_output()`.
    #[allow(clippy::new_without_default)] // a probe is only ever asked
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// The first rung: `Result<Option<T>, X>`.
pub trait ViaFallibleOption {
    /// The kind.
    type Kind;
    /// Finds it.
    fn kind_of_output(&self) -> Found<Self::Kind> {
        Found::new()
    }
}

impl<T, X, N, E> ViaFallibleOption for &&&Probe<Result<Option<T>, X>, N, E> {
    type Kind = Fallible<Optional<T, N>, X, E>;
}

/// The second rung: `Result<T, X>`.
pub trait ViaFallible {
    /// The kind.
    type Kind;
    /// Finds it.
    fn kind_of_output(&self) -> Found<Self::Kind> {
        Found::new()
    }
}

impl<T, X, N, E> ViaFallible for &&Probe<Result<T, X>, N, E> {
    type Kind = Fallible<Plain<T>, X, E>;
}

/// The third rung: `Option<T>`.
pub trait ViaOption {
    /// The kind.
    type Kind;
    /// Finds it.
    fn kind_of_output(&self) -> Found<Self::Kind> {
        Found::new()
    }
}

impl<T, N, E> ViaOption for &Probe<Option<T>, N, E> {
    type Kind = Optional<T, N>;
}

/// The last rung: any `T`.
pub trait ViaPlain {
    /// The kind.
    type Kind;
    /// Finds it.
    fn kind_of_output(&self) -> Found<Self::Kind> {
        Found::new()
    }
}

impl<T, N, E> ViaPlain for Probe<T, N, E> {
    type Kind = Plain<T>;
}

#[cfg(test)]
mod tests {
    use super::ViaPlain as _;
    use super::{Found, Probe, ViaFallible as _, ViaFallibleOption as _, ViaOption as _};
    use crate::kind::{Keep, Skip};
    use std::any::type_name;

    fn name<K>(_: Found<K>) -> String {
        let path = type_name::<K>();
        path.replace("larder_core::kind::", "")
            .replace("alloc::string::", "")
            .replace("core::fmt::", "")
    }

    type Alias<T> = Result<T, std::fmt::Error>;

    macro_rules! kind {
        ($type:ty) => {
            name((&&&&Probe::<$type, Skip, Keep>::new()).kind_of_output())
        };
    }

    #[test]
    fn the_narrowest_rung_answers() {
        assert_eq!(kind!(u8), "Plain<u8>");
        assert_eq!(kind!(Option<u8>), "Optional<u8, Skip>");
        assert_eq!(
            kind!(Result<u8, String>),
            "Fallible<Plain<u8>, String, Keep>"
        );
        assert_eq!(
            kind!(Result<Option<u8>, String>),
            "Fallible<Optional<u8, Skip>, String, Keep>"
        );
    }

    #[test]
    fn an_alias_is_seen_through() {
        assert_eq!(kind!(Alias<u8>), "Fallible<Plain<u8>, Error, Keep>");
        assert_eq!(
            kind!(Alias<Option<u8>>),
            "Fallible<Optional<u8, Skip>, Error, Keep>"
        );
    }

    #[test]
    fn a_generic_type_is_plain() {
        fn generic<T>() -> String {
            kind!(Vec<T>)
        }
        assert_eq!(generic::<u8>(), "Plain<alloc::vec::Vec<u8>>");
    }
}
