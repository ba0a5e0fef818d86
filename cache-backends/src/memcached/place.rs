//! An entry, in its server.

use std::sync::Arc;
use std::time::Duration;

use larder_core::error::Result;
use larder_core::key::Key;

use super::link::Link;
use super::moment::{expires, whole_seconds};
use super::names::Names;
use super::server::Server;
use super::wire::{Answer, Batch, Put};

/// An entry, in its server.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) link: Arc<Link>,
    pub(super) names: Names,
    /// The number of the server.
    pub(super) number: usize,
}

/// How much longer than what is written under it a version lives.
const LIFE: Duration = Duration::from_secs(3_600);
/// So often others may change a version in between.
const TRIES: usize = 8;

impl Place {
    pub(super) fn of(link: &Arc<Link>, key: &Key<'_>) -> Self {
        let names = Names::of(key);
        Self {
            number: link.ring.server(names.whole()),
            link: Arc::clone(link),
            names,
        }
    }

    pub(super) fn server(&self) -> &Server {
        &self.link.servers[self.number]
    }

    /// Sends commands to the server.
    pub(super) fn ask(
        &self,
        batch: Batch,
    ) -> impl Future<Output = Result<Vec<Answer>>> + Send + 'static + use<> {
        self.server().ask(batch)
    }

    /// Sees to it that the versions, which were found so, outlive what is written under them; nobody waits
    /// for that.
    pub(super) fn outlive(&self, found: Vec<Answer>, life: Option<Duration>) {
        let place = self.clone();
        let work = async move { place.lengthen(found, life).await };
        drop(self.link.start(work));
    }

    /// Each is written again under its cas: a bare touch of somebody else who needs less could come in
    /// between and be the last.
    async fn lengthen(&self, mut found: Vec<Answer>, life: Option<Duration>) -> Result<()> {
        let longer = expires(life.map(|life| life.saturating_add(LIFE)));
        for _ in 0..TRIES {
            let mut batch = Batch::default();
            for (name, answer) in self.names.versions.iter().zip(&found) {
                if let Answer::Found(version) = answer
                    && !is_enough(version.left, life)
                {
                    let put = Put {
                        value: &version.value,
                        flags: 0,
                        expires: longer,
                    };
                    batch.swap(name, put, version.cas);
                }
            }
            if batch.answers == 0 || !self.ask(batch).await?.contains(&Answer::Exists) {
                return Ok(());
            }
            let mut batch = Batch::default();
            batch.get_all(&self.names.versions);
            found = self.ask(batch).await?;
        }
        Ok(())
    }
}

/// Whether what lives so many seconds outlives what is written under it now.
fn is_enough(left: i64, life: Option<Duration>) -> bool {
    left < 0 || life.is_some_and(|life| left.unsigned_abs() > whole_seconds(life))
}
