//! Deleting, and remembering what was deleted.

use std::sync::Arc;

use larder_core::backend::Scope;
use larder_core::error::Result;
use larder_core::key::Key;
use larder_core::reply::Reply;

use super::names::version_name;
use super::place::Place;
use super::{Memcached, failure, protocol};

impl Memcached {
    /// Invalidates in every server.
    pub(super) fn forget_everywhere(&self, scope: &Scope<'_>) -> Reply<'static, Result<u64>> {
        let texts = scope.version_text();
        let keys: Vec<_> = texts.iter().map(|text| version_name(text)).collect();
        let servers = 0..self.link.servers.len();
        let sent = servers.map(|server| {
            let link = Arc::clone(&self.link);
            let work = protocol::forget_versions(link, server, keys.clone());
            self.remember(server, keys.clone(), scope, work)
        });
        sum(sent.collect())
    }

    pub(super) fn forget_entries(
        &self,
        entries: &[Key<'_>],
        scope: &Scope<'_>,
    ) -> Reply<'static, Result<u64>> {
        let mut places: Vec<Vec<Place>> = self.link.servers.iter().map(|_| Vec::new()).collect();
        for key in entries {
            let place = self.place(key);
            places[place.number].push(place);
        }
        let concerned = places.into_iter().enumerate();
        let concerned = concerned.filter(|(_, places)| !places.is_empty());
        let sent = concerned.map(|(server, places)| {
            let keys = places.iter().map(|place| place.names.entry.clone());
            let keys = keys.collect();
            let work = protocol::forget(Arc::clone(&self.link), places);
            self.remember(server, keys, scope, work)
        });
        sum(sent.collect())
    }

    /// Deletes keys and remembers that, to do it again if the server did not hear of it.
    fn remember(
        &self,
        server: usize,
        keys: Vec<String>,
        scope: &Scope<'_>,
        work: impl Future<Output = Result<u64>> + Send + 'static,
    ) -> Reply<'static, Result<u64>> {
        let recent = &self.link.servers[server].recent;
        let acknowledged = recent.add(keys, || everything(scope));
        self.link.start_turn(async move {
            let answer = work.await;
            if answer.is_ok() {
                acknowledged.set();
            }
            answer.map_err(failure::not_acknowledged)
        })
    }
}

/// The key that stands for everything of the cache that a scope is in.
fn everything(scope: &Scope<'_>) -> Vec<String> {
    let realm = scope.realm();
    realm
        .map(|realm| version_name(&realm.clear_text()))
        .into_iter()
        .collect()
}

/// Waits for all, and adds up what they answer; the first error is the answer, when all are over.
fn sum(sent: Vec<Reply<'static, Result<u64>>>) -> Reply<'static, Result<u64>> {
    Reply::later(async move {
        let mut sum = Ok(0);
        for sent in sent {
            let answer = sent.await;
            sum = sum.and_then(|sum| Ok(sum + answer?));
        }
        sum
    })
}
