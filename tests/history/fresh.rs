//! Law: fresh after invalidate; at once in the process that invalidates.

use std::collections::HashMap;

use super::floor::{Floor, Floors};
use super::merged::Laws;
use super::record::{End, Id, Kind, Record};
use super::verdict::{Law, Verdict};
use super::world::{Computation, World};

pub(super) struct Fresh<'a> {
    laws: &'a Laws,
    /// Of what was acknowledged.
    acknowledged: Floors,
    /// Of what was acknowledged by a server that was lost.
    lost: Floors,
    /// Of what each process invalidated itself.
    own: HashMap<u32, Floors>,
    /// What each call may not be older than.
    bounds: HashMap<Id, Bounds>,
    /// The versions that were written before an acknowledged invalidation.
    versions: HashMap<u32, u64>,
}

#[derive(Clone, Copy)]
struct Bounds {
    acknowledged: Option<Floor>,
    lost: Option<Floor>,
    own: Option<Floor>,
    version: u64,
}

impl<'a> Fresh<'a> {
    pub(super) fn new(laws: &'a Laws) -> Self {
        Self {
            laws,
            acknowledged: Floors::default(),
            lost: Floors::default(),
            own: HashMap::new(),
            bounds: HashMap::new(),
            versions: HashMap::new(),
        }
    }

    pub(super) fn see(&mut self, world: &World, record: &Record, verdict: &mut Verdict) {
        let id = record.id;
        match record.kind {
            Kind::Invalidated(ok) => self.raise(world, id, record.time, ok),
            Kind::Call(key) => {
                let bounds = self.bounds(world, id.process(), key);
                self.bounds.insert(id, bounds);
            }
            Kind::Called(end, from) => {
                let bounds = self.bounds.remove(&id).expect("begun");
                if let (End::Value(version), Some(computation)) =
                    (end, world.computations.get(&from))
                {
                    let seen = Seen {
                        call: id,
                        from,
                        version,
                        computation,
                    };
                    self.judge(world, &seen, &bounds, verdict);
                }
            }
            Kind::Compute(..) | Kind::Computed(_) | Kind::Invalidate(..) => {}
        }
    }

    fn raise(&mut self, world: &World, id: Id, time: u64, ok: bool) {
        let invalidation = &world.invalidations[&id];
        let floor = Floor {
            begin: invalidation.begin,
            invalidation: id,
        };
        let loss = self.laws.loss.as_ref().filter(|_| ok);
        if loss.is_some_and(|loss| loss.covers(time)) {
            self.lost.raise(invalidation.scope, floor);
            return;
        }
        let own = self.own.entry(id.process()).or_default();
        own.raise(invalidation.scope, floor);
        if ok {
            self.acknowledged.raise(invalidation.scope, floor);
            let version = self.versions.entry(invalidation.key).or_default();
            *version = invalidation.version.max(*version);
        }
    }

    fn bounds(&self, world: &World, process: u32, key: u32) -> Bounds {
        let own = self.own.get(&process);
        Bounds {
            acknowledged: self.acknowledged.of(&world.keys, key),
            lost: self.lost.of(&world.keys, key),
            own: own.and_then(|own| own.of(&world.keys, key)),
            version: self.versions.get(&key).copied().unwrap_or(0),
        }
    }

    fn judge(&self, world: &World, seen: &Seen<'_>, bounds: &Bounds, verdict: &mut Verdict) {
        if let Some(floor) = seen.below(bounds.own) {
            verdict.find(Law::Own, seen.story(world, floor));
        }
        if let Some(floor) = seen.below(bounds.acknowledged) {
            if self.laws.degraded && seen.joined(world) {
                verdict.figures.degraded += 1;
            } else {
                verdict.find(Law::Fresh, seen.story(world, floor));
            }
        } else if seen.version < bounds.version {
            let story = format!("{}, after {} was", seen.what(world), bounds.version);
            verdict.find(Law::Fresh, format!("{story} written and invalidated"));
        } else if let Some(floor) = seen.below(bounds.lost) {
            if self.is_forgiven(world, seen) {
                verdict.figures.lost += 1;
            } else {
                verdict.find(Law::Fresh, seen.story(world, floor));
            }
        }
    }

    /// Whether a call may still get what a lost server had forgotten.
    fn is_forgiven(&self, world: &World, seen: &Seen<'_>) -> bool {
        let begin = world.calls[&seen.call].begin;
        let loss = self.laws.loss.as_ref();
        loss.is_some_and(|loss| begin <= loss.until)
    }
}

/// A value that a call got.
struct Seen<'a> {
    call: Id,
    from: Id,
    version: u64,
    computation: &'a Computation,
}

impl Seen<'_> {
    /// The floor, if the value was computed below it.
    fn below(&self, floor: Option<Floor>) -> Option<Floor> {
        floor.filter(|floor| self.computation.begin < floor.begin)
    }

    /// Whether the call began while the one that computed, in the same process, had not returned.
    fn joined(&self, world: &World) -> bool {
        let leader = world.calls.get(&self.computation.call);
        let returned = leader.and_then(|leader| leader.end);
        let begin = world.calls[&self.call].begin;
        self.from.process() == self.call.process() && returned.is_none_or(|end| begin < end)
    }

    fn what(&self, world: &World) -> String {
        let call = &world.calls[&self.call];
        format!(
            "call {} of key {} began at {} and got version {} of computation {}, begun at {}",
            self.call,
            call.key,
            micros(call.begin),
            self.version,
            self.from,
            micros(self.computation.begin)
        )
    }

    fn story(&self, world: &World, floor: Floor) -> String {
        let invalidation = &world.invalidations[&floor.invalidation];
        let (end, ok) = invalidation.end.unwrap_or_default();
        format!(
            "{}, although invalidation {} of {:?} began at {} and ended at {}, {}",
            self.what(world),
            floor.invalidation,
            invalidation.scope,
            micros(invalidation.begin),
            micros(end),
            if ok {
                "acknowledged"
            } else {
                "not acknowledged"
            }
        )
    }
}

/// A moment as people can compare it.
fn micros(nanos: u64) -> String {
    format!(
        "{}.{:06} s",
        nanos / 1_000_000_000,
        nanos / 1_000 % 1_000_000
    )
}
