//! What a type is made of, as far as it is written.

use syn::punctuated::Punctuated;
use syn::{GenericArgument, Lifetime, PathArguments, PathSegment, Token, Type, TypePath};

/// Something inside a type.
pub(crate) enum Inside<'a> {
    /// The type itself, and every type in it.
    Type(&'a Type),
    /// A lifetime that makes the type a borrowed one.
    Borrow,
    /// A reference to a static.
    Static,
}

/// Shows everything inside a type. Signatures of functions (`fn(..)`, `dyn Fn(..)`) are not looked
/// into: what they name is not in the value. What the error of a `Result` borrows is not shown:
/// errors need no bounds.
pub(crate) fn walk<'a>(all: &'a Type, see: &mut dyn FnMut(Inside<'a>)) {
    visit(all, true, see);
}

/// `held` says whether a value of the outermost type holds one of this type, as far as it is kept.
fn visit<'a>(part: &'a Type, held: bool, see: &mut dyn FnMut(Inside<'a>)) {
    see(Inside::Type(part));
    match part {
        Type::Reference(reference) => {
            match reference.lifetime.as_ref().is_some_and(is_static) {
                true if held => see(Inside::Static),
                false if held => see(Inside::Borrow),
                _ => {}
            }
            visit(&reference.elem, false, see);
        }
        Type::Array(array) => visit(&array.elem, held, see),
        Type::Slice(slice) => visit(&slice.elem, held, see),
        Type::Paren(inner) => visit(&inner.elem, held, see),
        Type::Group(inner) => visit(&inner.elem, held, see),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|part| visit(part, held, see)),
        Type::Path(path) => visit_path(path, held, see),
        _ => {}
    }
}

/// Of the arguments of a projection, `<T as Trait<'a>>::Output`, the type need not hold one.
fn visit_path<'a>(path: &'a TypePath, held: bool, see: &mut dyn FnMut(Inside<'a>)) {
    for segment in &path.path.segments {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            continue;
        };
        for (place, argument) in arguments.args.iter().enumerate() {
            let held = held && path.qself.is_none() && !is_error(segment, place);
            match argument {
                GenericArgument::Type(part) => visit(part, held, see),
                GenericArgument::Lifetime(lifetime) if held && !is_static(lifetime) => {
                    see(Inside::Borrow);
                }
                _ => {}
            }
        }
    }
}

fn is_error(segment: &PathSegment, place: usize) -> bool {
    segment.ident == "Result" && place == 1
}

fn is_static(lifetime: &Lifetime) -> bool {
    lifetime.ident == "static"
}

/// The arguments in the angle brackets of a type that is called `name`, by whatever path.
pub(crate) fn arguments_of<'a>(
    generic: &'a Type,
    name: &str,
) -> Option<&'a Punctuated<GenericArgument, Token![,]>> {
    let Type::Path(path) = generic else {
        return None;
    };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == name => Some(&arguments.args),
        _ => None,
    }
}
