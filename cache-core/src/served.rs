//! Who serves a call, and what its key is called.

use std::ops::Deref;
use std::sync::Arc;

use crate::engine::Engine;
use crate::ready::Named;
use crate::site::Binding;

/// What the key is called.
pub(crate) enum Name<'a> {
    Function(Binding<'a>),
    Manual(Box<str>),
}

/// The engine that serves a call: the one that it names, or the one of the scope that it is in.
pub(crate) enum Served<'a> {
    Named(&'a Arc<Engine>),
    Scoped(Arc<Engine>),
}

impl Deref for Served<'_> {
    type Target = Engine;

    #[inline]
    fn deref(&self) -> &Engine {
        match self {
            Self::Named(engine) => engine,
            Self::Scoped(engine) => engine,
        }
    }
}

impl Name<'_> {
    /// The same, borrowed.
    pub(crate) fn named(&self) -> Named<'_> {
        match self {
            Self::Function(bound) => Named::Function(bound),
            Self::Manual(name) => Named::Manual(name),
        }
    }
}
