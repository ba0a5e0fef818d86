//! What tells functions, and instances of a function, apart.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{FnArg, GenericParam, Type};

use crate::args::Args;
use crate::form::Version;
use crate::item::Item;
use crate::key::Key;
use crate::param::Param;

/// What tells functions of one name apart: the types of what is in the key, and the output.
pub(crate) fn signature(args: &Args, item: &Item) -> String {
    let params = item.params.iter();
    let skipped = args.skip.get();
    let types = params
        .filter(|param| match skipped {
            Some(skipped) => param.names.iter().any(|name| !skipped.contains(name)),
            None => true,
        })
        .map(|param| match &param.arg {
            FnArg::Receiver(receiver) => receiver.to_token_stream(),
            FnArg::Typed(typed) => typed.ty.to_token_stream(),
        });
    let (types, output) = (types.collect::<Vec<_>>(), item.output());
    let tokens = match args.key.get() {
        None => quote!((#(#types),*) -> #output),
        Some(key) => quote!((#key) -> #output),
    };
    compact(&tokens)
}

/// Tokens as text that does not depend on how they are laid out.
fn compact(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The argument `version`, as a number.
pub(crate) fn version(args: &Args, item: &Item) -> u64 {
    match args.version.get() {
        None => 0,
        Some(Version::Number(number)) => *number,
        Some(Version::Auto) => fnv(&spelled(item.body.stream())),
    }
}

/// Tokens one by one, so that different tokens never have one text: a space in a string is there,
/// one between tokens is not.
fn spelled(tokens: TokenStream) -> String {
    let trees = tokens.into_iter().map(|tree| match tree {
        TokenTree::Group(group) => {
            let delimiter = format!("{:?}", group.delimiter());
            format!("{delimiter}({}) ", spelled(group.stream()))
        }
        TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint => punct.as_char().to_string(),
        other => format!("{other} "),
    });
    trees.collect()
}

/// FNV-1a (Fowler, Noll and Vo): the same in every build, which std's hashers do not promise.
fn fnv(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The function's own generic arguments and those of `impl Trait` parameters in the key. (Those of
/// the type that it belongs to stand in its path.)
pub(crate) fn generics(item: &Item, key: &Key, private: &TokenStream) -> Vec<TokenStream> {
    let declared = item.signature.generics.params.iter();
    let declared = declared.filter_map(|param| match param {
        GenericParam::Type(param) => {
            let name = &param.ident;
            Some(quote!(#private::String::from(#private::type_name::<#name>())))
        }
        GenericParam::Const(param) => {
            let name = &param.ident;
            Some(quote!(#private::format!("{:?}", #name)))
        }
        GenericParam::Lifetime(_) => None,
    });
    declared.chain(anonymous(item, key, private)).collect()
}

/// The types of `impl Trait` parameters that are part of the key.
fn anonymous(item: &Item, key: &Key, private: &TokenStream) -> Vec<TokenStream> {
    let is_anonymous = |param: &&Param| match param.written_type() {
        Some(Type::ImplTrait(_)) => true,
        Some(Type::Reference(reference)) => matches!(*reference.elem, Type::ImplTrait(_)),
        _ => false,
    };
    let names = item.params.iter().filter(is_anonymous);
    names
        .flat_map(|param| &param.names)
        .filter(|name| key.mentions(name))
        .map(|name| quote!(#private::String::from(#private::type_name_of_val(&#name))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{compact, fnv};
    use quote::quote;

    #[test]
    fn layout_does_not_matter() {
        let loose = quote!(( u64 , & str ) -> Vec < u8 >);
        assert_eq!(compact(&loose), "(u64,&str)->Vec<u8>");
    }

    /// The published test vectors: a version of `auto` is the same in every build.
    #[test]
    fn a_hash_is_for_ever() {
        assert_eq!(fnv(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv("foobar"), 0x8594_4171_f739_67e8);
    }
}
