//! What a function with mistakes becomes.

use proc_macro2::TokenStream;
use quote::ToTokens as _;

/// The mistakes, and the function as written, so that nothing else breaks.
pub(crate) fn fallback(error: Option<syn::Error>, written: TokenStream) -> TokenStream {
    let mut tokens = error.map(|error| error.to_compile_error());
    let mut output = tokens.take().unwrap_or_default();
    written.to_tokens(&mut output);
    output
}
