//! Every question answered and every rule checked, before anything is written.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, FnArg, GenericParam, Type};

use crate::args::{Args, KeyPrefix, Version};
use crate::item::Item;
use crate::lifetime::Lifetime;
use crate::mentions::mentions;
use crate::mistakes::Mistakes;
use crate::param::Param;

/// What a function becomes.
pub(crate) struct Plan {
    pub(crate) item: Item,
    /// Where `larder` lives.
    pub(crate) krate: TokenStream,
    /// What the key is made of: expressions that are references.
    pub(crate) parts: Vec<TokenStream>,
    /// The readable label, an expression.
    pub(crate) label: Option<TokenStream>,
    /// The names of the parameters that siblings take, by place.
    pub(crate) keyed_params: Vec<bool>,
    /// The same for the sibling that takes no key.
    pub(crate) cache_params: Vec<bool>,
    /// The cache, an expression that is a reference.
    pub(crate) cache: TokenStream,
    pub(crate) signature: String,
    pub(crate) version: u64,
    /// The names of generic arguments, expressions that are strings.
    pub(crate) generics: Vec<TokenStream>,
    /// The steps of the plan for the runtime: `.timeout(..)`.
    pub(crate) steps: TokenStream,
    pub(crate) unless: TokenStream,
    pub(crate) refresh: TokenStream,
    pub(crate) prefix: Option<String>,
    pub(crate) alias: Option<String>,
    pub(crate) keeps_none: bool,
    pub(crate) keeps_errors: bool,
    pub(crate) local: bool,
    pub(crate) helpers: bool,
}

impl Plan {
    pub(crate) fn new(args: Args, item: Item, mistakes: &mut Mistakes) -> Self {
        check_names(&args, &item, mistakes);
        let krate = match args.krate.get() {
            Some(path) => path.to_token_stream(),
            None => quote!(::larder),
        };
        let private = quote!(#krate::__private);
        let key = KeyPlan::new(&args, &item);
        Self {
            label: key.label,
            keyed_params: key.params,
            cache_params: mentioned(&item, args.cache.get().map(|e| e.to_token_stream())),
            cache: cache(&args, &private),
            signature: signature(&args, &item),
            version: version(&args, &item),
            generics: generics(&item, &key.parts, &private),
            parts: key.parts,
            steps: steps(&args, &private),
            unless: flag_expression(args.unless.get()),
            refresh: flag_expression(args.refresh.get()),
            prefix: match args.key_prefix.get() {
                Some(KeyPrefix::Literal(name)) => Some(name.value()),
                _ => None,
            },
            alias: args.name.get().map(syn::LitStr::value),
            keeps_none: args.cache_none.is_given(),
            keeps_errors: args.cache_err.is_given(),
            local: args.local.is_given(),
            helpers: args.helpers.get().copied().unwrap_or(true),
            krate,
            item,
        }
    }

    /// Whether calls can have different keys.
    pub(crate) fn is_keyed(&self) -> bool {
        !self.parts.is_empty() || self.label.is_some() || !self.generics.is_empty()
    }
}

/// What goes into the key, and which parameters that takes.
struct KeyPlan {
    parts: Vec<TokenStream>,
    label: Option<TokenStream>,
    params: Vec<bool>,
}

impl KeyPlan {
    fn new(args: &Args, item: &Item) -> Self {
        let (parts, mut params) = match args.key.get() {
            Some(key) => (
                key_elements(key),
                mentioned(item, Some(key.to_token_stream())),
            ),
            None => arguments(args, item),
        };
        let label = match args.key_prefix.get() {
            Some(KeyPrefix::Label(label)) => Some(label.to_token_stream()),
            _ => None,
        };
        for also in [label.clone(), args.cache.get().map(Expr::to_token_stream)] {
            let used = mentioned(item, also);
            params
                .iter_mut()
                .zip(used)
                .for_each(|(param, used)| *param |= used);
        }
        Self {
            parts,
            label,
            params,
        }
    }
}

/// The elements of `key = (a, b)`, each borrowed for itself, so that nothing is moved into a tuple.
fn key_elements(key: &Expr) -> Vec<TokenStream> {
    match key {
        Expr::Tuple(tuple) => tuple.elems.iter().map(borrowed).collect(),
        single => vec![borrowed(single)],
    }
}

fn borrowed(expression: &Expr) -> TokenStream {
    let span = expression.span();
    quote_spanned!(span=> &(#expression))
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
fn mentioned(item: &Item, expression: Option<TokenStream>) -> Vec<bool> {
    let expression = expression.unwrap_or_default();
    let is_mentioned = |name| mentions(expression.clone(), name);
    let params = item.params.iter();
    params
        .map(|param| param.names.iter().any(is_mentioned))
        .collect()
}

fn cache(args: &Args, private: &TokenStream) -> TokenStream {
    match args.cache.get() {
        Some(cache) => borrowed(cache),
        None => quote!(#private::installed()),
    }
}

fn flag_expression(expression: Option<&Expr>) -> TokenStream {
    expression.map_or_else(|| quote!(false), Expr::to_token_stream)
}

/// What tells functions of one name apart: the types of what is in the key, and the output.
fn signature(args: &Args, item: &Item) -> String {
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
    let key = args.key.get();
    let (types, output) = (types.collect::<Vec<_>>(), item.output());
    let tokens = match key {
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

fn version(args: &Args, item: &Item) -> u64 {
    match args.version.get() {
        None => 0,
        Some(Version::Number(number)) => *number,
        Some(Version::Auto) => fnv(&compact(&item.body.stream())),
    }
}

/// FNV-1a (Fowler, Noll and Vo): the same in every build, which std's hashers do not promise.
fn fnv(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The function's own generic arguments and those of `impl Trait` parameters in the key. (Those of
/// the type that it belongs to stand in its path.)
fn generics(item: &Item, parts: &[TokenStream], private: &TokenStream) -> Vec<TokenStream> {
    let declared = item.signature.generics.params.iter();
    let mut names: Vec<_> = declared
        .filter_map(|param| match param {
            GenericParam::Type(param) => {
                let name = &param.ident;
                Some(quote!(#private::String::from(#private::type_name::<#name>())))
            }
            GenericParam::Const(param) => {
                let name = &param.ident;
                Some(quote!(#private::format!("{:?}", #name)))
            }
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    names.extend(anonymous(item, parts, private));
    names
}

/// The types of `impl Trait` parameters that are part of the key.
fn anonymous(item: &Item, parts: &[TokenStream], private: &TokenStream) -> Vec<TokenStream> {
    let is_anonymous = |param: &&Param| match param.written_type() {
        Some(Type::ImplTrait(_)) => true,
        Some(Type::Reference(reference)) => matches!(*reference.elem, Type::ImplTrait(_)),
        _ => false,
    };
    let names = item.params.iter().filter(is_anonymous);
    names
        .flat_map(|param| &param.names)
        .filter(|name| parts.iter().any(|part| mentions(part.clone(), name)))
        .map(|name| quote!(#private::String::from(#private::type_name_of_val(&#name))))
        .collect()
}

/// The steps that turn a plan without wishes into this function's.
fn steps(args: &Args, private: &TokenStream) -> TokenStream {
    let mut steps = TokenStream::new();
    if let Some(timeout) = args.timeout.get() {
        steps.extend(match (timeout, timeout.to_expression(private)) {
            (Lifetime::Hook(hook), _) => quote!(.timeout_of(#hook)),
            (_, timeout) => quote!(.timeout(#timeout)),
        });
    }
    if let Some(span) = args.cache_none.span() {
        steps.extend(quote_spanned!(span=> .keeps_none()));
        let timeout = args.cache_none.get().and_then(Option::as_ref);
        let timeout = timeout.and_then(|timeout| timeout.to_expression(private));
        steps.extend(timeout.map(|timeout| quote!(.none_timeout(#timeout))));
    }
    if let (Some(span), Some(timeout)) = (args.cache_err.span(), args.cache_err.get()) {
        let timeout = timeout.to_expression(private);
        steps.extend(quote_spanned!(span=> .keeps_errors(#timeout)));
    }
    if let Some(jitter) = args.jitter.get() {
        steps.extend(quote!(.jitter(#jitter)));
    }
    if let Some(flight) = args.flight.get() {
        let mode = match flight.to_string().as_str() {
            "none" => quote!(None),
            "process" => quote!(Process),
            _ => quote!(Global),
        };
        steps.extend(quote!(.flight(#private::FlightMode::#mode)));
    }
    steps.extend(args.cache_if.get().map(|h| hook_step(&quote!(cache_if), h)));
    steps.extend(args.is_stale.get().map(|h| hook_step(&quote!(is_stale), h)));
    steps
}

/// A closure goes in as it is; a function is called from one, so that `&String` can become `&str`.
fn hook_step(method: &TokenStream, hook: &Expr) -> TokenStream {
    match hook {
        Expr::Closure(_) => quote!(.#method(#hook)),
        function => {
            let span = function.span();
            quote_spanned!(span=> .#method(|value| #function(value)))
        }
    }
}

fn check_names(args: &Args, item: &Item, mistakes: &mut Mistakes) {
    let known = || item.params.iter().flat_map(|param| &param.names);
    for name in args.skip.get().into_iter().flatten() {
        if !known().any(|other| other == name) {
            mistakes.at(name, unknown_parameter(name, &known().collect::<Vec<_>>()));
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
        "there is no parameter `{name}`; there are {}",
        known.join(", ")
    )
}
