//! Whether a type is kept as a value or as a response: asked of the type, in a signature.
//!
//! A type that can be kept as it is (`Value`) is a value, even if it is `IntoResponse` as well, like
//! `String`. One that is only `IntoResponse` is a response, and the function answers one. Rust has no
//! way to ask a type for a trait in a signature, but an inherent constant hides one of a trait:
//! `IsValue::<T>::YES` is the inherent one, `true`, if its bounds hold, and [`Otherwise`]'s if not.

use std::marker::PhantomData;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use larder_core::kind::{Fallible, Plain};
use larder_core::probe::Found;
use larder_core::value::Value;

use crate::answer::Responding;
use crate::stored::StoredResponse;

/// The class of a type that is kept as it is.
pub const VALUE: u8 = 0;
/// The class of a response.
pub const RESPONSE: u8 = 1;
/// The class of a `Result` with a response.
pub const FALLIBLE: u8 = 2;

/// The answer where no inherent constant hides it.
pub trait Otherwise {
    /// No.
    const YES: bool = false;
}

macro_rules! question {
    ($(#[$doc:meta])* $name:ident: $subject:ty where $($bounds:tt)*) => {
        $(#[$doc])*
        pub struct $name<T>(PhantomData<T>);

        impl<T> Otherwise for $name<T> {}

        impl<$($bounds)*> $name<$subject> {
            /// Yes.
            pub const YES: bool = true;
        }
    };
}

question! {
    /// Can it be kept as it is?
    IsValue: T where T: Value
}
question! {
    /// Is it a response?
    IsResponse: T where T: IntoResponse
}
question! {
    /// Is it a `Result` of what can be kept as it is?
    IsResultOfValue: Result<T, X> where T: Value, X
}
question! {
    /// Is it a `Result` of a response?
    IsResultOfResponse: Result<T, X> where T: IntoResponse, X
}

question! {
    /// Is it a `Result`?
    IsResult: Result<T, X> where T, X
}

/// Is it made of parts, as responses are: a tuple or an array? What has headers in it must not get past the
/// rules of what may be kept, even if it could be kept as it is.
pub struct HasParts<T>(PhantomData<T>);

impl<T> Otherwise for HasParts<T> {}

macro_rules! tuples {
    ($($part:ident)*) => {
        tuples!(@ [] $($part)*);
    };
    (@ [$($before:ident)*] $next:ident $($rest:ident)*) => {
        impl<$($before,)* $next> HasParts<($($before,)* $next,)> {
            /// Yes.
            pub const YES: bool = true;
        }
        impl<$($before,)* $next, X> HasParts<Result<($($before,)* $next,), X>> {
            /// Yes.
            pub const YES: bool = true;
        }
        tuples!(@ [$($before)* $next] $($rest)*);
    };
    (@ [$($before:ident)*]) => {};
}

tuples!(A B C D E F G H I J K L M N O P);

impl<T, const N: usize> HasParts<[T; N]> {
    /// Yes.
    pub const YES: bool = true;
}

impl<T, X, const N: usize> HasParts<Result<[T; N], X>> {
    /// Yes.
    pub const YES: bool = true;
}

/// The class of a type of which this is known. Otherwise it is asked for as a value.
pub const fn class_of(value: bool, result_of_response: bool, response: bool) -> u8 {
    if value {
        VALUE
    } else if result_of_response {
        FALLIBLE
    } else if response {
        RESPONSE
    } else {
        VALUE
    }
}

/// The class of a type.
#[doc(hidden)]
#[macro_export]
macro_rules! __class {
    ($type:ty) => {{
        #[allow(unused_imports)]
        use $crate::class::Otherwise as _;
        $crate::class::class_of(
            ($crate::class::IsValue::<$type>::YES || $crate::class::IsResultOfValue::<$type>::YES)
                // Of parts that no response is made of, it is a value all the same.
                && !($crate::class::HasParts::<$type>::YES
                    && ($crate::class::IsResponse::<$type>::YES
                        || $crate::class::IsResultOfResponse::<$type>::YES)),
            $crate::class::IsResultOfResponse::<$type>::YES,
            $crate::class::IsResponse::<$type>::YES,
        )
    }};
}

/// The class of a type that is a response, or a `Result` of one.
#[doc(hidden)]
#[macro_export]
macro_rules! __class_of_response {
    ($type:ty) => {{
        #[allow(unused_imports)]
        use $crate::class::Otherwise as _;
        if $crate::class::IsResult::<$type>::YES {
            $crate::class::FALLIBLE
        } else {
            $crate::class::RESPONSE
        }
    }};
}

/// What a function answers, and what its entry holds, by the class of what its body returns.
pub trait Classified<const CLASS: u8> {
    /// What the function answers.
    type Answer;
    /// What its entry holds.
    type Entry;
}

impl<T> Classified<VALUE> for T {
    type Answer = T;
    type Entry = T;
}

impl<T> Classified<RESPONSE> for T {
    type Answer = Response;
    type Entry = StoredResponse;
}

impl<T, X> Classified<FALLIBLE> for Result<T, X> {
    type Answer = Result<Response, X>;
    type Entry = Result<StoredResponse, X>;
}

/// The kinds of a function and of its entry, by the class of what its body returns.
pub trait Choose<const CLASS: u8> {
    /// The kind of the function.
    type Kind;
    /// The kind of its entry.
    type Entry;
}

impl<K> Choose<VALUE> for Found<K> {
    type Kind = K;
    type Entry = K;
}

impl<T, H> Choose<RESPONSE> for Found<Plain<T, H>> {
    type Kind = Responding<Body>;
    type Entry = Plain<StoredResponse>;
}

impl<T, X, E> Choose<FALLIBLE> for Found<Fallible<Plain<T>, X, E>> {
    type Kind = Fallible<Responding<Body>, X, E>;
    type Entry = Fallible<Plain<StoredResponse>, X, E>;
}

/// The same as methods of the kind that was found of a value.
pub trait Chosen: Sized {
    /// The kind of the function.
    fn kind<const CLASS: u8>(self) -> Found<Self::Kind>
    where
        Self: Choose<CLASS>,
    {
        Found::new()
    }

    /// The kind of its entry.
    fn entry<const CLASS: u8>(self) -> Found<Self::Entry>
    where
        Self: Choose<CLASS>,
    {
        Found::new()
    }
}

impl<K> Chosen for Found<K> {}

#[cfg(test)]
mod tests {
    use super::{FALLIBLE, RESPONSE, VALUE};
    use axum::Json;
    use axum::http::StatusCode;
    use axum::response::{Html, Redirect, Response};

    type Alias<T> = Result<Json<T>, std::fmt::Error>;
    struct Neither;

    #[test]
    fn what_can_be_kept_as_it_is_is_a_value() {
        assert_eq!(__class!(String), VALUE);
        assert_eq!(__class!(u64), VALUE);
        assert_eq!(__class!(()), VALUE);
        assert_eq!(__class!(Option<String>), VALUE);
        assert_eq!(__class!(Result<String, Neither>), VALUE);
        assert_eq!(__class!(Result<Option<u8>, Neither>), VALUE);
    }

    #[test]
    fn what_is_only_a_response_is_a_response() {
        assert_eq!(__class!(Html<String>), RESPONSE);
        assert_eq!(__class!(Json<u8>), RESPONSE);
        assert_eq!(__class!((StatusCode, Json<u8>)), RESPONSE);
        assert_eq!(__class!(Redirect), RESPONSE);
        assert_eq!(__class!(Response), RESPONSE);
    }

    #[test]
    fn a_result_of_a_response_lets_its_error_pass() {
        assert_eq!(__class!(Result<Json<u8>, Neither>), FALLIBLE);
        assert_eq!(__class!(Result<Json<u8>, StatusCode>), FALLIBLE);
        assert_eq!(__class!(Alias<u8>), FALLIBLE);
        assert_eq!(__class!(axum::response::Result<Html<String>>), FALLIBLE);
    }

    #[test]
    fn what_has_headers_in_it_is_a_response() {
        type Headers = [(String, String); 1];
        assert_eq!(__class!((Headers, String)), RESPONSE);
        assert_eq!(__class!(Headers), RESPONSE);
        assert_eq!(__class!(Result<(Headers, String), Neither>), FALLIBLE);
        assert_eq!(__class!((u64, String)), VALUE);
        assert_eq!(__class!(Result<(u64, String), Neither>), VALUE);
    }

    #[test]
    fn an_alias_of_a_result_is_one() {
        assert_eq!(__class_of_response!(Alias<()>), FALLIBLE);
        assert_eq!(__class_of_response!(Json<()>), RESPONSE);
    }

    #[test]
    fn what_is_neither_is_asked_for_as_a_value() {
        assert_eq!(__class!(Neither), VALUE);
        assert_eq!(__class!(Option<Neither>), VALUE);
        assert_eq!(__class!(Result<Neither, u8>), VALUE);
    }
}
