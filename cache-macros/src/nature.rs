//! What is inside of an output, as far as it is written.

use syn::{GenericArgument, PathArguments, Type};

use crate::inside::{Inside, arguments_of, walk};

/// What is inside of an output that cannot be kept.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools)] // four independent findings
pub(crate) struct Nature {
    pub(crate) is_never: bool,
    pub(crate) is_opaque: bool,
    pub(crate) is_borrowed: bool,
    pub(crate) is_static: bool,
}

impl Nature {
    pub(crate) fn of(output: &Type) -> Self {
        let mut found = Self {
            is_never: matches!(output, Type::Never(_)),
            ..Self::default()
        };
        walk(output, &mut |inside| match inside {
            Inside::Type(Type::ImplTrait(_)) => found.is_opaque = true,
            Inside::Borrow => found.is_borrowed = true,
            Inside::Static => found.is_static = true,
            Inside::Type(_) => {}
        });
        found
    }
}

/// Whether the type can stand in another signature.
pub(crate) fn is_plain(output: &Type) -> bool {
    let nature = Nature::of(output);
    !(nature.is_never || nature.is_opaque || nature.is_borrowed)
}

/// The `T` of what is called `Result<T, ..>`.
pub(crate) fn ok_of(written: &Type) -> Option<&Type> {
    match arguments_of(written, "Result")?.first()? {
        GenericArgument::Type(ok) => Some(ok),
        _ => None,
    }
}

/// The same type with another one in the place of each `impl Trait` and of each reference.
pub(crate) fn filled(written: &Type, with: &Type) -> Type {
    match written {
        Type::ImplTrait(_) | Type::Reference(_) => with.clone(),
        Type::Tuple(tuple) => {
            let mut tuple = tuple.clone();
            tuple
                .elems
                .iter_mut()
                .for_each(|part| *part = filled(part, with));
            Type::Tuple(tuple)
        }
        Type::Path(path) => {
            let mut path = path.clone();
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    arguments.args.iter_mut().for_each(|one| fill(one, with));
                }
            }
            Type::Path(path)
        }
        other => other.clone(),
    }
}

fn fill(argument: &mut GenericArgument, with: &Type) {
    if let GenericArgument::Type(part) = argument {
        *part = filled(part, with);
    }
}
