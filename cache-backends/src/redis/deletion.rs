//! Deleting, and remembering what was deleted.

use larder_core::backend::Scope;
use larder_core::error::Result;
use larder_core::reply::Reply;

use super::{Redis, failure};

impl Redis {
    /// The keys that stand for everything of the cache that a scope is in.
    pub(super) fn everything(&self, scope: &Scope<'_>) -> Vec<String> {
        let realm = scope.realm();
        realm.map_or(Vec::new(), |realm| self.layout.versions(&Scope::All(realm)))
    }

    /// Deletes keys and remembers that, to do it again if the server loses it.
    pub(super) fn delete(
        &self,
        keys: Vec<String>,
        everything: impl FnOnce() -> Vec<String>,
        work: impl Future<Output = Result<u64>> + Send + 'static,
    ) -> Reply<'static, Result<u64>> {
        let acknowledged = self.link.recent.add(keys, everything);
        self.link
            .start_ahead(None, async move {
                let answer = work.await;
                if answer.is_ok() {
                    acknowledged.set();
                }
                answer
            })
            .map(|answer| answer.map_err(failure::not_acknowledged))
    }
}
