//! The functions beside a cached function: `memoized_f`, `delete_memoized_f`,
//! `delete_all_memoized_f`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::FnArg;
use syn::ext::IdentExt as _;

use crate::expand::{key, kind, place, site};
use crate::item::Color;
use crate::plan::Plan;

/// All three.
pub(crate) fn siblings(plan: &Plan) -> TokenStream {
    let entry = memoized(plan);
    let delete = delete_memoized(plan);
    let delete_all = delete_all_memoized(plan);
    quote!(#entry #delete #delete_all)
}

/// The handle.
fn memoized(plan: &Plan) -> TokenStream {
    let (krate, output) = (&plan.krate, plan.item.output());
    let (site, entry) = (site(plan), entry(plan));
    let name = format_ident!("memoized_{}", bare(plan));
    let docs = format!(
        "The entry of `{}` for these arguments: its key, and what is kept under it.",
        bare(plan)
    );
    let head = head(plan, &docs, &quote!(#[must_use]));
    let (generics, bounds) = generics(plan);
    let params = params(plan, &plan.keyed_params);
    quote! {
        #head fn #name #generics (#params) -> #krate::Entry<#output> #bounds {
            #site
            #entry
        }
    }
}

/// Forgets one entry.
fn delete_memoized(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let (site, entry) = (site(plan), entry(plan));
    let name = format_ident!("delete_memoized_{}", bare(plan));
    let docs = format!(
        "Forgets what `{}` returned for these arguments; answers whether there was something.\n\n{ERRORS}",
        bare(plan)
    );
    let (asyncness, end) = color(plan);
    let head = head(plan, &docs, &TokenStream::new());
    let (generics, bounds) = generics(plan);
    let params = params(plan, &plan.keyed_params);
    quote! {
        #head #asyncness fn #name #generics (#params) -> #krate::Result<bool> #bounds {
            #site
            let __entry = #entry;
            __entry.delete() #end
        }
    }
}

/// Forgets every entry.
fn delete_all_memoized(plan: &Plan) -> TokenStream {
    let krate = &plan.krate;
    let (site, cache) = (site(plan), &plan.cache);
    let name = format_ident!("delete_all_memoized_{}", bare(plan));
    let docs = format!(
        "Forgets everything that `{}` returned, for whatever arguments, in O(1).\n\n{ERRORS}",
        bare(plan)
    );
    let (asyncness, end) = color(plan);
    let head = head(plan, &docs, &TokenStream::new());
    let (generics, bounds) = match plan.cache_params.contains(&true) {
        true => generics(plan),
        false => Default::default(),
    };
    let params = params(plan, &plan.cache_params);
    quote! {
        #head #asyncness fn #name #generics (#params) -> #krate::Result<()> #bounds {
            #site
            let __entries = #krate::__private::AllEntries::new(
                &__SITE,
                #krate::__private::Place {
                    path: #krate::__private::type_name_of_val(&|| ()),
                    generics: &#krate::__private::Vec::new,
                },
                #cache,
            );
            __entries.delete() #end
        }
    }
}

const ERRORS: &str = "# Errors\n\nAn error if the store did not confirm it.";

/// The entry for the arguments.
fn entry(plan: &Plan) -> TokenStream {
    let (krate, cache) = (&plan.krate, &plan.cache);
    let (place, kind, key) = (place(plan), kind(plan), key(plan));
    let carries = if plan.local {
        quote!(Local)
    } else {
        quote!(Shared)
    };
    quote! {
        #krate::__private::Entry::new(
            &__SITE,
            #place,
            #cache,
            #krate::__private::#carries(#kind),
            #key,
        )
    }
}

/// Docs, attributes and visibility. What the function is compiled under, its siblings are.
fn head(plan: &Plan, docs: &str, more: &TokenStream) -> TokenStream {
    let attributes = plan.item.attributes.iter();
    let conditions = attributes.filter(|attribute| attribute.path().is_ident("cfg"));
    let visibility = &plan.item.visibility;
    quote! {
        #(#conditions)*
        #[doc = #docs]
        #[allow(dead_code, unused_variables, clippy::all, clippy::pedantic)]
        #more
        #visibility
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
fn color(plan: &Plan) -> (TokenStream, TokenStream) {
    match plan.item.color {
        Color::Sync => (TokenStream::new(), quote!(.wait())),
        Color::Async | Color::Boxed(_) => (quote!(async), quote!(.await)),
    }
}

fn bare(plan: &Plan) -> Ident {
    plan.item.signature.ident.unraw()
}
