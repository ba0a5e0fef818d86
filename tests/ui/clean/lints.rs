//! No lint of the compiler or of clippy finds anything to say.

#![deny(warnings, missing_docs, nonstandard_style, rust_2018_idioms, unused)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    missing_debug_implementations,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

use larder::{Cache, cached, memoize};
use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;

static CACHE: LazyLock<Cache> = LazyLock::new(|| Cache::from_url("null://").unwrap());

/// Plain.
#[memoize(timeout = 60 * 60)]
pub fn plain(n: u64) -> u64 {
    n
}

/// Nobody calls its siblings, and nothing is returned.
#[cached(key_prefix = "lints")]
pub async fn nothing() {}

/// Borrows, and returns early.
#[memoize(timeout = |text| Duration::from_secs(text.len() as u64), cache = CACHE)]
pub async fn early(text: &str, mut words: Vec<Cow<'_, str>>) -> Result<String, std::fmt::Error> {
    if text.is_empty() {
        return Err(std::fmt::Error);
    }
    words.push(text.into());
    Ok(words.concat())
}

/// Generic.
#[memoize(cache_none = 30, cache_if = |value: &T| value.clone().into() > 0)]
pub fn generic<T: larder::Value + Into<u64>, const N: usize>(keys: &[T], _: u8) -> Option<T> {
    keys.get(N).cloned()
}

/// Does not return.
#[memoize]
pub fn diverges(n: u64) -> u64 {
    panic!("{n}")
}

/// A type.
#[derive(Debug)]
pub struct Shelf {
    cache: Cache,
}

impl Shelf {
    /// A method.
    #[must_use]
    #[memoize(skip(self, unused), cache = self.cache, local)]
    pub fn method(&self, n: u64, unused: u64) -> Option<u64> {
        let _ = unused;
        Some(n)
    }

    /// A method that takes its cache away.
    #[memoize(skip(self), cache = self.cache)]
    pub async fn taken(self, n: u64) -> u64 {
        drop(self);
        n
    }

    /// An associated function.
    #[memoize(name = "of", version = auto)]
    #[allow(clippy::new_ret_no_self)]
    pub fn new(n: u64) -> u64 {
        n
    }
}

/// Its parameter has a name of its own style, which siblings are forgiven too.
#[memoize]
#[expect(non_snake_case)]
pub fn styled(N: u64) -> u64 {
    N
}

#[test]
fn the_functions_work_all_the_same() {
    assert_eq!(plain(1), 1);
    assert_eq!(styled(1), 1);
}
