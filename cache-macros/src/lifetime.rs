//! How long a value lives, as an attribute says it.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::ParseStream;
use syn::{Error, Expr, ExprClosure, ExprUnary, Ident, Lit, LitBool, LitInt, Result, Token, UnOp};

use crate::form::{check_closure, expect_equals, expression, is_plain};

/// The value of `timeout`.
pub(crate) enum Lifetime {
    /// `60`, `"1h 30m"`.
    Fixed(Duration),
    /// `never`.
    Never,
    /// An expression over the parameters.
    Expression(Expr),
    /// A closure over the value.
    Hook(ExprClosure),
}

/// `timeout = 60`.
pub(crate) fn lifetime(name: &Ident, input: ParseStream<'_>) -> Result<Lifetime> {
    expect_equals(name, input)?;
    match Lifetime::parse(name, input)? {
        Lifetime::Hook(hook) => check_closure(name, hook).map(Lifetime::Hook),
        lifetime => Ok(lifetime),
    }
}

/// A lifetime that does not depend on the value.
pub(crate) fn fixed(name: &Ident, input: ParseStream<'_>) -> Result<Lifetime> {
    match lifetime(name, input)? {
        Lifetime::Hook(hook) => {
            let message = format!("`{name}` has no value to ask: give it seconds or a duration");
            Err(Error::new_spanned(hook, message))
        }
        lifetime => Ok(lifetime),
    }
}

/// `cache_none`, or `cache_none = 30`.
pub(crate) fn flag_or_fixed(name: &Ident, input: ParseStream<'_>) -> Result<Option<Lifetime>> {
    if input.peek(Token![=]) && input.peek2(LitBool) {
        let message = format!("`{name}` is a flag, or takes seconds: `{name}`, `{name} = 30`");
        return Err(Error::new(name.span(), message));
    }
    if !input.peek(Token![=]) {
        return Ok(None);
    }
    fixed(name, input).map(Some)
}

impl Lifetime {
    /// Parses what stands behind `name =`.
    fn parse(name: &Ident, input: ParseStream<'_>) -> Result<Self> {
        match expression(input)? {
            Expr::Path(word) if word.path.is_ident("never") => Ok(Self::Never),
            Expr::Closure(hook) => Ok(Self::Hook(hook)),
            Expr::Lit(literal) => from_literal(name, &literal.lit).map(Self::Fixed),
            Expr::Unary(
                negative @ ExprUnary {
                    op: UnOp::Neg(_), ..
                },
            ) => {
                let message = format!("`{name}` cannot be negative");
                Err(Error::new_spanned(negative, message))
            }
            expression => Ok(Self::Expression(expression)),
        }
    }

    /// The value as an expression; a hook has none.
    pub(crate) fn to_expression(&self, private: &TokenStream) -> Option<TokenStream> {
        match self {
            Self::Fixed(duration) => {
                let (secs, nanos) = (duration.as_secs(), duration.subsec_nanos());
                Some(quote!(#private::Duration::new(#secs, #nanos)))
            }
            Self::Never => Some(quote!(#private::Timeout::Never)),
            Self::Expression(expression) => Some(expression.to_token_stream()),
            Self::Hook(_) => None,
        }
    }
}

/// Reads `60` or `"1h 30m"`.
fn from_literal(name: &Ident, literal: &Lit) -> Result<Duration> {
    let duration = match literal {
        Lit::Int(seconds) => from_seconds(seconds),
        Lit::Str(text) => from_text(&text.value()),
        Lit::Float(_) => Err("whole seconds, or a string for parts of one: `\"500ms\"`".to_owned()),
        _ => Err(format!("`{name}` is {FORMS}")),
    };
    let duration = duration.and_then(|duration| refuse_zero(name, duration));
    duration.map_err(|message| Error::new(literal.span(), message))
}

const FORMS: &str = "a number of seconds, a string like `\"1h 30m\"`, a `Duration`, or `never`";

fn from_seconds(seconds: &LitInt) -> std::result::Result<Duration, String> {
    if !is_plain(seconds) {
        return Err(format!("a unit needs quotes: `\"{seconds}\"`"));
    }
    let number = seconds.base10_parse().map(Duration::from_secs);
    number.map_err(|_| "more seconds than 64 bits can count: write `never`".to_owned())
}

fn from_text(text: &str) -> std::result::Result<Duration, String> {
    let bare = text.trim();
    from_words(bare).ok_or_else(|| match bare {
        "never" => "`never` is written without quotes".to_owned(),
        _ if bare.parse::<u64>().is_ok() => {
            format!("a number in quotes needs a unit: `\"{bare}s\"`, or `{bare}` for seconds")
        }
        _ => "not a duration: write whole numbers with units, as in `\"1h 30m\"`; \
              the units are ms, s, m, h, d, w"
            .to_owned(),
    })
}

fn refuse_zero(name: &Ident, duration: Duration) -> std::result::Result<Duration, String> {
    if !duration.is_zero() {
        return Ok(duration);
    }
    Err(if name == "timeout" {
        "a timeout of 0 would keep nothing: write `never` to keep for ever, \
         or `unless = true` to keep nothing"
            .to_owned()
    } else {
        format!(
            "a timeout of 0 would keep nothing: write `never` to keep for ever, \
             or leave `{name}` out"
        )
    })
}

/// Reads `1h 30m`, `1h30m`, `500ms`, `2d`.
fn from_words(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].trim_start();
        let end = unit.find(|c: char| !c.is_ascii_alphabetic());
        let (unit, after) = unit.split_at(end.unwrap_or(unit.len()));
        total = total.checked_add(in_units(number, unit)?)?;
        rest = after.trim_start();
    }
    Some(total)
}

fn in_units(number: u64, unit: &str) -> Option<Duration> {
    let seconds = match unit {
        "ms" => return Some(Duration::from_millis(number)),
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::from_words;
    use std::time::Duration;

    #[test]
    fn durations_are_read_in_words() {
        let good = [
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            (" 2 d ", 172_800_000),
            ("500ms", 500),
            ("1w", 604_800_000),
            ("1s 1ms", 1_001),
        ];
        for (text, millis) in good {
            assert_eq!(
                from_words(text),
                Some(Duration::from_millis(millis)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_duration_is_none() {
        for text in [
            "",
            " ",
            "h",
            "5",
            "5 parsecs",
            "1.5h",
            "-1s",
            "1h,",
            "99999999999999999999s",
            "18446744073709551615w",
        ] {
            assert_eq!(from_words(text), None, "{text}");
        }
    }
}
