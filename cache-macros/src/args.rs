//! The arguments of an attribute, as written: one row an argument.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Expr, LitStr, Path, Result, Token};

use crate::form::{self, KeyPrefix, Version};
use crate::lifetime::{self, Lifetime};
use crate::mistakes::Mistakes;
use crate::vocabulary::unknown;

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

    /// The value, and where the argument's name stands.
    pub(crate) fn located(&self) -> Option<(Span, &T)> {
        self.0.as_ref().map(|(span, value)| (*span, value))
    }

    pub(crate) fn is_given(&self) -> bool {
        self.0.is_some()
    }

    fn fill(&mut self, name: &Ident, value: Result<T>) -> Result<()> {
        if self.0.is_some() {
            let message = format!("`{name}` is given twice: leave one of the two out");
            return Err(Error::new(name.span(), message));
        }
        self.0 = Some((name.span(), value?));
        Ok(())
    }
}

/// All arguments of one attribute.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) timeout: Slot<Lifetime>,
    pub(crate) key_prefix: Slot<KeyPrefix>,
    pub(crate) key: Slot<Expr>,
    pub(crate) skip: Slot<Vec<Ident>>,
    pub(crate) tags: Slot<Vec<Expr>>,
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

/// Parses the arguments; a mistake in one does not hide the others.
pub(crate) fn parse(tokens: TokenStream, mistakes: &mut Mistakes) -> Args {
    let mut args = Args::default();
    let all = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if let Err(error) = args.parse_one(input).and_then(|()| expect_end(input)) {
                mistakes.add(error);
                skip_to_next(input)?;
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
    Err(input.error("expected `,` between two arguments"))
}

/// Goes to the comma before what looks like an argument.
fn skip_to_next(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !starts_next(input) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn starts_next(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let found = ahead.parse::<Token![,]>().is_ok();
    let named = ahead.is_empty() || ahead.call(Ident::parse_any).is_ok();
    let ends = ahead.is_empty() || ahead.peek(Token![=]) || ahead.peek(Token![,]);
    found && named && (ends || ahead.peek(syn::token::Paren))
}

impl Args {
    fn parse_one(&mut self, input: ParseStream<'_>) -> Result<()> {
        let name = name(input)?;
        match name.to_string().as_str() {
            "timeout" => self.timeout.fill(&name, lifetime::lifetime(&name, input)),
            "key_prefix" => self.key_prefix.fill(&name, form::key_prefix(&name, input)),
            "key" => self.key.fill(&name, form::key(&name, input)),
            "skip" => self.skip.fill(&name, form::names(&name, input)),
            "tags" => self.tags.fill(&name, form::tags(&name, input)),
            "cache" => self.cache.fill(&name, form::before(&name, input)),
            "unless" => self.unless.fill(&name, form::before(&name, input)),
            "refresh" => self.refresh.fill(&name, form::before(&name, input)),
            "cache_if" => self.cache_if.fill(&name, form::hook(&name, input)),
            "is_stale" => self.is_stale.fill(&name, form::hook(&name, input)),
            "cache_none" => self
                .cache_none
                .fill(&name, lifetime::flag_or_fixed(&name, input)),
            "cache_err" => self.cache_err.fill(&name, lifetime::fixed(&name, input)),
            "jitter" => self.jitter.fill(&name, form::fraction(&name, input)),
            "version" => self.version.fill(&name, form::version(&name, input)),
            "name" => self.name.fill(&name, form::literal_name(&name, input)),
            "flight" => self.flight.fill(&name, form::flight(&name, input)),
            "local" => self.local.fill(&name, form::flag(&name, input)),
            "helpers" => self.helpers.fill(&name, form::boolean(&name, input)),
            "crate" => self.krate.fill(&name, form::path(&name, input)),
            _ => Err(unknown(&name)),
        }
    }
}

fn name(input: ParseStream<'_>) -> Result<Ident> {
    input.call(Ident::parse_any).map_err(|error| {
        let message = "an argument starts with its name, as in `timeout = 60`";
        Error::new(error.span(), message)
    })
}
