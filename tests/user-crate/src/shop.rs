//! A module below, with a generic type.

use std::marker::PhantomData;

use pantry::memoize;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::CACHE;

/// A word of welcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting(pub String);

/// A shelf of one kind of thing.
#[derive(Debug, Default)]
pub struct Shelf<T>(PhantomData<T>);

impl<T> Shelf<T>
where
    T: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    /// Fills a shelf.
    #[memoize(crate = pantry, cache = CACHE)]
    #[must_use]
    pub fn fill(count: usize) -> Vec<T> {
        vec![T::default(); count]
    }

    /// Fills a shelf, for this crate.
    #[memoize(crate = pantry, cache = CACHE, key_prefix = "shelf")]
    #[must_use]
    pub(crate) fn refill(count: usize) -> Vec<T> {
        Self::fill(count)
    }

    /// Counts what is on it.
    #[must_use]
    pub fn count(count: usize) -> usize {
        Self::refill(count).len()
    }
}
