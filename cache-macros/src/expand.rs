//! Writes what a plan says. Nothing is decided here and nothing can fail.
//!
//! ```text
//! #[memoize(timeout = 60)]                fn square(n: u64) -> u64 {
//! fn square(n: u64) -> u64 {      ─────>      let key = |parts: &mut Parts| parts.part(&n);
//!     n * n                                   let mut request = Request::begin(&SITE, Place::of(&key), ..);
//! }                                           request.gather(key);
//!                                             let plan = Plan::new(..).timeout(..);
//!                                             call(&mut request, &plan, move || -> u64 { n * n })
//!                                         }
//!                                         fn memoized_square ... and so on: see `siblings`
//! ```
//!
//! A local of ours has a name that nothing written by others can mean (`hygienic`), and the static
//! stands in a block of its own, since names of items are not hygienic.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Signature;
use syn::spanned::Spanned as _;

use crate::item::Color;
use crate::plan::Plan;
use crate::runtime::{cache, generics, keeping, key, side, site};
use crate::siblings::siblings;
use crate::tokens::hygienic;

/// The function and its siblings.
pub(crate) fn expand(plan: &Plan) -> TokenStream {
    let (item, body) = (&plan.item, body(plan));
    let (attributes, visibility) = (&item.attributes, &item.visibility);
    let (defaultness, signature) = (&item.defaultness, signature(plan));
    let (siblings, uses) = (siblings(plan), plan.output.uses());
    quote! {
        #(#attributes)*
        #visibility #defaultness #signature {
            #uses
            #body
        }
        #siblings
    }
}

/// The signature, which answers a response if the function returns one.
fn signature(plan: &Plan) -> Signature {
    let krate = &plan.krate;
    let mut signature = plan.item.signature.clone();
    if let Some(answer) = plan.output.answer(&quote!(#krate::__private)) {
        signature.output = answer;
    }
    signature
}

/// The door into the runtime.
fn door(plan: &Plan) -> Ident {
    let name = match (plan.output.class(), plan.item.color.waits()) {
        (None, false) => "call",
        (None, true) => "call_async",
        (Some(_), false) => "respond",
        (Some(_), true) => "respond_async",
    };
    Ident::new(name, Span::call_site())
}

/// One call into the runtime.
fn body(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let private = quote!(#krate::__private);
    let ((before, ask), hooks) = (request(plan), hooks(plan));
    let (request, wishes, body) = (hygienic("request"), hygienic("plan"), hygienic("body"));
    match &plan.item.color {
        Color::Sync => {
            let (closure, call) = (closure(plan), door(plan));
            let (kind, body) = taking(plan, &closure, &quote!(move ||), |body| quote!((#body)()));
            quote! {
                #before
                #ask
                #hooks
                #kind
                #private::#call(&mut #request, &#wishes, #body)
            }
        }
        Color::Async => {
            let (future, head) = (future(plan), quote!(async move));
            let (kind, body) = taking(plan, &future, &head, |body| quote!(#body.await));
            let waited = waited(plan, &quote!(#ask #hooks #kind), &body);
            quote!(#before #waited)
        }
        Color::Boxed(_) => {
            let closure = closure(plan);
            let made = quote!(let #body = async move { (#closure)().await };);
            let waited = waited(plan, &quote!(#ask #hooks #made), &quote!(#body));
            quote!(#private::Box::pin(async move { #before #waited }))
        }
    }
}

/// Asks, calls and waits: beside the request if the call answers a response, and otherwise without, so that the
/// function's future is smaller by that.
fn waited(plan: &Plan, ask: &TokenStream, body: &TokenStream) -> TokenStream {
    let (krate, door) = (&plan.krate, door(plan));
    let (request, wishes, call) = (hygienic("request"), hygienic("plan"), hygienic("call"));
    let calling = quote!(#krate::__private::#door(&mut #request, #wishes, #body));
    if plan.output.class().is_some() {
        quote!(#ask #calling.await)
    } else {
        quote!(let #call = { #ask #calling }; #call.await)
    }
}

/// The body; around that of a function that may return a response, what takes it out of there.
///
/// ```text
/// async move { .. }   ─────>   async move { taken(kind, async move { .. }.await) }
/// ```
fn taking(
    plan: &Plan,
    body: &TokenStream,
    head: &TokenStream,
    run: impl FnOnce(&TokenStream) -> TokenStream,
) -> (Option<TokenStream>, TokenStream) {
    if plan.output.class().is_none() {
        return (None, body.clone());
    }
    let krate = &plan.krate;
    let private = quote!(#krate::__private);
    let (kind, wishes, run) = (hygienic("kind"), hygienic("plan"), run(body));
    (
        Some(quote!(let #kind = #private::kind_of(&#wishes);)),
        quote!(#head { #private::taken(#kind, #run) }),
    )
}

/// The request, whose key is derived here; before it, the cache that it asks.
fn request(plan: &Plan) -> (TokenStream, TokenStream) {
    let krate = &plan.krate;
    let private = quote!(#krate::__private);
    let ((before, cache), request) = (cache(plan), hygienic("request"));
    // The same function for all that name no cache: what is called with it is compiled once.
    let finder = if plan.cache.is_none() {
        quote!(#private::installed)
    } else {
        quote!(|| #cache)
    };
    let (site, generics, key) = (site(plan), generics(plan), key(plan));
    let (asks, asked) = asked(plan);
    let (feed, parts) = (hygienic("key"), hygienic("parts"));
    let place = quote!(#private::Place::of(&#feed, #generics));
    // In a block, so that no future keeps the closure. And the request is gathered where it stays.
    let ask = quote! {
        #asks
        let mut #request;
        #[allow(clippy::used_underscore_binding)]
        {
            let #feed = |#parts: &mut #private::Parts| #key;
            #request = #private::Request::begin(#site, #place, #finder, #asked);
            #request.gather(#feed);
        }
    };
    (before, ask)
}

/// What is asked before the key is known: what stands before the call, and the expression.
fn asked(plan: &Plan) -> (TokenStream, TokenStream) {
    let krate = &plan.krate;
    let (private, before) = (quote!(#krate::__private), hygienic("before"));
    if plan.unless.is_none() && plan.refresh.is_none() {
        return (quote!(), quote!(#private::Before::NOTHING));
    }
    let or_false = |asked: &Option<TokenStream>| asked.clone().unwrap_or_else(|| quote!(false));
    let (unless, refresh) = (or_false(&plan.unless), or_false(&plan.refresh));
    let asks = quote! {
        #[allow(clippy::used_underscore_binding)]
        let #before = #private::Before { unless: #unless, refresh: #refresh };
    };
    (asks, quote!(#before))
}

/// The plan for the runtime, as a local.
fn hooks(plan: &Plan) -> TokenStream {
    let (krate, (before, keeping), steps) = (&plan.krate, keeping(plan, "kind"), &plan.steps);
    let sides = [
        (plan.keeps_none, "has_none"),
        (plan.keeps_errors, "has_err"),
    ];
    let checks = sides.map(|(span, check)| span.map(|span| side(plan, check, span)));
    let checks = checks.iter().flatten();
    let wishes = hygienic("plan");
    quote! {
        #[allow(clippy::redundant_closure)]
        let #wishes = {
            #(#checks)*
            #before
            #krate::__private::Plan::new(#keeping) #steps
        };
    }
}

/// The body as a closure: `return` and `?` stay what they are.
fn closure(plan: &Plan) -> TokenStream {
    let body = &plan.item.body;
    match &plan.output.told {
        None => quote!(move || #body),
        Some(output) => quote!(move || -> #output #body),
    }
}

/// The body as a future. The dead `return` tells the compiler its type, as a signature would.
fn future(plan: &Plan) -> TokenStream {
    let body = &plan.item.body;
    let Some(output) = &plan.output.told else {
        return quote!(async move #body);
    };
    let place = Span::mixed_site().located_at(output.span());
    let (statements, dead) = (body.stream(), Ident::new("output", place));
    quote! {
        async move {
            #[allow(
                unreachable_code,
                clippy::diverging_sub_expression,
                clippy::empty_loop,
                clippy::let_unit_value,
                clippy::needless_return,
                clippy::unreachable
            )]
            if false {
                let #dead: #output = loop {};
                return #dead;
            }
            #statements
        }
    }
}
