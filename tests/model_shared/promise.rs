//! What the protocol promises.

use crate::caller::{At, Broken};
use crate::protocol::Protocol;
use crate::state::State;

/// A caller that started after an invalidation had been acknowledged gets a version at least as new as the source was
/// when that invalidation was called.
pub(crate) const FRESH: &str = "fresh after invalidate";
/// The same for callers in the invalidating process, acknowledged or not.
pub(crate) const OWN: &str = "own invalidations are visible";
/// While nothing is invalidated, lost or refreshed, one caller at most computes.
pub(crate) const ONE_COMPUTATION: &str = "one computation at a time";
/// When nobody can take a step any more, each caller has its value, or was dropped.
pub(crate) const EVERY_CALL_ENDS: &str = "every call ends";

pub(crate) fn is_fresh(_: &Protocol, state: &State) -> bool {
    !is_broken(state, Broken::Acknowledged)
}

pub(crate) fn sees_own(_: &Protocol, state: &State) -> bool {
    !is_broken(state, Broken::Own)
}

pub(crate) fn computes_once(_: &Protocol, state: &State) -> bool {
    let rightful = state.callers.iter().filter(|it| it.at.is_rightful());
    rightful.count() <= 1
}

pub(crate) fn every_call_ends(protocol: &Protocol, state: &State) -> bool {
    let mut due = Vec::new();
    if !state.is_over() {
        protocol.due(state, &mut due);
    }
    state.is_over() || !due.is_empty()
}

fn is_broken(state: &State, promise: Broken) -> bool {
    let mut callers = state.callers.iter();
    callers.any(|it| it.at == At::Old(promise))
}
