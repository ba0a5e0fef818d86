//! What the protocol promises, and what must happen for the promises to mean anything.

use crate::caller::{At, Way};
use crate::protocol::Protocol;
use crate::state::State;
use crate::step::{answer_to_acquire, answer_to_store};
use crate::store::{Acquired, Stored};
use crate::table::CALLERS;

/// A caller that started after an invalidation had returned gets a version at least as new as the source was when that
/// invalidation was called.
pub(crate) const FRESH: &str = "fresh after invalidate";
/// A flight has one leader at most.
pub(crate) const ONE_LEADER: &str = "no two leaders";
/// The flight that can be joined computes once at a time.
pub(crate) const ONE_COMPUTATION: &str = "one computation at a time";
/// When nobody can take a step any more, each caller has its value, or was dropped.
pub(crate) const EVERY_CALL_ENDS: &str = "every call ends";
/// When nobody can take a step any more, no lease is held and no flight can be joined.
pub(crate) const NOTHING_LEFT: &str = "nothing is left behind";

pub(crate) fn is_fresh(_: &Protocol, state: &State) -> bool {
    !any(state, |at| matches!(at, At::Stale { .. }))
}

pub(crate) fn has_one_leader(_: &Protocol, state: &State) -> bool {
    (0..CALLERS).all(|flight| count(state, flight, At::leads) <= 1)
}

pub(crate) fn computes_once(_: &Protocol, state: &State) -> bool {
    state.table.current().is_none_or(|flight| {
        let valid = state.clock.admits(state.table.flight(flight).stamp);
        !valid || count(state, flight, At::computes) <= 1
    })
}

pub(crate) fn every_call_ends(protocol: &Protocol, state: &State) -> bool {
    let mut callers = state.callers[..protocol.callers].iter();
    callers.all(|caller| caller.at.is_over()) || !protocol.is_over(state)
}

pub(crate) fn nothing_is_left(protocol: &Protocol, state: &State) -> bool {
    let left = state.store.is_leased() || state.table.current().is_some();
    !left || !protocol.is_over(state)
}

pub(crate) fn hits(_: &Protocol, state: &State) -> bool {
    any(state, |at| at == At::Done(Way::Hit))
}

pub(crate) fn follows(_: &Protocol, state: &State) -> bool {
    any(state, |at| at == At::Done(Way::Followed))
}

pub(crate) fn finds_entry(protocol: &Protocol, state: &State) -> bool {
    (0..CALLERS).any(|caller| {
        let answer = answer_to_acquire(state, caller, protocol.rules);
        matches!(answer, Some(Acquired::Fresh(_)))
    })
}

pub(crate) fn is_held_up(protocol: &Protocol, state: &State) -> bool {
    let answer = |caller| answer_to_acquire(state, caller, protocol.rules);
    (0..CALLERS).any(|caller| answer(caller) == Some(Acquired::Held))
}

pub(crate) fn is_lost(protocol: &Protocol, state: &State) -> bool {
    let answer = |caller| answer_to_store(state, caller, protocol.rules);
    (0..CALLERS).any(|caller| answer(caller) == Some(Stored::Lost))
}

pub(crate) fn has_moved(protocol: &Protocol, state: &State) -> bool {
    let answer = |caller| answer_to_store(state, caller, protocol.rules);
    (0..CALLERS).any(|caller| answer(caller) == Some(Stored::Moved))
}

pub(crate) fn takes_over(_: &Protocol, state: &State) -> bool {
    any(
        state,
        |at| matches!(at, At::Wait(flight) if !state.table.flight(flight).led),
    )
}

fn any(state: &State, is: impl Fn(At) -> bool) -> bool {
    state.callers.iter().any(|caller| is(caller.at))
}

fn count(state: &State, flight: usize, which: fn(At) -> Option<usize>) -> usize {
    let of = state.callers.iter().filter_map(|caller| which(caller.at));
    of.filter(|&of| of == flight).count()
}
