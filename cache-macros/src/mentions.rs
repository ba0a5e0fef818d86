//! Which names tokens mention.

use proc_macro2::{Ident, TokenStream, TokenTree};

/// Whether tokens mention a name: as an identifier, or inside the braces of a format string.
pub(crate) fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Literal(literal) => formats(&literal.to_string(), &name.to_string()),
        TokenTree::Punct(_) => false,
    })
}

/// Whether a string literal has `{name}`, `{name:..}` or `{name.$..}`.
fn formats(literal: &str, name: &str) -> bool {
    let inside = literal.split('{').skip(1);
    inside.into_iter().any(|rest| {
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
        assert!(mentions(quote!(id), &name));
        assert!(mentions(quote!((tenant, id.0)), &name));
        assert!(mentions(quote!(format!("user:{id}")), &name));
        assert!(mentions(quote!(format!("user:{id:>4}")), &name));
        assert!(mentions(quote!(format!("user:{0:>id$}", 1)), &name));
        assert!(!mentions(quote!(idea + "id"), &name));
        assert!(!mentions(quote!(format!("{idea} {0:>void$}")), &name));
    }
}
