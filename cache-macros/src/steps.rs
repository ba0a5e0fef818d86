//! The steps that turn a plan without wishes into this function's: `.timeout(..).cache_if(..)`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprClosure, Pat, ReturnType};

use crate::args::Args;
use crate::lifetime::Lifetime;
use crate::tokens::{ends, parenthesized};

/// The steps, each with the span of its argument: errors are shown there.
pub(crate) fn steps(args: &Args, private: &TokenStream) -> TokenStream {
    let mut steps = timeouts(args, private);
    if let Some((span, jitter)) = args.jitter.located() {
        steps.extend(quote_spanned!(span=> .jitter(#jitter)));
    }
    if let Some((span, flight)) = args.flight.located() {
        let mode = match flight.to_string().as_str() {
            "none" => quote!(None),
            "process" => quote!(Process),
            _ => quote!(Global),
        };
        steps.extend(quote_spanned!(span=> .flight(#private::FlightMode::#mode)));
    }
    let hooks = [("cache_if", &args.cache_if), ("is_stale", &args.is_stale)];
    for (name, slot) in hooks {
        let step = slot.located();
        steps.extend(step.map(|(span, hook)| hook_step(&Ident::new(name, span), hook)));
    }
    steps
}

fn timeouts(args: &Args, private: &TokenStream) -> TokenStream {
    let step = |name: &str, span: Span, lifetime: &Lifetime| {
        let name = Ident::new(name, span);
        let timeout = lifetime.to_expression(private);
        timeout.map(|timeout| quote_spanned!(span=> .#name(#timeout)))
    };
    let value = args.timeout.located();
    let value = value.and_then(|(span, lifetime)| match lifetime {
        Lifetime::Hook(hook) => {
            let hook = timeout_hook(hook, private);
            Some(quote_spanned!(span=> .timeout_of(#hook)))
        }
        lifetime => step("timeout", span, lifetime),
    });
    let none = args.cache_none.located();
    let none = none.and_then(|(span, lifetime)| step("none_timeout", span, lifetime.as_ref()?));
    let error = args.cache_err.located();
    let error = error.and_then(|(span, lifetime)| step("error_timeout", span, lifetime));
    [value, none, error].into_iter().flatten().collect()
}

/// A function is called from a closure, so that `&String` can become `&str`.
fn hook_step(method: &Ident, hook: &Expr) -> TokenStream {
    let span = method.span();
    match hook {
        Expr::Closure(closure) => {
            let closure = untyped(closure, &closure.body.to_token_stream());
            quote_spanned!(span=> .#method(#closure))
        }
        function => {
            let place = Span::mixed_site().located_at(function.span());
            let value = Ident::new("value", place);
            let call = quote_spanned!(function.span()=> #function(#value));
            quote_spanned!(span=> .#method(|#value| #call))
        }
    }
}

/// `|v| v.ttl()` becomes `|v| timeout((|| v.ttl())())`: what it answers is looked at where it is
/// written, and `return` stays what it is.
fn timeout_hook(hook: &ExprClosure, private: &TokenStream) -> TokenStream {
    let (output, body) = (&hook.output, &hook.body);
    let (first, last) = ends(&body.to_token_stream());
    let here = |place| Span::mixed_site().located_at(place);
    let answer = parenthesized(quote!(|| #output #body), here(first));
    let call = parenthesized(TokenStream::new(), here(last));
    let bare = ExprClosure {
        output: ReturnType::Default,
        ..hook.clone()
    };
    untyped(&bare, &quote!(#private::timeout(#answer #call)))
}

/// `|v: &T| v.is_empty()` becomes `|value| { let v: &T = value; v.is_empty() }`: a wrong type is
/// one error, at the type. Other closures go in as they are.
fn untyped(closure: &ExprClosure, body: &TokenStream) -> TokenStream {
    let (inputs, output, capture) = (&closure.inputs, &closure.output, &closure.capture);
    let Some(Pat::Type(input)) = inputs.first() else {
        return quote!(#capture |#inputs| #output #body);
    };
    let place = Span::mixed_site().located_at(input.ty.span());
    let value = Ident::new("value", place);
    quote!(#capture |#value| #output { let #input = #value; #body })
}
