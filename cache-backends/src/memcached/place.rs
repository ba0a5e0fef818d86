//! An entry, in its server.

use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::Versions;
use larder_core::error::Result;
use larder_core::frame::{Frame, NEVER};
use larder_core::key::Key;

use super::link::Link;
use super::moment::{expires, whole_seconds};
use super::names::Names;
use super::server::Server;
use super::wire::{Answer, Batch};

/// An entry, in its server.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) link: Arc<Link>,
    pub(super) names: Names,
    /// The number of the server.
    pub(super) number: usize,
}

/// With so many seconds left in the server, which has been told a second more and counts whole ones, a
/// lifetime is certainly not over.
const CERTAIN: i64 = 3;
/// How much longer than what is written under it a version lives.
const LIFE: Duration = Duration::from_secs(3_600);

impl Place {
    pub(super) fn of(link: &Arc<Link>, key: &Key<'_>) -> Self {
        let names = Names::of(key);
        Self {
            number: link.ring.server(&names.text),
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

    /// The time, in milliseconds since the Unix epoch.
    pub(super) fn now(&self) -> u64 {
        self.link.clock.unix()
    }

    /// When something expires that lives so long from now on, as the server takes it.
    pub(super) fn expires(&self, life: Option<Duration>) -> u32 {
        expires(life, self.now())
    }

    /// The same as a frame says it.
    pub(super) fn end(&self, life: Option<Duration>) -> u64 {
        let end = |life| self.now().saturating_add(larder_core::clock::millis(life));
        life.map_or(NEVER, end)
    }

    /// Whether a frame was written under these versions and has not expired, of which the server says
    /// that it lives so many seconds more. The clocks of the processes decide only when those are about
    /// over.
    pub(super) fn holds(&self, frame: &Frame<'_>, left: i64, versions: Versions) -> bool {
        let alive = left >= CERTAIN || frame.expires == NEVER || frame.expires > self.now();
        alive && frame.versions == versions
    }

    /// Sees to it that the versions outlive what was written under them; nobody waits for that.
    /// `lefts` are the seconds that they still live.
    pub(super) fn keep_versions(&self, lefts: &[i64], life: Option<Duration>) {
        let enough = |left: i64| match life {
            None => left < 0,
            Some(life) => left < 0 || left.unsigned_abs() > whole_seconds(life),
        };
        let longer = self.expires(life.map(|life| life.saturating_add(LIFE)));
        let mut batch = Batch::default();
        for (version, left) in self.names.versions.iter().zip(lefts) {
            if !enough(*left) {
                batch.touch(version, longer);
            }
        }
        if batch.answers > 0 {
            drop(self.ask(batch));
        }
    }
}
