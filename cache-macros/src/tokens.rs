//! Making tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};

/// A local that no name in the function can mean.
pub(crate) fn hygienic(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The places of the first and the last token.
pub(crate) fn ends(tokens: &TokenStream) -> (Span, Span) {
    let spans = || tokens.clone().into_iter().map(|token| token.span());
    let first = spans().next().unwrap_or_else(Span::call_site);
    (first, spans().last().unwrap_or(first))
}

/// Tokens in parentheses that have a place.
pub(crate) fn parenthesized(tokens: TokenStream, span: Span) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(span);
    group
}
