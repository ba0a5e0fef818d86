//! Which names tokens mention.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;

/// Whether tokens mention a name: as an identifier, or inside the braces of a format string.
pub(crate) fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    let mut dots = 0;
    tokens.into_iter().any(|tree| {
        // `user.id` is not `id`, `0..id` is.
        let is_field = std::mem::take(&mut dots) == 1;
        match tree {
            TokenTree::Ident(ident) => ident == *name && !is_field,
            TokenTree::Group(group) => mentions(group.stream(), name),
            TokenTree::Literal(literal) => formats(&literal.to_string(), &name.unraw().to_string()),
            TokenTree::Punct(punct) => {
                dots = usize::from(is_field) + usize::from(punct.as_char() == '.');
                false
            }
        }
    })
}

/// Whether a string literal has `{name}`, `{name:..}` or `{name.$..}`.
fn formats(literal: &str, name: &str) -> bool {
    let unescaped = literal.replace("{{", "");
    let mut inside = unescaped.split('{').skip(1);
    inside.any(|rest| {
        let argument = rest.split(['}', ':']).next().unwrap_or(rest);
        argument.trim() == name || mentions_width(rest, name)
    })
}

/// Whether a format has `{:name$}` or `{:.name$}`.
fn mentions_width(rest: &str, name: &str) -> bool {
    let format = rest.split('}').next().unwrap_or(rest);
    format
        .match_indices(&format!("{name}$"))
        .any(|(at, _)| !format[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::mentions;
    use proc_macro2::{Ident, Span};
    use quote::quote;

    #[test]
    fn a_name_is_found_where_it_is_used() {
        let name = Ident::new("id", Span::call_site());
        for tokens in [
            quote!(id),
            quote!((tenant, id.0)),
            quote!(0..id),
            quote!(0..=id),
            quote!(a.b[id]),
            quote!(user.with(id)),
            quote!(format!("user:{id}")),
            quote!(format!("user:{id:>4}")),
            quote!(format!("user:{0:>id$}", 1)),
            quote!(format!("{:.id$}", 1.0)),
            quote!(format!("{{{id}}}")),
            quote!(format!(r#"{ id }"#)),
        ] {
            assert!(mentions(tokens.clone(), &name), "{tokens}");
        }
    }

    #[test]
    fn what_only_looks_like_a_name_is_none() {
        let name = Ident::new("id", Span::call_site());
        for tokens in [
            quote!(),
            quote!(idea + "id"),
            quote!(user.id),
            quote!(self.user.id.0),
            quote!(format!("{idea} {0:>void$}")),
            quote!(format!("{{id}}")),
        ] {
            assert!(!mentions(tokens.clone(), &name), "{tokens}");
        }
    }

    #[test]
    fn a_raw_name_is_written_without_its_mark_in_a_format() {
        let name = Ident::new_raw("type", Span::call_site());
        assert!(mentions(quote!(r#type), &name));
        assert!(mentions(quote!(format!("{type}")), &name));
    }
}
