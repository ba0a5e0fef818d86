//! What the function returns, and what is kept of that: a value, or a response.
//!
//! Whether a type is a value or a response, only the compiler knows, so that a signature asks it:
//!
//! ```text
//! async fn page(id: u64) -> Html<String>         async fn page(id: u64)
//!                                         ────>      -> <Html<String> as Classified<{ class!(Html<String>) }>>::Answer
//! ```
//!
//! The answer of a value is the type itself. A type with `impl Trait` or a reference in it cannot be
//! asked, and need not be: only responses may be written so.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{
    GenericArgument, GenericParam, PathArguments, ReturnType, Type, TypeParamBound, TypePath,
};

use crate::args::Args;
use crate::attribute::Attribute;
use crate::inside::{Inside, walk};
use crate::item::{Color, Item};
use crate::mentions::mentions;
use crate::mistakes::Mistakes;

/// What the function returns.
pub(crate) struct Output {
    /// The type that the compiler is asked about; `()` stands where only a response can be.
    asked: Type,
    /// The type as the body is told it, if one is written; `_` stands for `impl Trait`.
    pub(crate) told: Option<Type>,
    /// Whether it is a response, as a constant expression; `None` is a value.
    class: Option<TokenStream>,
}

impl Output {
    /// Looks at what a function returns, and refuses what cannot be kept.
    pub(crate) fn new(
        args: &Args,
        item: &Item,
        private: &TokenStream,
        mistakes: &mut Mistakes,
    ) -> Self {
        let told = match &item.signature.output {
            ReturnType::Type(_, told) => Some((**told).clone()),
            ReturnType::Default => None,
        };
        let Some(written) = item.written_output() else {
            let (asked, class) = (syn::parse_quote!(()), None);
            return Self { asked, told, class };
        };
        check(written, mistakes);
        let nature = Nature::of(written);
        if nature.is_opaque {
            check_opaque(item, written, mistakes);
            return Self::response(
                written,
                private,
                Some(filled(written, syn::parse_quote!(_))),
            );
        }
        let asks = item.attribute == Attribute::Cached && may_be_response(args, item, written);
        if asks && nature.is_static {
            return Self::response(written, private, told);
        }
        if nature.is_static && !args.local.is_given() {
            mistakes.at(written, STATIC);
        }
        let class = asks.then(|| quote!(#private::class!(#written)));
        let asked = written.clone();
        Self { asked, told, class }
    }

    /// A response, by the way it is written: nothing else can be kept of it.
    fn response(written: &Type, private: &TokenStream, told: Option<Type>) -> Self {
        let class = match ok_of(written) {
            Some(_) => quote!(#private::FALLIBLE),
            None => quote!(#private::RESPONSE),
        };
        Self {
            asked: filled(written, syn::parse_quote!(())),
            told,
            class: Some(class),
        }
    }

    /// The type that the compiler is asked about.
    pub(crate) fn asked(&self) -> &Type {
        &self.asked
    }

    /// Whether it is a response, as a constant expression; `None` is a value.
    pub(crate) fn class(&self) -> Option<&TokenStream> {
        self.class.as_ref()
    }

    /// The signature's output, if it is another than the one written.
    pub(crate) fn answer(&self, private: &TokenStream) -> Option<ReturnType> {
        let (asked, class) = (&self.asked, self.class.as_ref()?);
        Some(syn::parse_quote!(-> <#asked as #private::Classified<{ #class }>>::Answer))
    }

    /// What its entry holds.
    pub(crate) fn entry(&self, private: &TokenStream) -> TokenStream {
        let asked = &self.asked;
        match &self.class {
            Some(class) => quote!(<#asked as #private::Classified<{ #class }>>::Entry),
            None => asked.to_token_stream(),
        }
    }
}

/// Whether the type is one that the compiler can be asked about, and has to be.
///
/// A constant in a signature knows no generic types and no `self`: such functions return values, or
/// say `impl IntoResponse`.
fn may_be_response(args: &Args, item: &Item, written: &Type) -> bool {
    let tokens = || written.to_token_stream();
    let names = |name| mentions(tokens(), name);
    let is_generic = item
        .signature
        .generics
        .params
        .iter()
        .any(|param| match param {
            GenericParam::Type(param) => names(&param.ident),
            GenericParam::Const(param) => names(&param.ident),
            GenericParam::Lifetime(_) => false,
        });
    cfg!(feature = "axum")
        && !args.local.is_given()
        && !matches!(item.color, Color::Boxed(_))
        && item.signature.receiver().is_none()
        && !is_generic
        && !names(&Ident::new("Self", Span::call_site()))
        && !is_known_value(written)
}

/// Types that everybody knows, and that are no responses or can be kept as they are.
const VALUES: [&str; 30] = [
    "bool",
    "char",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "String",
    "Vec",
    "VecDeque",
    "Option",
    "Box",
    "Arc",
    "Rc",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "Duration",
    "SystemTime",
    "PathBuf",
];

fn is_known_value(written: &Type) -> bool {
    let known = |path: &TypePath| {
        let last = path.path.segments.last();
        last.is_some_and(|last| VALUES.iter().any(|value| last.ident == value))
    };
    match ok_of(written).unwrap_or(written) {
        Type::Path(path) => known(path),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_known_value),
        _ => false,
    }
}

/// The `T` of what is called `Result<T, ..>`.
fn ok_of(written: &Type) -> Option<&Type> {
    let Type::Path(path) = written else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ok) if last.ident == "Result" => Some(ok),
        _ => None,
    }
}

/// Another type, or the same `Result` with another `T`.
fn filled(written: &Type, with: Type) -> Type {
    if ok_of(written).is_none() {
        return with;
    }
    let mut changed = written.clone();
    if let Type::Path(path) = &mut changed
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
        && let Some(first) = arguments.args.first_mut()
    {
        *first = GenericArgument::Type(with);
    }
    changed
}

fn check(output: &Type, mistakes: &mut Mistakes) {
    let nature = Nature::of(output);
    if nature.is_never {
        mistakes.at(output, "a function that never returns has nothing to keep");
    }
    if nature.is_borrowed {
        let message = "a borrowed value cannot be kept: the cache outlives what it borrows from; \
                       return an owned value or an `Arc`";
        mistakes.at(output, message);
    }
}

/// Only a response may be written as `impl Trait`.
fn check_opaque(item: &Item, written: &Type, mistakes: &mut Mistakes) {
    let shown = ok_of(written).unwrap_or(written);
    let error_is_opaque = !Nature::of(shown).is_opaque;
    let is_response = match shown {
        Type::ImplTrait(opaque) => opaque.bounds.iter().any(is_into_response),
        _ => true,
    };
    let message = if !is_response {
        "`impl Trait` cannot be kept: name the type that the function returns"
    } else if item.attribute == Attribute::Memoize {
        "a response is kept by `#[cached]`; `#[memoize]` is for values: name the type that the function returns"
    } else if !cfg!(feature = "axum") {
        "a response is kept with the feature `axum` of larder: switch it on, or name the type that the function returns"
    } else if error_is_opaque {
        "the error passes through the cache as it is: name its type, such as `StatusCode`"
    } else {
        return;
    };
    mistakes.at(written, message);
}

fn is_into_response(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| last.ident == "IntoResponse")
        }
        _ => false,
    }
}

/// Serde has no references that own.
const STATIC: &str = "a reference cannot be read back from a shared store: return an owned value, \
                      or keep it in this process with the argument `local`";

/// What is inside of an output that cannot be kept.
#[derive(Default)]
struct Nature {
    is_never: bool,
    is_opaque: bool,
    is_borrowed: bool,
    is_static: bool,
}

impl Nature {
    fn of(output: &Type) -> Self {
        let mut found = Self {
            is_never: matches!(output, Type::Never(_)),
            ..Self::default()
        };
        walk(output, &mut |inside| match inside {
            Inside::Type(Type::ImplTrait(_)) => found.is_opaque = true,
            Inside::Borrow => found.is_borrowed = true,
            Inside::Static => found.is_static = true,
            Inside::Type(_) => {}
        });
        found
    }
}

/// Whether the type can stand in another signature.
pub(crate) fn is_plain(output: &Type) -> bool {
    let nature = Nature::of(output);
    !(nature.is_never || nature.is_opaque || nature.is_borrowed)
}
