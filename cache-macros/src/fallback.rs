//! What a function with mistakes becomes.

use proc_macro2::TokenStream;

use crate::plan::Plan;
use crate::siblings::placeholders;

/// The mistakes, the function as written, and siblings that do nothing, so that nothing else
/// breaks.
pub(crate) fn fallback(
    error: Option<syn::Error>,
    written: TokenStream,
    plan: Option<&Plan>,
) -> TokenStream {
    let error = error.map(|error| error.to_compile_error());
    let mut output = error.unwrap_or_default();
    output.extend(written);
    output.extend(plan.and_then(placeholders));
    output
}
