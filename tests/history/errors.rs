//! Law: a value is what was computed under its key, and an error reaches only its own caller.

use super::record::{End, Id, Kind, Record};
use super::verdict::{Law, Verdict};
use super::world::World;

pub(super) struct Errors;

impl Errors {
    pub(super) fn see(world: &World, record: &Record, verdict: &mut Verdict) {
        let Kind::Called(end, from) = record.kind else {
            return;
        };
        match end {
            End::Dropped => {}
            End::Value(version) => value(world, record.id, from, version, verdict),
            End::Error => error(world, record.id, from, verdict),
        }
    }
}

fn value(world: &World, call: Id, from: Id, version: u64, verdict: &mut Verdict) {
    let key = world.calls[&call].key;
    let computed = world.computations.get(&from);
    let right = computed.is_some_and(|computation| {
        computation.key == key && computation.end == Some(End::Value(version))
    });
    if !right {
        let story = format!(
            "call {call} of key {key} got version {version} of computation {from}: {computed:?}"
        );
        verdict.find(Law::Right, story);
    }
}

/// Who waits for a body that fails runs his own: an error that somebody else gets was kept.
fn error(world: &World, call: Id, from: Id, verdict: &mut Verdict) {
    let computed = world.computations.get(&from);
    if computed.is_none_or(|computation| computation.call != call) {
        let key = world.calls[&call].key;
        let story = format!("call {call} of key {key} got the error of {from}: {computed:?}");
        verdict.find(Law::Errors, story);
    }
}
