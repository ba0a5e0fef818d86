//! What is known of a run at one moment of it.

use std::collections::HashMap;

use super::record::{End, Id, Kind, Record};
use super::scope::{Keyspace, Scope};

/// Everything that has begun so far.
pub(super) struct World {
    pub(super) keys: Keyspace,
    pub(super) calls: HashMap<Id, Call>,
    pub(super) computations: HashMap<Id, Computation>,
    pub(super) invalidations: HashMap<Id, Invalidation>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) key: u32,
    pub(super) begin: u64,
    pub(super) end: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Computation {
    pub(super) key: u32,
    pub(super) call: Id,
    pub(super) begin: u64,
    pub(super) end: Option<End>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Invalidation {
    pub(super) scope: Scope,
    pub(super) key: u32,
    pub(super) version: u64,
    pub(super) begin: u64,
    /// When it ended, and whether it was acknowledged.
    pub(super) end: Option<(u64, bool)>,
}

impl World {
    pub(super) fn new(keys: Keyspace) -> Self {
        Self {
            keys,
            calls: HashMap::new(),
            computations: HashMap::new(),
            invalidations: HashMap::new(),
        }
    }

    /// Takes a record in. A file that lost its beginning is no history.
    pub(super) fn see(&mut self, record: &Record) {
        let (id, time) = (record.id, record.time);
        match record.kind {
            Kind::Call(key) => self.begin_call(id, key, time),
            Kind::Called(..) => self.calls.get_mut(&id).expect("begun").end = Some(time),
            Kind::Compute(key, call) => self.begin_computation(id, key, time, call),
            Kind::Computed(end) => {
                self.computations.get_mut(&id).expect("begun").end = Some(end);
            }
            Kind::Invalidate(scope, key, version) => {
                let begun = Invalidation {
                    scope,
                    key,
                    version,
                    begin: time,
                    end: None,
                };
                self.invalidations.insert(id, begun);
            }
            Kind::Invalidated(ok) => {
                let begun = self.invalidations.get_mut(&id).expect("begun");
                begun.end = Some((time, ok));
            }
        }
    }

    fn begin_call(&mut self, id: Id, key: u32, begin: u64) {
        let end = None;
        self.calls.insert(id, Call { key, begin, end });
    }

    fn begin_computation(&mut self, id: Id, key: u32, time: u64, call: Id) {
        let begun = Computation {
            key,
            call,
            begin: time,
            end: None,
        };
        self.computations.insert(id, begun);
    }

    /// When the call that ran a computation began: before its lease was granted.
    pub(super) fn asked(&self, computation: &Computation) -> u64 {
        let call = self.calls.get(&computation.call);
        call.map_or(computation.begin, |call| call.begin)
    }
}
