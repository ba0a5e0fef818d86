//! The function under an attribute: its signature understood, its body left as tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::{
    Attribute, Error, GenericArgument, GenericParam, PathArguments, Result, ReturnType, Signature,
    Token, Type, TypeParamBound, Visibility,
};

use crate::attribute::Attribute as Ours;
use crate::inside::arguments_of;
use crate::mentions::mentions;
use crate::mistakes::Mistakes;
use crate::param::Param;

/// A function.
pub(crate) struct Item {
    pub(crate) attribute: Ours,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
    pub(crate) params: Vec<Param>,
    pub(crate) color: Color,
}

/// How a function answers.
pub(crate) enum Color {
    /// `fn f() -> T`
    Sync,
    /// `async fn f() -> T`
    Async,
    /// `fn f() -> Pin<Box<dyn Future<Output = T> + ..>>`, which is what `#[async_trait]` makes;
    /// holds `T`.
    Boxed(Box<Type>),
}

impl Color {
    /// Whether its answer is waited for.
    pub(crate) fn waits(&self) -> bool {
        !matches!(self, Self::Sync)
    }
}

impl Item {
    /// Parses a function and refuses what cannot be cached.
    pub(crate) fn parse(
        attribute: Ours,
        tokens: TokenStream,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let parser = |input: ParseStream<'_>| parse_function(attribute, input);
        match parser.parse2(tokens) {
            Ok(item) => {
                item.check(mistakes);
                Some(item)
            }
            Err(error) => {
                mistakes.add(error);
                None
            }
        }
    }

    /// What the function computes.
    pub(crate) fn output(&self) -> TokenStream {
        self.written_output()
            .map_or_else(|| quote!(()), Type::to_token_stream)
    }

    /// The same, if it is written.
    pub(crate) fn written_output(&self) -> Option<&Type> {
        match (&self.color, &self.signature.output) {
            (Color::Boxed(output), _) | (_, ReturnType::Type(_, output)) => Some(output),
            (_, ReturnType::Default) => None,
        }
    }

    /// Whether tokens name what only the function, or the type that it belongs to, knows. Of generic types
    /// of an `impl` the attribute sees nothing: a name of one or two capitals is taken for one.
    pub(crate) fn is_generic(&self, tokens: &TokenStream) -> bool {
        let names = |name: &Ident| mentions(tokens.clone(), name);
        let mut params = self.signature.generics.params.iter();
        names(&Ident::new("Self", Span::call_site()))
            || names_capital(tokens)
            || params.any(|param| match param {
                GenericParam::Type(param) => names(&param.ident),
                GenericParam::Const(param) => names(&param.ident),
                GenericParam::Lifetime(param) => names(&param.lifetime.ident),
            })
    }

    fn check(&self, mistakes: &mut Mistakes) {
        let signature = &self.signature;
        if let Some(constness) = &signature.constness {
            let message = "a `const fn` may run when the program is compiled, where there is no cache: leave `const` out";
            mistakes.at(constness, message);
        }
        if let Some(variadic) = &signature.variadic {
            let message = "variadic arguments cannot be part of a key: they have no type";
            mistakes.at(variadic, message);
        }
        for param in &self.params {
            param.check(mistakes);
        }
    }
}

fn parse_function(attribute: Ours, input: ParseStream<'_>) -> Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let defaultness = parse_default(input)?;
    if !starts_function(input) {
        return Err(input.error(refusal(input)));
    }
    let signature: Signature = input.parse()?;
    let body = parse_body(input, &signature)?;
    Ok(Item {
        attribute,
        params: signature.inputs.iter().map(Param::new).collect(),
        color: color(&signature),
        attributes,
        visibility,
        defaultness,
        signature,
        body,
    })
}

/// `default fn`, in a specialised impl.
fn parse_default(input: ParseStream<'_>) -> Result<Option<Token![default]>> {
    if input.peek(Token![default]) && !input.peek2(Token![!]) {
        return input.parse().map(Some);
    }
    Ok(None)
}

fn starts_function(input: ParseStream<'_>) -> bool {
    input.fork().parse::<Signature>().is_ok()
        || input.peek(Token![fn])
        || (input.peek(Token![async]) && input.peek2(Token![fn]))
        || (input.peek(Token![const]) && input.peek2(Token![fn]))
}

/// What to say of something that is no function.
fn refusal(input: ParseStream<'_>) -> &'static str {
    if input.peek(Token![impl]) || input.peek(Token![trait]) || input.peek(Token![mod]) {
        return "only functions can be cached: put the attribute on those inside, one by one";
    }
    if input.peek(Token![let]) || input.peek(Token![move]) || input.peek(Token![|]) {
        return "only functions can be cached: make it a `fn`";
    }
    "only functions can be cached: free functions and methods"
}

fn parse_body(input: ParseStream<'_>, signature: &Signature) -> Result<Group> {
    match input.parse::<TokenTree>() {
        Ok(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => Ok(body),
        _ => Err(Error::new_spanned(
            signature,
            "a function without a body has nothing to keep: put the attribute on the implementation",
        )),
    }
}

fn color(signature: &Signature) -> Color {
    if signature.asyncness.is_some() {
        return Color::Async;
    }
    match &signature.output {
        ReturnType::Type(_, output) => match boxed_future(output) {
            Some(output) => Color::Boxed(Box::new(output.clone())),
            None => Color::Sync,
        },
        ReturnType::Default => Color::Sync,
    }
}

/// The `T` of `Pin<Box<dyn Future<Output = T> + ..>>`.
fn boxed_future(output: &Type) -> Option<&Type> {
    let pinned = only_argument(output, "Pin")?;
    let Type::TraitObject(object) = only_argument(pinned, "Box")? else {
        return None;
    };
    object.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            let named = last.ident == "Future";
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::AssocType(output) if named && output.ident == "Output" => {
                    Some(&output.ty)
                }
                _ => None,
            })
        }
        _ => None,
    })
}

/// The `T` of `name<T>`.
fn only_argument<'a>(generic: &'a Type, name: &str) -> Option<&'a Type> {
    let arguments = arguments_of(generic, name)?;
    match arguments.first()? {
        GenericArgument::Type(inner) if arguments.len() == 1 => Some(inner),
        _ => None,
    }
}

/// Whether there is a name as generic types have it, such as `T` or `K2`.
fn names_capital(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Ident(name) => {
            let name = name.to_string();
            let capital = |char: char| char.is_ascii_uppercase() || char.is_ascii_digit();
            name.len() <= 2
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(capital)
        }
        TokenTree::Group(group) => names_capital(&group.stream()),
        _ => false,
    })
}
