//! The arguments of an attribute, as written: one row an argument.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, LitBool, LitFloat, LitInt, LitStr, Path, Result, Token, parenthesized};

use crate::lifetime::Lifetime;
use crate::mistakes::Mistakes;

/// An argument that may be given once.
pub(crate) struct Slot<T>(Option<(Span, T)>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Slot<T> {
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    pub(crate) fn span(&self) -> Option<Span> {
        self.0.as_ref().map(|(span, _)| *span)
    }

    pub(crate) fn is_given(&self) -> bool {
        self.0.is_some()
    }

    fn fill(&mut self, name: &Ident, value: Result<T>) -> Result<()> {
        if self.0.is_some() {
            return Err(Error::new(name.span(), format!("`{name}` is given twice")));
        }
        self.0 = Some((name.span(), value?));
        Ok(())
    }
}

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

/// All arguments of one attribute.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) timeout: Slot<Lifetime>,
    pub(crate) key_prefix: Slot<KeyPrefix>,
    pub(crate) key: Slot<Expr>,
    pub(crate) skip: Slot<Vec<Ident>>,
    pub(crate) cache: Slot<Expr>,
    pub(crate) unless: Slot<Expr>,
    pub(crate) refresh: Slot<Expr>,
    pub(crate) cache_if: Slot<Expr>,
    pub(crate) is_stale: Slot<Expr>,
    pub(crate) cache_none: Slot<Option<Lifetime>>,
    pub(crate) cache_err: Slot<Lifetime>,
    pub(crate) jitter: Slot<f64>,
    pub(crate) version: Slot<Version>,
    pub(crate) name: Slot<LitStr>,
    pub(crate) flight: Slot<Ident>,
    pub(crate) local: Slot<()>,
    pub(crate) helpers: Slot<bool>,
    pub(crate) krate: Slot<Path>,
}

const NAMES: &str = "timeout, key_prefix, key, skip, cache, unless, refresh, cache_if, is_stale, \
                     cache_none, cache_err, jitter, version, name, flight, local, helpers, crate";

/// Parses the arguments; a mistake in one does not hide the others.
pub(crate) fn parse(tokens: TokenStream, mistakes: &mut Mistakes) -> Args {
    let mut args = Args::default();
    let all = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = args.parse_one(input).and_then(|()| expect_end(input)) {
                mistakes.add(error);
                skip_to_comma(input)?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    if let Err(error) = all.parse2(tokens) {
        mistakes.add(error);
    }
    args
}

fn expect_end(input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error("expected `,`"))
}

fn skip_to_comma(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

impl Args {
    fn parse_one(&mut self, input: ParseStream<'_>) -> Result<()> {
        let name = input.call(Ident::parse_any)?;
        match name.to_string().as_str() {
            "timeout" => self.timeout.fill(&name, value(&name, input)),
            "key_prefix" => self.key_prefix.fill(&name, value(&name, input)),
            "key" => self.key.fill(&name, value(&name, input)),
            "skip" => self.skip.fill(&name, names(&name, input)),
            "cache" => self.cache.fill(&name, value(&name, input)),
            "unless" => self.unless.fill(&name, value(&name, input)),
            "refresh" => self.refresh.fill(&name, value(&name, input)),
            "cache_if" => self.cache_if.fill(&name, hook(&name, input)),
            "is_stale" => self.is_stale.fill(&name, hook(&name, input)),
            "cache_none" => self.cache_none.fill(&name, optional_value(&name, input)),
            "cache_err" => self.cache_err.fill(&name, fixed(&name, input)),
            "jitter" => self.jitter.fill(&name, fraction(&name, input)),
            "version" => self.version.fill(&name, value(&name, input)),
            "name" => self.name.fill(&name, literal_name(&name, input)),
            "flight" => self.flight.fill(&name, flight(&name, input)),
            "local" => self.local.fill(&name, flag(&name, input)),
            "helpers" => self.helpers.fill(&name, boolean(&name, input)),
            "crate" => self.krate.fill(&name, krate(&name, input)),
            _ => Err(Error::new(
                name.span(),
                format!("unknown argument `{name}`; there are {NAMES}"),
            )),
        }
    }
}

/// `name = value`.
fn value<T: Parse>(name: &Ident, input: ParseStream<'_>) -> Result<T> {
    expect_equals(name, input)?;
    input.parse()
}

fn expect_equals(name: &Ident, input: ParseStream<'_>) -> Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    Err(Error::new(
        name.span(),
        format!("`{name}` needs a value: `{name} = ...`"),
    ))
}

/// `skip(a, b)`.
fn names(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Ident>> {
    if !input.peek(syn::token::Paren) {
        return Err(Error::new(
            name.span(),
            "`skip` takes the names of parameters: `skip(db)`",
        ));
    }
    let inside;
    parenthesized!(inside in input);
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&inside, Ident::parse_any)?;
    Ok(names.into_iter().collect())
}

/// `cache_if = |v| ...`, or a path to a function.
fn hook(name: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    let hook = value(name, input)?;
    match hook {
        Expr::Closure(_) | Expr::Path(_) => Ok(hook),
        other => Err(Error::new_spanned(
            other,
            format!(
                "`{name}` takes a closure over the value, or a path to a function: `{name} = |value| ...`"
            ),
        )),
    }
}

/// `cache_none`, or `cache_none = 30`.
fn optional_value(name: &Ident, input: ParseStream<'_>) -> Result<Option<Lifetime>> {
    if !input.peek(Token![=]) {
        return Ok(None);
    }
    fixed(name, input).map(Some)
}

/// A lifetime that does not depend on the value.
fn fixed(name: &Ident, input: ParseStream<'_>) -> Result<Lifetime> {
    match value(name, input)? {
        Lifetime::Hook(hook) => Err(Error::new_spanned(
            hook,
            format!("`{name}` has no value to ask: give it seconds or a duration"),
        )),
        lifetime => Ok(lifetime),
    }
}

/// `jitter = 0.1`.
fn fraction(name: &Ident, input: ParseStream<'_>) -> Result<f64> {
    expect_equals(name, input)?;
    let (number, span) = if input.peek(LitInt) {
        let number: LitInt = input.parse()?;
        (number.base10_parse::<f64>()?, number.span())
    } else {
        let number: LitFloat = input.parse()?;
        (number.base10_parse::<f64>()?, number.span())
    };
    if (0.0..=1.0).contains(&number) {
        return Ok(number);
    }
    Err(Error::new(
        span,
        "`jitter` is a fraction of the timeout, from 0 to 1",
    ))
}

impl Parse for KeyPrefix {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let alone = input.fork().parse::<LitStr>().is_ok() && {
            let rest = input.fork();
            rest.parse::<LitStr>()?;
            rest.is_empty() || rest.peek(Token![,])
        };
        if alone {
            return check_name("key_prefix", input.parse()?).map(Self::Literal);
        }
        input.parse().map(Self::Label)
    }
}

impl Parse for Version {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitInt) {
            return input.parse::<LitInt>()?.base10_parse().map(Self::Number);
        }
        let word: Expr = input.parse()?;
        if word.to_token_stream().to_string() == "auto" {
            return Ok(Self::Auto);
        }
        Err(Error::new_spanned(
            word,
            "`version` is a whole number or `auto`",
        ))
    }
}

fn literal_name(name: &Ident, input: ParseStream<'_>) -> Result<LitStr> {
    check_name("name", value(name, input)?)
}

/// A name stands in every key of its group, between braces.
fn check_name(argument: &str, name: LitStr) -> Result<LitStr> {
    let text = name.value();
    if text.is_empty() {
        return Err(Error::new(name.span(), format!("`{argument}` is empty")));
    }
    if text.contains(['{', '}']) {
        return Err(Error::new(
            name.span(),
            format!(
                "`{argument}` contains a brace: braces mark the group in a key; for a label over the parameters use `format!(...)`"
            ),
        ));
    }
    Ok(name)
}

fn flight(name: &Ident, input: ParseStream<'_>) -> Result<Ident> {
    let mode = value::<Expr>(name, input)?.to_token_stream();
    match mode.to_string().as_str() {
        known @ ("none" | "process" | "global") => Ok(Ident::new(known, Span::call_site())),
        _ => Err(Error::new_spanned(
            mode,
            "`flight` is `none`, `process` or `global`",
        )),
    }
}

fn flag(name: &Ident, input: ParseStream<'_>) -> Result<()> {
    if !input.peek(Token![=]) {
        return Ok(());
    }
    Err(Error::new(
        name.span(),
        format!("`{name}` is a flag and takes no value"),
    ))
}

fn boolean(name: &Ident, input: ParseStream<'_>) -> Result<bool> {
    value::<LitBool>(name, input).map(|literal| literal.value)
}

fn krate(name: &Ident, input: ParseStream<'_>) -> Result<Path> {
    expect_equals(name, input)?;
    input.call(Path::parse_mod_style)
}
