//! The forms that arguments take: `name = value`, a flag, a list of names.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{
    Error, Expr, ExprClosure, ExprLit, Lit, LitFloat, LitInt, LitStr, Path, Result, Token,
    parenthesized,
};

use crate::vocabulary::example;

/// `key_prefix`: a name, or a label over the parameters.
pub(crate) enum KeyPrefix {
    Literal(LitStr),
    Label(Expr),
}

/// `version`.
pub(crate) enum Version {
    Number(u64),
    Auto,
}

/// `name = value`.
fn value(name: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    expect_equals(name, input)?;
    expression(input)
}

/// An expression, out of the invisible parentheses that `macro_rules!` puts around it.
pub(crate) fn expression(input: ParseStream<'_>) -> Result<Expr> {
    let mut expression: Expr = input.parse()?;
    while let Expr::Group(group) = expression {
        expression = *group.expr;
    }
    Ok(expression)
}

pub(crate) fn expect_equals(name: &Ident, input: ParseStream<'_>) -> Result<()> {
    let is_call = input.peek(syn::token::Paren);
    let is_given = input.parse::<Option<Token![=]>>()?.is_some();
    if is_given && !input.is_empty() && !input.peek(Token![,]) {
        return Ok(());
    }
    let wants = if is_call {
        "is written with `=`"
    } else {
        "needs a value"
    };
    let message = format!("`{name}` {wants}: `{}`", example(name));
    Err(Error::new(name.span(), message))
}

/// An expression over the parameters, evaluated before the call.
pub(crate) fn before(name: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    match value(name, input)? {
        Expr::Closure(closure) => {
            let message = format!(
                "`{name}` is asked before the call, when there is no value: \
                 write an expression over the parameters, `{}`",
                example(name)
            );
            Err(Error::new_spanned(closure, message))
        }
        expression => Ok(expression),
    }
}

/// `key = (tenant, id)`.
pub(crate) fn key(name: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    match before(name, input)? {
        Expr::Lit(literal) => {
            let message = "a literal gives every call the same key: \
                           write an expression over the parameters, `key = (tenant, id)`";
            Err(Error::new_spanned(literal, message))
        }
        expression => Ok(expression),
    }
}

/// `key_prefix = "homepage"`, or an expression.
pub(crate) fn key_prefix(name: &Ident, input: ParseStream<'_>) -> Result<KeyPrefix> {
    match before(name, input)? {
        Expr::Lit(ExprLit {
            lit: Lit::Str(literal),
            ..
        }) => check_name(name, literal).map(KeyPrefix::Literal),
        Expr::Lit(literal) => {
            let message = "`key_prefix` is a name, `key_prefix = \"homepage\"`, \
                           or a label, `key_prefix = format!(\"tenant:{tenant}\")`";
            Err(Error::new_spanned(literal, message))
        }
        label => Ok(KeyPrefix::Label(label)),
    }
}

/// `skip(a, b)`.
pub(crate) fn names(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let message = "`skip` takes the names of parameters: `skip(db)`";
    if !input.peek(syn::token::Paren) {
        return Err(Error::new(name.span(), message));
    }
    let inside;
    parenthesized!(inside in input);
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&inside, Ident::parse_any);
    // What is left would be a mistake of its own.
    inside.parse::<TokenStream>()?;
    let names = names.map_err(|error| Error::new(error.span(), message))?;
    if names.is_empty() {
        return Err(Error::new(name.span(), message));
    }
    Ok(names.into_iter().collect())
}

/// `tags = [a, b]`.
pub(crate) fn tags(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Expr>> {
    match value(name, input)? {
        Expr::Array(array) if !array.elems.is_empty() => Ok(array.elems.into_iter().collect()),
        other => Err(Error::new_spanned(
            other,
            "`tags` takes a list of expressions over the parameters: `tags = [format!(\"user:{id}\")]`",
        )),
    }
}

/// `cache_if = |v| ...`, or a path to a function.
pub(crate) fn hook(name: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    match value(name, input)? {
        Expr::Closure(closure) => check_closure(name, closure).map(Expr::Closure),
        Expr::Path(path) => Ok(Expr::Path(path)),
        other => {
            let message = format!(
                "`{name}` takes a closure over the value, or a path to a function: `{}`",
                example(name)
            );
            Err(Error::new_spanned(other, message))
        }
    }
}

/// A closure over the value is asked at once, about one thing.
pub(crate) fn check_closure(name: &Ident, closure: ExprClosure) -> Result<ExprClosure> {
    if let Some(asyncness) = &closure.asyncness {
        let message = format!("`{name}` is asked on the spot: it cannot be `async`");
        return Err(Error::new_spanned(asyncness, message));
    }
    if closure.inputs.len() != 1 {
        let message = format!("`{name}` is asked about one value: `{name} = |value| ...`");
        return Err(Error::new_spanned(closure, message));
    }
    Ok(closure)
}

/// `jitter = 0.1`.
pub(crate) fn fraction(name: &Ident, input: ParseStream<'_>) -> Result<f64> {
    let written = value(name, input)?;
    let number = match &written {
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => float(number),
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        _ => None,
    };
    let message = "`jitter` is a fraction of the timeout, a number from 0 to 1: `jitter = 0.1`";
    number
        .filter(|number| (0.0..=1.0).contains(number))
        .ok_or_else(|| Error::new_spanned(&written, message))
}

fn float(number: &LitFloat) -> Option<f64> {
    number.base10_parse().ok()
}

/// `version = 2`, or `version = auto`.
pub(crate) fn version(name: &Ident, input: ParseStream<'_>) -> Result<Version> {
    let written = value(name, input)?;
    let message = "`version` is a whole number of 64 bits, or `auto`";
    let wrong = || Error::new_spanned(&written, message);
    match &written {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) if is_plain(number) => number
            .base10_parse()
            .map(Version::Number)
            .map_err(|_| wrong()),
        Expr::Path(word) if word.path.is_ident("auto") => Ok(Version::Auto),
        _ => Err(wrong()),
    }
}

/// Whether a number has no suffix, or that of an integer.
pub(crate) fn is_plain(number: &LitInt) -> bool {
    number.suffix().is_empty() || number.suffix().starts_with(['u', 'i'])
}

/// `name = "square"`.
pub(crate) fn literal_name(name: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    match value(name, input)? {
        Expr::Lit(ExprLit {
            lit: Lit::Str(literal),
            ..
        }) => check_name(name, literal),
        other => {
            let message = "`name` is a string literal: `name = \"square\"`";
            Err(Error::new_spanned(other, message))
        }
    }
}

/// A name stands in every key of its group, between braces.
fn check_name(argument: &Ident, name: LitStr) -> Result<LitStr> {
    let text = name.value();
    let message = if text.is_empty() {
        format!("`{argument}` is empty: `{}`", example(argument))
    } else if text.contains(['{', '}']) {
        format!(
            "`{argument}` contains a brace: braces mark the group in a key; \
             for a label over the parameters write `key_prefix = format!(...)`"
        )
    } else {
        return Ok(name);
    };
    Err(Error::new(name.span(), message))
}

/// `flight = process`.
pub(crate) fn flight(name: &Ident, input: ParseStream<'_>) -> Result<Ident> {
    let mode = value(name, input)?;
    match mode.to_token_stream().to_string().as_str() {
        known @ ("none" | "process" | "global") => Ok(Ident::new(known, Span::call_site())),
        other => {
            let quotes = if other.starts_with('"') {
                ", without quotes"
            } else {
                ""
            };
            let message = format!("`flight` is `none`, `process` or `global`{quotes}");
            Err(Error::new_spanned(mode, message))
        }
    }
}

/// `local`.
pub(crate) fn flag(name: &Ident, input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let message = format!("`{name}` is a flag and takes no value: write `{name}`, or leave it out");
    Err(Error::new(name.span(), message))
}

/// `helpers = false`.
pub(crate) fn boolean(name: &Ident, input: ParseStream<'_>) -> Result<bool> {
    match value(name, input)? {
        Expr::Lit(ExprLit {
            lit: Lit::Bool(literal),
            ..
        }) => Ok(literal.value),
        other => {
            let message = format!("`{name}` is `true` or `false`");
            Err(Error::new_spanned(other, message))
        }
    }
}

/// `crate = my::larder`.
pub(crate) fn path(name: &Ident, input: ParseStream<'_>) -> Result<Path> {
    expect_equals(name, input)?;
    let at = input.span();
    input.call(Path::parse_mod_style).map_err(|_| {
        let message = "`crate` is the path of larder: `crate = my::larder`";
        Error::new(at, message)
    })
}
