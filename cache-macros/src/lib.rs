//! `#[memoize]` and `#[cached]`, as `larder` re-exports them.
//!
//! The macros are a compiler in stages, and each file is one of its nouns:
//!
//! ```text
//! arguments ─ args ─┐
//!                   ├─ plan ─ expand     (what the function becomes)
//! function ── item ─┘     └── fallback   (its mistakes, and the function as written)
//! ```
//!
//! The function's body stays tokens: nothing looks into it and nothing changes it.

mod args;
mod attribute;
mod expand;
mod fallback;
mod form;
mod identity;
mod inside;
mod item;
mod key;
mod lifetime;
mod mentions;
mod mistakes;
mod nature;
mod opaque;
mod output;
mod param;
mod plan;
mod runtime;
mod siblings;
mod steps;
#[cfg(test)]
mod tests;
mod tokens;
mod vocabulary;

use proc_macro2::TokenStream;

use crate::attribute::Attribute;
use crate::item::Item;
use crate::mistakes::Mistakes;
use crate::plan::Plan;

/// Keeps what a function returned, and answers the next call with the same arguments with it.
///
/// See the crate `larder` for the arguments and the functions that are generated beside it.
#[proc_macro_attribute]
pub fn memoize(
    arguments: proc_macro::TokenStream,
    function: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    rewrite(Attribute::Memoize, arguments.into(), function.into()).into()
}

/// Keeps what a function returned under a name of your choice: `key_prefix`.
///
/// See the crate `larder` for the arguments and the functions that are generated beside it.
#[proc_macro_attribute]
pub fn cached(
    arguments: proc_macro::TokenStream,
    function: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    rewrite(Attribute::Cached, arguments.into(), function.into()).into()
}

/// Both attributes are the same compiler.
fn rewrite(attribute: Attribute, arguments: TokenStream, written: TokenStream) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let args = args::parse(arguments, &mut mistakes);
    let plan = Item::parse(attribute, written.clone(), &mut mistakes)
        .map(|item| Plan::new(&args, item, &mut mistakes));
    match (plan, mistakes.into_error()) {
        (Some(plan), None) => expand::expand(&plan),
        (plan, error) => fallback::fallback(error, written, plan.as_ref()),
    }
}
