//! Every question answered and every rule checked, before anything is written.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{Expr, LitStr, Path};

use crate::args::Args;
use crate::form::KeyPrefix;
use crate::identity::{generics, signature, version};
use crate::item::Item;
use crate::key::{Key, borrowed, mentioned};
use crate::mistakes::Mistakes;
use crate::output::Output;
use crate::steps::steps;

/// What a function becomes.
pub(crate) struct Plan {
    pub(crate) item: Item,
    pub(crate) output: Output,
    /// Where `larder` lives.
    pub(crate) krate: TokenStream,
    pub(crate) key: Key,
    pub(crate) cache: Option<Named>,
    /// Which parameters the sibling takes that takes no key, by place.
    pub(crate) cache_params: Vec<bool>,
    pub(crate) signature: String,
    pub(crate) version: u64,
    /// The names of generic arguments, expressions that are strings.
    pub(crate) generics: Vec<TokenStream>,
    /// The steps of the plan for the runtime: `.timeout(..)`.
    pub(crate) steps: TokenStream,
    pub(crate) unless: Option<TokenStream>,
    pub(crate) refresh: Option<TokenStream>,
    pub(crate) prefix: Option<String>,
    pub(crate) alias: Option<String>,
    /// Where `cache_none` stands.
    pub(crate) keeps_none: Option<Span>,
    /// Where `cache_err` stands.
    pub(crate) keeps_errors: Option<Span>,
    pub(crate) local: bool,
    pub(crate) helpers: bool,
}

impl Plan {
    pub(crate) fn new(args: &Args, item: Item, mistakes: &mut Mistakes) -> Self {
        let krate = args.krate.get();
        let krate = krate.map_or_else(|| quote!(::larder), Path::to_token_stream);
        let private = quote!(#krate::__private);
        let output = Output::new(args, &item, &private, mistakes);
        check_skip(args, &item, mistakes);
        check_helpers(args, &item, mistakes);
        let key = Key::new(args, &item);
        Self {
            output,
            cache: args
                .cache
                .located()
                .map(|(span, cache)| Named::new(span, cache, &item)),
            cache_params: mentioned(&item, args.cache.get()),
            signature: signature(args, &item),
            version: version(args, &item),
            generics: generics(&item, &key, &private),
            key,
            steps: steps(args, &private),
            unless: args.unless.get().map(Expr::to_token_stream),
            refresh: args.refresh.get().map(Expr::to_token_stream),
            prefix: match args.key_prefix.get() {
                Some(KeyPrefix::Literal(name)) => Some(name.value()),
                _ => None,
            },
            alias: args.name.get().map(LitStr::value),
            keeps_none: args.cache_none.span(),
            keeps_errors: args.cache_err.span(),
            local: args.local.is_given(),
            helpers: wants_helpers(args) && !in_trait(&item),
            krate,
            item,
        }
    }

    /// Whether calls can have different keys.
    pub(crate) fn is_keyed(&self) -> bool {
        !self.key.parts.is_empty() || self.key.label.is_some() || !self.generics.is_empty()
    }
}

/// The cache that is named.
pub(crate) struct Named {
    /// Where the argument stands.
    pub(crate) span: Span,
    /// An expression that is a reference.
    pub(crate) reference: TokenStream,
    /// Whether it is inside an argument that the body takes away.
    pub(crate) is_taken: bool,
}

impl Named {
    fn new(span: Span, cache: &Expr, item: &Item) -> Self {
        let mut params = item.params.iter().zip(mentioned(item, Some(cache)));
        Self {
            span,
            reference: borrowed(cache),
            is_taken: params.any(|(param, mentioned)| mentioned && !param.is_reference()),
        }
    }
}

fn check_skip(args: &Args, item: &Item, mistakes: &mut Mistakes) {
    let known = || item.params.iter().flat_map(|param| &param.names);
    let skipped = args.skip.get().map_or(&[][..], Vec::as_slice);
    for (place, name) in skipped.iter().enumerate() {
        if !known().any(|other| other == name) {
            mistakes.at(name, unknown_parameter(name, &known().collect::<Vec<_>>()));
        } else if skipped[..place].contains(name) {
            mistakes.at(name, format!("`{name}` is skipped twice"));
        }
    }
    if let (Some(span), true) = (args.skip.span(), args.key.is_given()) {
        let message = "`key` says all that is in the key, so there is nothing to `skip`: leave one of the two out";
        mistakes.at_span(span, message);
    }
}

fn unknown_parameter(name: &Ident, known: &[&Ident]) -> String {
    if known.is_empty() {
        return format!("there is no parameter `{name}`: the function has none");
    }
    let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "there is no parameter `{name}`: the function has {}",
        known.join(", ")
    )
}

fn check_helpers(args: &Args, item: &Item, mistakes: &mut Mistakes) {
    if in_trait(item) && wants_helpers(args) {
        let message = "the implementation of a trait has no room for `memoized_...` and \
                       `delete_memoized_...`: write `helpers = false`";
        mistakes.at(&item.signature.ident, message);
    }
}

fn wants_helpers(args: &Args) -> bool {
    args.helpers.get().copied().unwrap_or(true)
}

/// What `#[async_trait]` made stands in a trait or in the implementation of one. Of other functions
/// nobody can tell.
fn in_trait(item: &Item) -> bool {
    let mut lifetimes = item.signature.generics.lifetimes();
    lifetimes.any(|param| param.lifetime.ident == "async_trait")
}
