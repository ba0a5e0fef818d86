//! Writes what a plan says. Nothing is decided here and nothing can fail.
//!
//! ```text
//! #[memoize(timeout = 60)]                fn square(n: u64) -> u64 {
//! fn square(n: u64) -> u64 {      ─────>      static SITE: Site = ...;
//!     n * n                                   let request = Request::new(&SITE, ..., |parts| parts.part(&n));
//! }                                           call(request, plan, move || -> u64 { n * n })
//!                                         }
//!                                         fn memoized_square ... and so on: see `siblings`
//! ```

use proc_macro2::TokenStream;
use quote::quote;
use syn::ReturnType;
use syn::ext::IdentExt as _;

use crate::item::Color;
use crate::plan::Plan;
use crate::siblings::siblings;

/// The function and its siblings.
pub(crate) fn expand(plan: &Plan) -> TokenStream {
    let (item, body) = (&plan.item, body(plan));
    let (attributes, visibility) = (&item.attributes, &item.visibility);
    let (defaultness, signature) = (&item.defaultness, &item.signature);
    let siblings = plan.helpers.then(|| siblings(plan));
    quote! {
        #(#attributes)*
        #visibility #defaultness #signature {
            #body
        }
        #siblings
    }
}

/// One call into the runtime.
fn body(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let private = quote!(#krate::__private);
    let (prelude, hooks) = (prelude(plan), hooks(plan));
    match &plan.item.color {
        Color::Sync => {
            let closure = closure(plan);
            quote! {
                #prelude
                #private::call(__request, #hooks, #closure)
            }
        }
        Color::Async => {
            let future = future(plan);
            quote! {
                #prelude
                let __hooks = #hooks;
                #private::call_async(__request, __hooks, #future).await
            }
        }
        Color::Boxed(_) => {
            let closure = closure(plan);
            quote! {
                #private::Box::pin(async move {
                    #prelude
                    let __hooks = #hooks;
                    let __body = async move { (#closure)().await };
                    #private::call_async(__request, __hooks, __body).await
                })
            }
        }
    }
}

/// The site and the request, whose key is derived here.
fn prelude(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let private = quote!(#krate::__private);
    let (site, place, cache, key) = (site(plan), place(plan), &plan.cache, key(plan));
    let (unless, refresh) = (&plan.unless, &plan.refresh);
    quote! {
        #site
        let __request = #private::Request::new(
            &__SITE,
            #place,
            #cache,
            #private::Before { unless: #unless, refresh: #refresh },
            #key,
        );
    }
}

/// The static that knows the function.
pub(crate) fn site(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let private = quote!(#krate::__private);
    let name = plan.item.signature.ident.unraw().to_string();
    let (signature, version) = (&plan.signature, plan.version);
    let (alias, prefix) = (optional(plan, &plan.alias), optional(plan, &plan.prefix));
    let keyed = plan.is_keyed();
    let local = if plan.local {
        quote!(#private::Option::Some(#private::memory))
    } else {
        quote!(#private::Option::None)
    };
    quote! {
        static __SITE: #private::Site = #private::Site::new(#private::Spec {
            name: #name,
            alias: #alias,
            prefix: #prefix,
            signature: #signature,
            version: #version,
            keyed: #keyed,
            local: #local,
        });
    }
}

/// Where the compiler says that we are.
pub(crate) fn place(plan: &Plan) -> TokenStream {
    let (krate, generics) = (&plan.krate, &plan.generics);
    quote! {
        #krate::__private::Place {
            path: #krate::__private::type_name_of_val(&|| ()),
            generics: &|| <[#krate::__private::String]>::into_vec(#krate::__private::Box::new([#(#generics),*])),
        }
    }
}

/// Feeds the arguments into the key.
pub(crate) fn key(plan: &Plan) -> TokenStream {
    let (krate, parts) = (&plan.krate, &plan.parts);
    let steps = parts.iter().map(|part| {
        let span = part
            .clone()
            .into_iter()
            .last()
            .map_or_else(proc_macro2::Span::call_site, |token| token.span());
        quote::quote_spanned!(span=> __parts.part(#part)?;)
    });
    let label = plan.label.as_ref();
    let label = label.map(|label| quote!(__parts.label(#label);));
    quote! {
        |__parts: &mut #krate::__private::Parts| {
            #(#steps)*
            #label
            #krate::__private::Ok(())
        }
    }
}

/// The kind of the output, found by the compiler.
pub(crate) fn kind(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let private = quote!(#krate::__private);
    let output = plan.item.output();
    let side = |kept| if kept { quote!(Keep) } else { quote!(Skip) };
    let (none, error) = (side(plan.keeps_none), side(plan.keeps_errors));
    quote!({
        use #private::{ViaFallible as _, ViaFallibleOption as _, ViaOption as _, ViaPlain as _};
        (&&&&#private::Probe::<#output, #private::#none, #private::#error>::new()).kind()
    })
}

/// The plan for the runtime.
fn hooks(plan: &Plan) -> TokenStream {
    let (krate, kind, steps) = (&plan.krate, kind(plan), &plan.steps);
    let start = if plan.local {
        quote!(local)
    } else {
        quote!(shared)
    };
    quote!(#krate::__private::Plan::#start(#kind) #steps)
}

/// The body as a closure: `return` and `?` stay what they are.
fn closure(plan: &Plan) -> TokenStream {
    let body = &plan.item.body;
    match &plan.item.signature.output {
        ReturnType::Default => quote!(move || #body),
        ReturnType::Type(_, output) => quote!(move || -> #output #body),
    }
}

/// The body as a future. The dead `return` tells the compiler its type, as a signature would.
fn future(plan: &Plan) -> TokenStream {
    let body = &plan.item.body;
    let statements = body.stream();
    match &plan.item.signature.output {
        ReturnType::Default => quote!(async move #body),
        ReturnType::Type(_, output) => quote! {
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
                    let __output: #output = loop {};
                    return __output;
                }
                #statements
            }
        },
    }
}

fn optional(plan: &Plan, text: &Option<String>) -> TokenStream {
    let krate = &plan.krate;
    match text {
        Some(text) => quote!(#krate::__private::Option::Some(#text)),
        None => quote!(#krate::__private::Option::None),
    }
}
