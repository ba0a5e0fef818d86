//! One parameter: its names, and what it may be.

use proc_macro2::Ident;
use syn::{FnArg, Pat, PatType, ReceiverKind, Type};

use crate::inside::{Inside, walk};
use crate::mistakes::Mistakes;

/// A parameter with the names that it binds.
pub(crate) struct Param {
    pub(crate) arg: FnArg,
    pub(crate) names: Vec<Ident>,
}

impl Param {
    pub(crate) fn new(arg: &FnArg) -> Self {
        let mut names = Vec::new();
        match arg {
            FnArg::Receiver(receiver) => names.push(receiver.self_token.into()),
            FnArg::Typed(typed) => collect_names(&typed.pat, &mut names),
        }
        let arg = arg.clone();
        Self { arg, names }
    }

    /// The type, if it is written.
    pub(crate) fn written_type(&self) -> Option<&Type> {
        match &self.arg {
            FnArg::Typed(typed) => Some(&typed.ty),
            FnArg::Receiver(receiver) => match &receiver.kind {
                ReceiverKind::Typed(_, written) => Some(written),
                _ => None,
            },
        }
    }

    /// Whether its one name is a reference already.
    pub(crate) fn is_reference(&self) -> bool {
        match &self.arg {
            FnArg::Receiver(receiver) => match &receiver.kind {
                ReceiverKind::Reference(..) => true,
                ReceiverKind::Typed(_, written) => matches!(**written, Type::Reference(_)),
                _ => false,
            },
            FnArg::Typed(PatType { pat, ty, .. }) => {
                matches!(**pat, Pat::Ident(_)) && matches!(**ty, Type::Reference(_))
            }
        }
    }

    /// The parameter for a function that does not change it: without `mut`.
    pub(crate) fn immutable(&self) -> FnArg {
        let mut arg = self.arg.clone();
        match &mut arg {
            FnArg::Receiver(receiver) => receiver.mutability = None,
            FnArg::Typed(typed) => {
                if let Pat::Ident(name) = &mut *typed.pat {
                    name.mutability = None;
                }
            }
        }
        arg
    }

    /// Refuses what a hit would skip.
    pub(crate) fn check(&self, mistakes: &mut Mistakes) {
        let mut mutable = match &self.arg {
            FnArg::Receiver(receiver) => {
                matches!(receiver.kind, ReceiverKind::Reference(_, _, Some(_)))
            }
            FnArg::Typed(_) => false,
        };
        if let Some(written) = self.written_type() {
            walk(written, &mut |inside| {
                let reference = match inside {
                    Inside::Type(Type::Reference(reference)) => reference.mutability.is_some(),
                    _ => false,
                };
                mutable |= reference;
            });
        }
        if mutable {
            let message = "a `&mut` parameter cannot be cached: a hit would skip the change; \
                           take the value and return the changed one";
            mistakes.at(&self.arg, message);
        }
    }
}

/// Collects the names that a pattern binds. A part that it leaves unnamed cannot reach the body.
fn collect_names(pattern: &Pat, names: &mut Vec<Ident>) {
    match pattern {
        Pat::Ident(name) => {
            names.push(name.ident.clone());
            if let Some((_, inner)) = &name.subpat {
                collect_names(inner, names);
            }
        }
        Pat::Paren(inner) => collect_names(&inner.pat, names),
        Pat::Reference(inner) => collect_names(&inner.pat, names),
        Pat::Type(inner) => collect_names(&inner.pat, names),
        Pat::Slice(slice) => slice.elems.iter().for_each(|p| collect_names(p, names)),
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|p| collect_names(p, names)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|p| collect_names(p, names)),
        Pat::Struct(fields) => fields
            .fields
            .iter()
            .for_each(|field| collect_names(&field.pat, names)),
        // Every case of an `or` binds the same names.
        Pat::Or(or) => or
            .cases
            .iter()
            .take(1)
            .for_each(|p| collect_names(p, names)),
        _ => {}
    }
}
