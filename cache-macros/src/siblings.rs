//! The functions beside a cached function: `memoized_f`, `delete_memoized_f`,
//! `delete_all_memoized_f`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, FnArg, Meta};

use crate::nature::is_plain;
use crate::plan::Plan;
use crate::runtime::{cache, generics as names, keeping, key, site};
use crate::tokens::hygienic;

/// All three.
pub(crate) fn siblings(plan: &Plan) -> Option<TokenStream> {
    let all = || {
        let entry = memoized(plan, &entry(plan));
        let delete = delete_memoized(plan, &delete(plan));
        let delete_all = delete_all_memoized(plan, &delete_all(plan));
        quote!(#entry #delete #delete_all)
    };
    plan.helpers.then(all)
}

/// The same without their bodies, for a function with mistakes: who calls them is not told that
/// they are missing.
pub(crate) fn placeholders(plan: &Plan) -> Option<TokenStream> {
    let nothing = quote!(::core::unimplemented!());
    let all = || {
        let entry = plan.item.written_output().is_none_or(is_plain);
        let entry = entry.then(|| memoized(plan, &nothing));
        let delete = delete_memoized(plan, &nothing);
        let delete_all = delete_all_memoized(plan, &nothing);
        quote!(#entry #delete #delete_all)
    };
    plan.helpers.then(all)
}

/// The handle.
fn memoized(plan: &Plan, body: &TokenStream) -> TokenStream {
    let krate = &plan.krate;
    let output = plan.output.entry(&quote!(#krate::__private));
    let name = format_ident!("memoized_{}", bare(plan));
    let docs = format!(
        "The entry of `{}` for these arguments: its key, and what is kept under it.",
        bare(plan)
    );
    let head = head(plan, &docs, &quote!(#[must_use]));
    let (generics, bounds) = generics(plan);
    let params = params(plan, &plan.key.params);
    quote! {
        #head fn #name #generics (#params) -> #krate::Entry<#output> #bounds {
            #body
        }
    }
}

/// Forgets one entry.
fn delete_memoized(plan: &Plan, body: &TokenStream) -> TokenStream {
    let krate = &plan.krate;
    let name = format_ident!("delete_memoized_{}", bare(plan));
    let docs = format!(
        "Forgets what `{}` returned for these arguments; answers whether there was something.\n\n{ERRORS}",
        bare(plan)
    );
    let asyncness = asyncness(plan);
    let head = head(plan, &docs, &TokenStream::new());
    let (generics, bounds) = generics(plan);
    let params = params(plan, &plan.key.params);
    quote! {
        #head #asyncness fn #name #generics (#params) -> #krate::Result<bool> #bounds {
            #body
        }
    }
}

/// Forgets every entry.
fn delete_all_memoized(plan: &Plan, body: &TokenStream) -> TokenStream {
    let krate = &plan.krate;
    let name = format_ident!("delete_all_memoized_{}", bare(plan));
    let docs = format!(
        "Forgets everything that `{}` returned, for whatever arguments, in O(1).\n\n{ERRORS}",
        bare(plan)
    );
    let asyncness = asyncness(plan);
    let head = head(plan, &docs, &TokenStream::new());
    let (generics, bounds) = if plan.cache_params.contains(&true) {
        generics(plan)
    } else {
        Default::default()
    };
    let params = params(plan, &plan.cache_params);
    quote! {
        #head #asyncness fn #name #generics (#params) -> #krate::Result<()> #bounds {
            #body
        }
    }
}

const ERRORS: &str = "# Errors\n\nAn error if the store did not confirm it.";

/// The entry for the arguments.
fn entry(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let (before, cache) = cache(plan);
    let (site, generics, key) = (site(plan), names(plan), derived(plan));
    let (known, keeping) = keeping(plan, "entry");
    quote! {
        #before
        #known
        #krate::__private::Entry::new(#site, #generics, #cache, #keeping, #key)
    }
}

/// What is deleted is not read: its type does not matter.
fn delete(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let (before, cache) = cache(plan);
    let (site, generics, key) = (site(plan), names(plan), derived(plan));
    let entry = quote!(#krate::__private::Entry);
    let by = quote!(#site, #generics, #cache, #key);
    forgotten(plan, &before, &entry, &quote!(unread), &by)
}

fn delete_all(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let ((before, cache), site) = (cache(plan), site(plan));
    let entries = quote!(#krate::__private::AllEntries);
    let by = quote!(#site, #cache, || ());
    forgotten(plan, &before, &entries, &quote!(new), &by)
}

/// Forgets what is found; waits for it, as the function does.
fn forgotten(
    plan: &Plan,
    before: &TokenStream,
    entries: &TokenStream,
    find: &TokenStream,
    by: &TokenStream,
) -> TokenStream {
    if !plan.item.color.waits() {
        return quote!(#before #entries::forget(#by));
    }
    let found = hygienic("found");
    quote! {
        #before
        let #found = #entries::#find(#by);
        #entries::delete(&#found).await
    }
}

/// What derives the key.
fn derived(plan: &Plan) -> TokenStream {
    let (key, parts) = (key(plan), hygienic("parts"));
    quote!(|#parts| #key)
}

/// Docs, attributes and visibility.
fn head(plan: &Plan, docs: &str, more: &TokenStream) -> TokenStream {
    let inherited = plan.item.attributes.iter().filter_map(inherited);
    let visibility = &plan.item.visibility;
    quote! {
        #(#inherited)*
        #[doc = #docs]
        #[allow(
            dead_code,
            non_snake_case,
            unused_mut,
            unused_variables,
            clippy::all,
            clippy::pedantic,
            clippy::nursery
        )]
        #more
        #visibility
    }
}

/// What the function is compiled under, hidden from or forgiven, its siblings are. What it expects
/// to be warned of may be in its body.
fn inherited(attribute: &Attribute) -> Option<TokenStream> {
    let name = attribute.path().get_ident()?.to_string();
    let meta = attribute.meta.to_token_stream();
    match (name.as_str(), &attribute.meta) {
        ("cfg" | "allow", _) => Some(quote!(#[#meta])),
        ("expect", Meta::List(list)) => {
            let lints = &list.tokens;
            Some(quote!(#[allow(#lints)]))
        }
        ("doc", Meta::List(list)) if list.tokens.to_string() == "hidden" => Some(quote!(#[#meta])),
        _ => None,
    }
}

fn generics(plan: &Plan) -> (TokenStream, TokenStream) {
    let generics = &plan.item.signature.generics;
    let bounds = &generics.where_clause;
    (quote!(#generics), quote!(#bounds))
}

fn params(plan: &Plan, taken: &[bool]) -> TokenStream {
    let params = plan.item.params.iter().zip(taken);
    let taken: Vec<FnArg> = params
        .filter(|(_, taken)| **taken)
        .map(|(param, _)| param.immutable())
        .collect();
    quote!(#(#taken),*)
}

/// Async functions have async siblings.
fn asyncness(plan: &Plan) -> Option<TokenStream> {
    plan.item.color.waits().then(|| quote!(async))
}

fn bare(plan: &Plan) -> Ident {
    plan.item.signature.ident.unraw()
}
