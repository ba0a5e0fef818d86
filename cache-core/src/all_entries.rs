//! A handle to every entry of a cached function.

use std::sync::Arc;

use crate::ambient;
use crate::cache::Cache;
use crate::engine::Engine;
use crate::entry::serving;
use crate::error::Result;
use crate::key::OwnedKey;
use crate::reply::Reply;
use crate::site::{Binding, NOT_GENERIC, Place, Site};

/// Every entry of one function: what `delete_all_memoized_square()` forgets.
#[must_use = "entries do nothing until they are asked"]
pub struct AllEntries {
    engine: Arc<Engine>,
    binding: Binding<'static>,
    /// The key of the function that shares the group and has no arguments, if there may be one.
    whole: Option<OwnedKey>,
}

impl AllEntries {
    /// Finds the entries of a function, by a closure inside it or one of its siblings.
    pub fn new(site: &'static Site, cache: &Cache, inside: impl Fn()) -> Self {
        Self::found(site, Place::of(&inside, NOT_GENERIC), cache)
    }

    /// Finds the entries of a function, and deletes them.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete).
    pub fn forget(site: &'static Site, cache: &Cache, inside: impl Fn()) -> Result<()> {
        Self::new(site, cache, inside).delete().wait()
    }

    fn found(site: &'static Site, place: Place<'_>, cache: &Cache) -> Self {
        let shared = site.shares_group();
        let engine = if shared {
            ambient::cache().unwrap_or_else(|| Arc::clone(cache.engine()))
        } else {
            serving(site, cache)
        };
        let binding = site.bind(&engine, place);
        let whole = shared.then(|| OwnedKey::manual(&engine.realm, binding.group.name()));
        Self {
            engine,
            binding,
            whole,
        }
    }

    /// Forgets them, in O(1).
    ///
    /// # Errors
    ///
    /// [`NotAcknowledged`](crate::error::ErrorKind::NotAcknowledged) if the store did not confirm it. In this
    /// process it has happened.
    pub fn delete(&self) -> Reply<'_, Result<()>> {
        let group = self.engine.forget_group(&self.binding.group);
        let Some(whole) = &self.whole else {
            return group;
        };
        let entry = self.engine.forget_quietly(&[whole.key()]);
        match (group.try_now(), entry.try_now()) {
            (Ok(group), Ok(entry)) => Reply::now(group.and(entry.map(drop))),
            (group, entry) => Reply::later(async move {
                let group = settle(group).await;
                group.and(settle(entry).await.map(drop))
            }),
        }
    }
}

/// The answer, now or later.
async fn settle<T>(reply: Result<T, Reply<'_, T>>) -> T {
    match reply {
        Ok(answer) => answer,
        Err(later) => later.await,
    }
}
