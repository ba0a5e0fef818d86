//! What a strict user writes: a public, documented API with both attributes in every position.
#![deny(warnings, missing_docs)]
#![warn(clippy::pedantic)]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use pantry::{Cache, cached, memoize};
use serde::{Deserialize, Serialize};

pub mod pages;
pub mod shop;

/// The cache of everything here.
pub static CACHE: LazyLock<Cache> = LazyLock::new(|| {
    Cache::builder()
        .backend(pantry::backends::Memory::new(1_000))
        .build()
        .unwrap_or_else(|error| unreachable!("{error}"))
});

/// Squares a number.
#[memoize(crate = pantry, timeout = 60)]
#[must_use]
pub fn square(n: u64) -> u64 {
    n * n
}

/// Renders the home page.
#[cached(crate = pantry, cache = CACHE, timeout = "1h", key_prefix = "homepage")]
pub async fn home() -> String {
    std::future::ready("home".to_owned()).await
}

/// Parses a number.
///
/// # Errors
///
/// If it is none.
#[memoize(crate = pantry, cache = CACHE, cache_if = |n| *n > 0)]
pub fn parse(text: &str) -> Result<u64, std::num::ParseIntError> {
    let n = text.trim().parse()?;
    Ok(n)
}

/// Finds a number.
#[memoize(crate = pantry, cache = CACHE, cache_none = 30, jitter = 0.1, version = auto)]
#[must_use]
pub fn find(numbers: &[u64], number: u64) -> Option<usize> {
    numbers.iter().position(|n| *n == number)
}

/// Joins two texts.
#[memoize(crate = pantry, cache = CACHE, key_prefix = format!("join:{left}"))]
pub async fn join(left: &str, right: String) -> String {
    std::future::ready(format!("{left}{right}")).await
}

/// Describes anything.
#[memoize(crate = pantry, cache = CACHE, skip(log))]
pub fn describe<T>(value: &T, log: impl Fn(&str)) -> String
where
    T: std::fmt::Debug + Serialize + ?Sized,
{
    log("described");
    format!("{value:?}")
}

/// Adds up, with patterns and `mut`.
#[memoize(crate = pantry, cache = CACHE)]
#[must_use]
pub fn total((mut left, right): (u64, u64), mut more: Vec<u64>, _unused: u8) -> u64 {
    left += right;
    more.push(left);
    more.iter().sum()
}

/// Does nothing much.
#[memoize(crate = pantry, cache = CACHE, local, flight = none)]
pub fn note(_text: &str) {}

/// Waits for nothing.
#[memoize(crate = pantry, cache = CACHE, timeout = never)]
pub async fn pause() {}

/// Takes the first of a fixed number.
#[memoize(crate = pantry, cache = CACHE)]
#[must_use]
pub fn first<const N: usize>(text: &str) -> String {
    text.chars().take(N).collect()
}

#[memoize(crate = pantry, cache = CACHE)]
fn unused_siblings(n: u64) -> u64 {
    n
}

#[memoize(crate = pantry, cache = CACHE)]
fn _underscored(n: u64) -> u64 {
    n
}

#[allow(non_snake_case)]
#[memoize(crate = pantry, cache = CACHE)]
fn camelCase(n: u64) -> u64 {
    n
}

/// Calls what is private.
#[must_use]
pub fn private(n: u64) -> u64 {
    unused_siblings(n) + _underscored(n) + camelCase(n)
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Who it is.
    pub id: u64,
    /// What they are called.
    pub name: String,
}

/// Where users come from.
#[derive(Debug)]
pub struct Repo {
    cache: Cache,
    tenant: String,
}

/// There is no such user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotFound(pub u64);

impl Repo {
    /// Makes one.
    #[must_use]
    pub fn new(cache: Cache, tenant: String) -> Self {
        Self { cache, tenant }
    }

    /// Loads a user.
    ///
    /// # Errors
    ///
    /// If there is none.
    #[memoize(
        crate = pantry,
        cache = self.cache,
        key = (self.tenant, id),
        timeout = Duration::from_secs(90),
        cache_err = 5,
        is_stale = |user| user.name.is_empty(),
        unless = id == 13,
        refresh = id == 14,
    )]
    pub async fn load(&self, id: u64) -> Result<User, NotFound> {
        if id == 0 {
            return Err(NotFound(id));
        }
        let name = std::future::ready(format!("{}{id}", self.tenant)).await;
        Ok(User { id, name })
    }

    /// Counts the users.
    #[memoize(crate = pantry, cache = self.cache, skip(self), name = "repo::count")]
    #[must_use]
    pub fn count(self: &Arc<Self>) -> usize {
        self.tenant.len()
    }
}

/// What can load.
pub trait Load {
    /// Loads a number.
    fn number(&self, id: u64) -> u64;

    /// Loads a text.
    fn text(&self, id: u64) -> impl Future<Output = String> + Send;
}

impl Load for Repo {
    #[memoize(crate = pantry, cache = self.cache, skip(self), helpers = false)]
    fn number(&self, id: u64) -> u64 {
        id + 1
    }

    #[memoize(crate = pantry, cache = self.cache, skip(self), helpers = false)]
    async fn text(&self, id: u64) -> String {
        std::future::ready(id.to_string()).await
    }
}
