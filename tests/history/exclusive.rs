//! Law: a key is computed once at a time.
//!
//! An invalidation in between excuses a second computation: the first one may not be kept any more,
//! and those who come later do not wait for it. So does a body that fails: those who waited for it
//! run their own.

use std::collections::{HashMap, HashSet};

use super::merged::Laws;
use super::record::{End, Id, Kind, Record};
use super::scope::Scope;
use super::verdict::{Law, Verdict};
use super::world::World;

#[derive(Default)]
pub(super) struct Exclusive {
    running: HashMap<u32, Vec<Id>>,
    invalidations: HashMap<Scope, Invalidations>,
    /// Keys of which a computation failed.
    failed: HashSet<u32>,
    overlaps: Vec<(u32, String)>,
}

#[derive(Default)]
struct Invalidations {
    under_way: u32,
    last_end: u64,
}

impl Exclusive {
    pub(super) fn see(&mut self, world: &World, record: &Record) {
        match record.kind {
            Kind::Compute(key, _) => self.begin(world, record.id, key),
            Kind::Computed(end) => self.end(world.computations[&record.id].key, record.id, end),
            Kind::Invalidate(scope, ..) => {
                self.invalidations.entry(scope).or_default().under_way += 1;
            }
            Kind::Invalidated(_) => {
                let scope = world.invalidations[&record.id].scope;
                let invalidations = self.invalidations.entry(scope).or_default();
                invalidations.under_way -= 1;
                invalidations.last_end = record.time;
            }
            Kind::Call(_) | Kind::Called(..) => {}
        }
    }

    fn begin(&mut self, world: &World, id: Id, key: u32) {
        let running = self.running.entry(key).or_default();
        let others = running.clone();
        running.push(id);
        let asked = |id: &Id| world.asked(&world.computations[id]);
        for other in others {
            // Either lease was granted after this, and an invalidation may have taken it since.
            let since = asked(&id).min(asked(&other));
            if !self.is_excused(world, key, since) {
                let story = format!("computation {id} of key {key} began while {other} ran");
                self.overlaps.push((key, story));
            }
        }
    }

    fn end(&mut self, key: u32, id: Id, end: End) {
        self.running
            .entry(key)
            .or_default()
            .retain(|other| *other != id);
        if end == End::Error {
            self.failed.insert(key);
        }
    }

    fn is_excused(&self, world: &World, key: u32, since: u64) -> bool {
        let scopes = world.keys.scopes(key);
        let mut of_key = scopes
            .iter()
            .filter_map(|scope| self.invalidations.get(scope));
        of_key.any(|invalidations| invalidations.under_way > 0 || invalidations.last_end > since)
    }

    /// Says what was found; where nothing is claimed it is only counted.
    pub(super) fn settle(self, laws: &Laws, verdict: &mut Verdict) {
        for (key, story) in self.overlaps {
            if laws.exclusive && !self.failed.contains(&key) {
                verdict.find(Law::Exclusive, story);
            } else {
                verdict.figures.overlaps += 1;
            }
        }
    }
}
