//! Outputs that are written as `impl Trait`: only responses may be.

use quote::ToTokens as _;
use syn::{TraitBound, Type, TypeParamBound};

use crate::attribute::Attribute;
use crate::inside::{Inside, walk};
use crate::item::Item;
use crate::mistakes::Mistakes;
use crate::nature::{Nature, ok_of};

/// Only a response may be written as `impl Trait`.
pub(crate) fn check_opaque(item: &Item, written: &Type, mistakes: &mut Mistakes) {
    let shown = ok_of(written).unwrap_or(written);
    let error_is_opaque = !Nature::of(shown).is_opaque;
    let says_so = bounds(item, written).iter().any(is_into_response);
    // `Json<impl Serialize>` is a response as well.
    let may_be = item.attribute == Attribute::Cached && !matches!(shown, Type::ImplTrait(_));
    let message = if !says_so && !may_be {
        "`impl Trait` cannot be kept: name the type that the function returns"
    } else if item.attribute == Attribute::Memoize {
        "a response is kept by `#[cached]`; `#[memoize]` is for values: name the type that the function returns"
    } else if !cfg!(feature = "axum") {
        "a response is kept with the feature `axum` of larder: switch it on, or name the type that the function returns"
    } else if error_is_opaque {
        "the error passes through the cache as it is: name its type, such as `StatusCode`"
    } else {
        return;
    };
    mistakes.at(written, message);
}

fn is_into_response(bound: &TraitBound) -> bool {
    let last = bound.path.segments.last();
    last.is_some_and(|last| last.ident == "IntoResponse")
}

/// The traits after each `impl`, but those that name what is generic.
pub(crate) fn bounds(item: &Item, written: &Type) -> Vec<TraitBound> {
    let mut found = Vec::new();
    walk(written, &mut |inside| {
        if let Inside::Type(Type::ImplTrait(opaque)) = inside {
            found.extend(opaque.bounds.iter().filter_map(|bound| match bound {
                TypeParamBound::Trait(bound) => Some(bound.clone()),
                _ => None,
            }));
        }
    });
    found.retain(|bound| !item.is_generic(&bound.to_token_stream()));
    found
}
