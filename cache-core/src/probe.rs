//! Finds the kind of a type, through aliases, by method resolution.
//!
//! Rust looks for a type's own method before it looks for a trait's, and with few references before it looks
//! with more. So the narrowest rung of the ladder which fits the type answers: `Result<Option<T>, E>`,
//! `Option<T>` and `Arc<T>`, then `Result<T, E>`, then any `T`. (Few traits: a compiler asks all of them, for each function.)

use std::marker::PhantomData;
use std::sync::Arc;

use crate::kind::{Fallible, Handle, Optional, Plain};

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
    /// Stands for the type. To be asked as `(&probe).kind_of_output()`.
    #[allow(clippy::new_without_default)] // a probe is only ever asked
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// `Result<Option<T>, X>`.
impl<T, X, N, E> Probe<Result<Option<T>, X>, N, E> {
    /// Finds the kind.
    pub fn kind_of_output(&self) -> Found<Fallible<Optional<T, N>, X, E>> {
        Found::new()
    }
}

/// `Option<T>`.
impl<T, N, E> Probe<Option<T>, N, E> {
    /// Finds the kind.
    pub fn kind_of_output(&self) -> Found<Optional<T, N>> {
        Found::new()
    }
}

/// `Arc<T>`, of what threads may share.
impl<T: Send + Sync, N, E> Probe<Arc<T>, N, E> {
    /// Finds the kind.
    pub fn kind_of_output(&self) -> Found<Plain<Arc<T>, Handle>> {
        Found::new()
    }
}

/// The second rung: another `Result<T, X>`.
pub trait ViaFallible {
    /// The kind.
    type Kind;
    /// Finds it.
    fn kind_of_output(&self) -> Found<Self::Kind> {
        Found::new()
    }
}

impl<T, X, N, E> ViaFallible for Probe<Result<T, X>, N, E> {
    type Kind = Fallible<Plain<T>, X, E>;
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

impl<T, N, E> ViaPlain for &Probe<T, N, E> {
    type Kind = Plain<T>;
}

#[cfg(test)]
mod tests {
    use super::{Found, Probe, ViaFallible as _, ViaPlain as _};
    use crate::kind::{Keep, Skip};
    use std::any::type_name;
    use std::sync::Arc;

    fn name<K>(_: Found<K>) -> String {
        let path = type_name::<K>();
        path.replace("larder_core::kind::", "")
            .replace("alloc::string::", "")
            .replace("core::fmt::", "")
    }

    type Alias<T> = Result<T, std::fmt::Error>;

    macro_rules! kind {
        ($type:ty) => {
            name((&Probe::<$type, Skip, Keep>::new()).kind_of_output())
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
    fn an_arc_is_a_handle_unless_it_is_of_what_has_no_size() {
        assert_eq!(kind!(Arc<u8>), "Plain<alloc::sync::Arc<u8>, Handle>");
        assert_eq!(kind!(Arc<str>), "Plain<alloc::sync::Arc<str>>");
    }

    #[test]
    fn a_generic_type_is_plain() {
        fn generic<T>() -> String {
            kind!(Vec<T>)
        }
        assert_eq!(generic::<u8>(), "Plain<alloc::vec::Vec<u8>>");
    }
}
