//! How long a value lives, as an attribute says it.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, ExprClosure, Ident, LitFloat, LitInt, LitStr, Result, Token};

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

impl Parse for Lifetime {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitInt) || input.peek(LitStr) || input.peek(LitFloat) {
            return parse_fixed(input).map(Self::Fixed);
        }
        if input.peek(Ident) && input.fork().parse::<Ident>()? == "never" {
            input.parse::<Ident>()?;
            return Ok(Self::Never);
        }
        Ok(match input.parse()? {
            Expr::Closure(hook) => Self::Hook(hook),
            expression => Self::Expression(expression),
        })
    }
}

impl Lifetime {
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

/// Parses `60` or `"1h 30m"`.
fn parse_fixed(input: ParseStream<'_>) -> Result<Duration> {
    if input.peek(LitFloat) {
        let float: LitFloat = input.parse()?;
        return Err(Error::new(
            float.span(),
            "whole seconds, or a string for parts of one: `\"500ms\"`",
        ));
    }
    let (duration, span) = if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        let duration = from_words(&text.value()).ok_or_else(|| {
            let message = "not a duration: write numbers with units, as in `\"1h 30m\"`; \
                           the units are ms, s, m, h, d, w";
            Error::new(text.span(), message)
        })?;
        (duration, text.span())
    } else {
        let seconds: LitInt = input.parse()?;
        (Duration::from_secs(seconds.base10_parse()?), seconds.span())
    };
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(
            input.error("expected `,`: a calculation goes into parentheses, as a `Duration`")
        );
    }
    if duration.is_zero() {
        return Err(Error::new(
            span,
            "a timeout of 0 would keep nothing: write `never` to keep for ever, or `unless = true` to keep nothing",
        ));
    }
    Ok(duration)
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
