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

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{ReturnType, TraitBound, Type};

use crate::args::Args;
use crate::attribute::Attribute;
use crate::item::{Color, Item};
use crate::mistakes::Mistakes;
use crate::nature::{Nature, filled, ok_of};
use crate::opaque::{bounds, check_opaque};

/// What the function returns.
pub(crate) struct Output {
    /// The type that the compiler is asked about; `()` stands where only a response can be.
    asked: Type,
    /// The type as the body is told it, if one is written; `_` stands for `impl Trait`.
    pub(crate) told: Option<Type>,
    /// Whether it is a response, as a constant expression; `None` is a value.
    class: Option<TokenStream>,
    /// The traits after `impl`, which the signature names no more.
    bounds: Vec<TraitBound>,
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
            return Self::value(syn::parse_quote!(()), told);
        };
        let nature = Nature::of(written);
        check(written, &nature, mistakes);
        if nature.is_opaque {
            check_opaque(item, written, mistakes);
            let told = Some(filled(written, &syn::parse_quote!(_)));
            return Self {
                bounds: bounds(item, written),
                ..Self::response(written, private, told)
            };
        }
        let asks = item.attribute == Attribute::Cached && may_be_response(item, written);
        if asks && nature.is_static {
            return Self::response(written, private, told);
        }
        if nature.is_static && !args.local.is_given() {
            mistakes.at(written, STATIC);
        }
        Self {
            class: asks.then(|| quote!(#private::class!(#written))),
            ..Self::value(written.clone(), told)
        }
    }

    fn value(asked: Type, told: Option<Type>) -> Self {
        Self {
            asked,
            told,
            class: None,
            bounds: Vec::new(),
        }
    }

    /// A response, by the way it is written: nothing else can be kept of it. Whether it is a `Result` of
    /// one, an alias does not say.
    fn response(written: &Type, private: &TokenStream, told: Option<Type>) -> Self {
        let asked = filled(written, &syn::parse_quote!(()));
        Self {
            class: Some(quote!(#private::class_of_response!(#asked))),
            ..Self::value(asked, told)
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

    /// Something that names the traits after `impl`, so that who imported them has used them.
    pub(crate) fn uses(&self) -> Option<TokenStream> {
        let bounds = &self.bounds;
        let names = quote! {
            const _: () = {
                #[allow(dead_code)]
                fn returned(#(_: impl #bounds),*) {}
            };
        };
        (!bounds.is_empty()).then_some(names)
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

fn check(output: &Type, nature: &Nature, mistakes: &mut Mistakes) {
    if nature.is_never {
        mistakes.at(output, "a function that never returns has nothing to keep");
    }
    if nature.is_borrowed {
        let message = "a borrowed value cannot be kept: the cache outlives what it borrows from; \
                       return an owned value or an `Arc`";
        mistakes.at(output, message);
    }
}

/// Serde has no references that own.
const STATIC: &str = "a reference cannot be read back from a shared store: return an owned value, \
                      or keep it in this process with the argument `local`";

/// Whether the type is one that the compiler can be asked about, and has to be.
///
/// A constant in a signature knows no generic types and no `self`: such functions return values, or
/// say `impl IntoResponse`.
fn may_be_response(item: &Item, written: &Type) -> bool {
    cfg!(feature = "axum")
        && !matches!(item.color, Color::Boxed(_))
        && item.signature.receiver().is_none()
        && !item.is_generic(&written.to_token_stream())
        && !is_known_value(written)
}

/// Types that everybody knows, and that are no responses or can be kept as they are.
#[rustfmt::skip]
const VALUES: [&str; 30] = [
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "String", "Vec", "VecDeque", "Option", "Box", "Arc", "Rc", "HashMap",
    "HashSet", "BTreeMap", "BTreeSet", "Duration", "SystemTime", "PathBuf",
];

fn is_known_value(written: &Type) -> bool {
    match ok_of(written).unwrap_or(written) {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| VALUES.iter().any(|value| last.ident == value))
        }
        _ => false,
    }
}
