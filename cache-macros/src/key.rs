//! What goes into the key, and which parameters that takes.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned as _;

use crate::args::Args;
use crate::form::KeyPrefix;
use crate::item::Item;
use crate::mentions::mentions;
use crate::param::Param;

/// The key of a call.
pub(crate) struct Key {
    /// What it is made of: expressions that are references.
    pub(crate) parts: Vec<TokenStream>,
    /// The readable label, an expression that is a reference.
    pub(crate) label: Option<TokenStream>,
    /// The tags, expressions that are references.
    pub(crate) tags: Vec<TokenStream>,
    /// Which parameters siblings take, by place.
    pub(crate) params: Vec<bool>,
}

impl Key {
    pub(crate) fn new(args: &Args, item: &Item) -> Self {
        let (parts, mut params) = match args.key.get() {
            Some(key) => (elements(key, item), mentioned(item, Some(key))),
            None => arguments(args, item),
        };
        let label = match args.key_prefix.get() {
            Some(KeyPrefix::Label(label)) => Some(label),
            _ => None,
        };
        let tags = args.tags.get().map_or(&[][..], Vec::as_slice);
        for also in label.into_iter().chain(args.cache.get()).chain(tags) {
            let used = mentioned(item, Some(also));
            let both = params.iter_mut().zip(used);
            both.for_each(|(param, used)| *param |= used);
        }
        Self {
            parts,
            label: label.map(borrowed),
            tags: tags.iter().map(borrowed).collect(),
            params,
        }
    }

    /// Whether a name is in the key.
    pub(crate) fn mentions(&self, name: &Ident) -> bool {
        self.parts.iter().any(|part| mentions(part.clone(), name))
    }
}

/// The elements of `key = (a, b)`, each borrowed for itself, so that nothing is moved into a tuple.
fn elements(key: &Expr, item: &Item) -> Vec<TokenStream> {
    match key {
        Expr::Tuple(tuple) => tuple.elems.iter().map(|e| element(e, item)).collect(),
        single => vec![element(single, item)],
    }
}

/// A reference to an element. An argument that is one already stays as it is, so that an error
/// names the type behind it.
fn element(element: &Expr, item: &Item) -> TokenStream {
    let is_element = |name: &Ident| matches!(element, Expr::Path(path) if path.path.is_ident(name));
    let mut params = item.params.iter();
    match params.find(|param| param.names.iter().any(is_element)) {
        Some(param) if param.is_reference() => element.to_token_stream(),
        _ => borrowed(element),
    }
}

/// A reference to an expression. Parentheses only where they are needed: they have one place, and
/// the expression has two ends.
pub(crate) fn borrowed(expression: &Expr) -> TokenStream {
    let span = expression.span();
    match expression {
        Expr::Call(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Macro(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Path(_) => quote_spanned!(span=> &#expression),
        _ => quote_spanned!(span=> &(#expression)),
    }
}

/// All arguments less the skipped ones.
fn arguments(args: &Args, item: &Item) -> (Vec<TokenStream>, Vec<bool>) {
    let skipped = args.skip.get();
    let is_kept = |name: &&Ident| skipped.is_none_or(|skipped| !skipped.contains(name));
    let mut parts = Vec::new();
    let mut params = Vec::new();
    for param in &item.params {
        let kept: Vec<_> = param.names.iter().filter(is_kept).collect();
        params.push(!kept.is_empty());
        parts.extend(kept.into_iter().map(|name| argument(param, name)));
    }
    (parts, params)
}

/// A reference to an argument, with the span of the parameter: errors are shown there.
fn argument(param: &Param, name: &Ident) -> TokenStream {
    if param.is_reference() {
        name.to_token_stream()
    } else {
        quote_spanned!(name.span()=> &#name)
    }
}

/// Which parameters an expression mentions.
pub(crate) fn mentioned(item: &Item, expression: Option<&Expr>) -> Vec<bool> {
    let tokens = expression.map(Expr::to_token_stream).unwrap_or_default();
    let is_mentioned = |name| mentions(tokens.clone(), name);
    let params = item.params.iter();
    params
        .map(|param| param.names.iter().any(is_mentioned))
        .collect()
}
