//! What functions become, as snapshots in `snapshots/`.
//!
//! After a change, `INSTA_UPDATE=always cargo test -p larder-macros` writes the new ones: read the
//! difference.

use proc_macro2::TokenStream;
use quote::quote;

use crate::attribute::Attribute;

/// Compares an expansion with its snapshot. (The test says what was expanded.)
macro_rules! assert_expansion {
    ($expansion:expr $(,)?) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($expansion);
        })
    };
}

/// The expansion of an attribute, in the layout of rustfmt.
fn expansion(arguments: TokenStream, function: TokenStream) -> String {
    let expansion = crate::rewrite(Attribute::Memoize, arguments, function);
    let file = syn::parse2(expansion).expect("an expansion is made of items");
    prettyplease::unparse(&file)
}

/// The same, of a method.
fn method(arguments: TokenStream, function: TokenStream) -> String {
    let expansion = crate::rewrite(Attribute::Memoize, arguments, function);
    let file = syn::parse2(quote!(impl Repo { #expansion }));
    prettyplease::unparse(&file.expect("an expansion is made of methods"))
}

/// The expansion is a function and nothing else.
fn alone(arguments: &TokenStream, function: TokenStream) -> String {
    expansion(quote!(#arguments helpers = false), function)
}

#[test]
fn a_function_and_its_siblings() {
    assert_expansion!(expansion(
        quote!(timeout = 60),
        quote! {
            /// Squares.
            #[inline]
            pub(crate) fn square(n: u64) -> u64 {
                n * n
            }
        },
    ));
}

#[test]
fn an_async_function() {
    assert_expansion!(expansion(
        quote!(timeout = "1h 30m"),
        quote! {
            async fn load(id: u64) -> Result<String, Error> {
                Ok(fetch(id).await?)
            }
        },
    ));
}

#[test]
fn an_async_function_of_nothing() {
    assert_expansion!(alone(
        &quote!(),
        quote!(
            async fn warm(id: u64) {
                fetch(id).await;
            }
        )
    ));
}

#[test]
fn a_method_without_itself_in_the_key() {
    assert_expansion!(method(
        quote!(skip(self)),
        quote! {
            pub fn find(&self, mut id: u64, (a, b): (u64, u64)) -> Option<u64> {
                id += a;
                self.get(id, b)
            }
        },
    ));
}

#[test]
fn a_generic_function() {
    assert_expansion!(expansion(
        quote!(),
        quote! {
            fn all<'a, T, const N: usize>(keys: &'a [T; N], by: impl Serialize) -> Vec<T>
            where
                T: Value,
            {
                keys.to_vec()
            }
        },
    ));
}

#[test]
fn an_alias_of_a_result_with_both_sides_kept() {
    assert_expansion!(alone(
        &quote!(cache_none = 30, cache_err = never,),
        quote! {
            fn find(id: u64) -> ApiResult<Option<u64>> {
                api(id)
            }
        },
    ));
}

#[test]
fn a_literal_key_prefix_without_arguments() {
    assert_expansion!(expansion(
        quote!(key_prefix = "homepage"),
        quote! {
            fn home() -> String {
                render()
            }
        },
    ));
}

#[test]
fn a_label_over_the_parameters() {
    assert_expansion!(expansion(
        quote!(key_prefix = format!("tenant:{tenant}"), skip(tenant, db)),
        quote! {
            fn report(db: &Db, tenant: &str, year: u32) -> String {
                db.report(tenant, year)
            }
        },
    ));
}

#[test]
fn what_async_trait_makes() {
    assert_expansion!(method(
        quote!(skip(self), helpers = false),
        quote! {
            fn load<'life0, 'async_trait>(
                &'life0 self,
                id: u64,
            ) -> ::core::pin::Pin<
                Box<dyn ::core::future::Future<Output = String> + ::core::marker::Send + 'async_trait>,
            >
            where
                'life0: 'async_trait,
                Self: 'async_trait,
            {
                Box::pin(async move { self.fetch(id).await })
            }
        },
    ));
}

#[test]
fn a_local_function() {
    assert_expansion!(expansion(
        quote!(local),
        quote! {
            fn parse(text: &str) -> Arc<Tree> {
                Arc::new(tree(text))
            }
        },
    ));
}

#[test]
fn a_cache_inside_an_argument_is_cloned_and_one_behind_a_reference_is_not() {
    let owned = quote!(
        fn find(state: State, id: u64) -> u64 {
            state.find(id)
        }
    );
    let borrowed = quote!(
        fn find(state: &State, id: u64) -> u64 {
            state.find(id)
        }
    );
    let arguments = quote!(cache = state.cache, skip(state),);
    assert_expansion!([alone(&arguments, owned), alone(&arguments, borrowed),].join("\n"));
}

#[test]
fn hooks_of_every_form() {
    assert_expansion!(alone(
        &quote! {
            timeout = move |v| -> Duration { return v.ttl(); },
            cache_if = |v: &Profile| v.is_complete(),
            is_stale = Profile::is_old,
        },
        quote!(
            fn profile(id: u64) -> Profile {
                load(id)
            }
        ),
    ));
}

#[test]
fn all_arguments_at_once() {
    assert_expansion!(method(
        quote! {
            timeout = Duration::from_secs(60) * 2,
            key_prefix = "profiles",
            key = (tenant, user.id + 1, self.region),
            tags = [tenant, format!("user:{}", user.id)],
            cache = self.cache,
            unless = user.is_admin(),
            refresh = force,
            cache_if = |v| v.is_complete(),
            is_stale = |v| v.is_old(),
            cache_none = 30,
            cache_err = "500ms",
            jitter = 0.2,
            version = auto,
            name = "profile",
            flight = process,
            local,
            helpers = false,
            crate = my::larder,
        },
        quote! {
            pub async fn profile(
                &self,
                tenant: &str,
                user: User,
                force: bool,
            ) -> Result<Option<Profile>, Error> {
                self.load(tenant, user).await
            }
        },
    ));
}

#[test]
fn a_function_with_mistakes() {
    assert_expansion!(expansion(
        quote!(timeout = 0),
        quote! {
            async fn load(id: u64) -> Result<String, Error> {
                Ok(fetch(id).await?)
            }
        },
    ));
}

#[test]
fn a_function_with_an_output_that_no_sibling_can_name() {
    assert_expansion!(expansion(
        quote!(),
        quote!(
            fn numbers(n: u64) -> impl Iterator<Item = u64> {
                0..n
            }
        ),
    ));
}

/// Only an unstable feature lets one be written.
#[test]
fn variadic_arguments_are_refused() {
    let function = quote!(
        unsafe extern "C" fn sum(n: u64, mut more: ...) -> u64 {
            n
        }
    );
    let expansion = crate::rewrite(Attribute::Memoize, quote!(), function).to_string();
    assert!(expansion.contains("variadic arguments cannot be part of a key"));
}

/// `macro_rules!` puts what it hands on into invisible parentheses.
#[test]
fn what_a_macro_hands_on_is_read_as_if_it_was_written() {
    let invisible = |tokens| {
        let group = proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens);
        proc_macro2::TokenTree::Group(group)
    };
    let (seconds, name) = (invisible(quote!(60)), invisible(quote!("squares")));
    let handed = quote!(timeout = #seconds, key_prefix = #name);
    let function = quote!(
        fn square(n: u64) -> u64 {
            n * n
        }
    );
    assert_eq!(
        expansion(handed, function.clone()),
        expansion(quote!(timeout = 60, key_prefix = "squares"), function),
    );
}

#[test]
fn a_sum_of_seconds_is_an_expression() {
    let function = quote!(
        fn square(n: u64) -> u64 {
            n * n
        }
    );
    let expansion = expansion(quote!(timeout = 60 * 60), function);
    assert!(expansion.contains(".timeout(60 * 60)"), "{expansion}");
}

/// With the feature `axum`, `#[cached]` asks what the function returns.
#[cfg(feature = "axum")]
mod responses {
    use super::*;

    fn cached(arguments: TokenStream, function: TokenStream) -> String {
        let expansion = crate::rewrite(Attribute::Cached, arguments, function);
        let file = syn::parse2(expansion).expect("an expansion is made of items");
        prettyplease::unparse(&file)
    }

    #[test]
    fn a_handler_and_its_siblings() {
        assert_expansion!(cached(
            quote!(timeout = 60),
            quote! {
                async fn slow(Path(id): Path<u64>) -> Json<Slow> {
                    Json(load(id).await)
                }
            },
        ));
    }

    #[test]
    fn a_handler_that_says_only_that_it_responds() {
        assert_expansion!(cached(
            quote!(helpers = false),
            quote! {
                async fn page() -> Result<impl IntoResponse, Missing> {
                    Ok(Html(render().await?))
                }
            },
        ));
    }

    #[test]
    fn what_everybody_knows_as_a_value_is_not_asked() {
        for output in [
            quote!(String),
            quote!(Result<Vec<Json<u8>>, E>),
            quote!(Option<T>),
        ] {
            let expansion = cached(quote!(), quote!(async fn f() -> #output { g() }));
            assert!(!expansion.contains("Classified"), "{output}");
        }
    }

    #[test]
    fn what_a_constant_cannot_name_is_not_asked() {
        for function in [
            quote!(
                async fn f<T: Page>() -> Wrapped<T> {
                    g()
                }
            ),
            quote!(
                async fn f() -> Page<Self> {
                    g()
                }
            ),
            quote!(
                async fn f(&self) -> Page {
                    g()
                }
            ),
        ] {
            let expansion = cached(quote!(skip()), function.clone());
            assert!(!expansion.contains("Classified"), "{function}");
        }
    }
}
