//! What the function and its siblings say to the runtime alike: who they are, where, and the key.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Token;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use crate::plan::Plan;
use crate::tokens::{ends, hygienic, parenthesized};

/// A reference to the static that knows the function. What is usual is not said: a compiler reads this four
/// times for each function.
pub(crate) fn site(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let private = quote!(#krate::__private);
    let name = plan.item.signature.ident.unraw().to_string();
    let (signature, version) = (&plan.signature, plan.version);
    let alias = plan.alias.as_ref().map(|alias| quote!(.alias(#alias)));
    let prefix = plan.prefix.as_ref().map(|prefix| quote!(.prefix(#prefix)));
    let version = (version != 0).then(|| quote!(.version(#version)));
    let unkeyed = (!plan.is_keyed()).then(|| quote!(.unkeyed()));
    let local = plan.local.then(|| quote!(.local(#private::memory)));
    let spec =
        quote!(#private::Spec::new(#name, #signature) #alias #prefix #version #unkeyed #local);
    quote!({
        static SITE: #private::Site = #private::Site::new(#spec);
        &SITE
    })
}

/// The names of the generic arguments.
pub(crate) fn generics(plan: &Plan) -> TokenStream {
    let (krate, generics) = (&plan.krate, &plan.generics);
    let private = quote!(#krate::__private);
    if generics.is_empty() {
        quote!(#private::NOT_GENERIC)
    } else {
        quote!(&|| <[#private::String]>::into_vec(#private::Box::new([#(#generics),*])))
    }
}

/// The cache: what stands before the call, and the expression. The type is written, so that an
/// error about it is shown once, but apart: an `if` inside would take it for that of its branches.
pub(crate) fn cache(plan: &Plan) -> (TokenStream, TokenStream) {
    let krate = &plan.krate;
    let Some(named) = &plan.cache else {
        return (quote!(), quote!(#krate::__private::installed()));
    };
    let (cache, local) = (&named.reference, hygienic("cache"));
    let place = Span::mixed_site().located_at(ends(cache).1);
    let found = Ident::new("cache", place);
    let (reference, name) = (Token![&](named.span), Ident::new("Cache", named.span));
    let clone = quote!(let #local = &#krate::Cache::clone(#local););
    let clone = named.is_taken.then_some(clone);
    let before = quote! {
        let #local = #cache;
        let #local: #reference #krate::#name = #found;
        #clone
    };
    (before, quote!(#local))
}

/// What feeds the arguments into the key. The compiler names a closure by the function around it, so that it says
/// as well where we are.
pub(crate) fn key(plan: &Plan) -> TokenStream {
    let parts = hygienic("parts");
    let steps = plan.key.parts.iter().map(|part| {
        let (_, last) = ends(part);
        quote_spanned!(last=> #parts.part(#part);)
    });
    let label = plan.key.label.as_ref();
    let label = label.map(|label| {
        let span = label.span();
        quote_spanned!(span=> #parts.label(#label);)
    });
    let tags = plan.key.tags.iter().map(|tag| {
        let (_, last) = ends(tag);
        quote_spanned!(last=> #parts.tag(#tag);)
    });
    quote! {{
        #(#steps)*
        #label
        #(#tags)*
    }}
}

/// How values are kept, as a local before the call, by the function's `kind` or by its `entry`. The only
/// place that asks whether they can be: the error is shown at the output.
pub(crate) fn keeping(plan: &Plan, side: &str) -> (TokenStream, Ident) {
    let (first, last) = match plan.item.written_output() {
        Some(output) => ends(&output.to_token_stream()),
        None => (Span::call_site(), Span::call_site()),
    };
    let (rungs, kind) = (rungs(plan), kind(plan, side, first, last));
    let way = Ident::new(if plan.local { "local" } else { "shared" }, last);
    let keeping = hygienic("keeping");
    (quote!(#rungs let #keeping = #kind.#way();), keeping)
}

/// Says that the output has a side that an argument keeps; the error is shown at the argument.
pub(crate) fn side(plan: &Plan, check: &str, argument: Span) -> TokenStream {
    let (rungs, kind) = (rungs(plan), kind(plan, "kind", argument, argument));
    let check = Ident::new(check, argument);
    quote!({ #rungs #kind.#check(); })
}

/// The traits that find a kind.
fn rungs(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let chosen = plan.output.class();
    let chosen = chosen.map(|_| quote!(use #krate::__private::Chosen as _;));
    quote! {
        use #krate::__private::{ViaFallible as _, ViaPlain as _};
        #chosen
    }
}

/// The kind of the output, found by the compiler. The expression reaches from the first place to
/// the last.
fn kind(plan: &Plan, of: &str, first: Span, last: Span) -> TokenStream {
    let krate = &plan.krate;
    let (private, output) = (quote!(#krate::__private), plan.output.asked());
    let side = |kept: Option<Span>| {
        let side = if kept.is_some() { "Keep" } else { "Skip" };
        let side = Ident::new(side, Span::call_site());
        quote!(#private::#side)
    };
    let (none, error) = (side(plan.keeps_none), side(plan.keeps_errors));
    let probe = quote!(&#private::Probe::<#output, #none, #error>::new());
    let (probe, call) = (parenthesized(probe, first), parenthesized(quote!(), last));
    let found = quote_spanned!(first=> #probe.kind_of_output #call);
    let Some(class) = plan.output.class() else {
        return found;
    };
    let of = Ident::new(of, last);
    let call = parenthesized(quote!(), last);
    quote_spanned!(last=> #found.#of::<{ #class }> #call)
}
