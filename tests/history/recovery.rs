//! Law: after whatever happened, every process that is left caches again, and is heard.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use super::merged::Laws;
use super::record::{End, Kind, Record};
use super::verdict::{Law, Verdict};
use super::world::World;

/// When each process did something last.
#[derive(Default)]
pub(super) struct Recovery(BTreeMap<u32, Last>);

#[derive(Default)]
struct Last {
    anything: u64,
    /// An invalidation was acknowledged.
    heard: u64,
    /// A call got what another one had computed.
    hit: u64,
}

impl Recovery {
    pub(super) fn see(&mut self, world: &World, record: &Record) {
        let last = self.0.entry(record.id.process()).or_default();
        last.anything = record.time;
        match record.kind {
            Kind::Invalidated(true) => last.heard = record.time,
            Kind::Called(End::Value(_), from) => {
                let computation = world.computations.get(&from);
                if computation.is_some_and(|computation| computation.call != record.id) {
                    last.hit = record.time;
                }
            }
            _ => {}
        }
    }

    /// Looks at the ends of those who were not killed.
    pub(super) fn settle(self, laws: &Laws, killed: &HashSet<u32>, verdict: &mut Verdict) {
        let Some(within) = laws.recovered else {
            return;
        };
        for (process, last) in self.0 {
            let ago = |time| Duration::from_nanos(last.anything - time);
            let (heard, hit) = (ago(last.heard), ago(last.hit));
            if heard.max(hit) > within && !killed.contains(&process) {
                let story = format!(
                    "process {process} ended {heard:?} after it was last heard, and {hit:?} after \
                     its last hit"
                );
                verdict.find(Law::Recovered, story);
            }
        }
    }
}
