//! What must happen for the promises to mean anything.

use stateright::Property;

use crate::caller::At;
use crate::fault::Fault;
use crate::flight::{Flight, Joined};
use crate::invalidator::Kind;
use crate::lease::Stored;
use crate::protocol::Protocol;
use crate::rule::Rule;
use crate::state::State;

/// What must happen: whether it must, what it is called, and in which states it happens.
type Happening = (bool, &'static str, fn(&Protocol, &State) -> bool);

/// What must happen in a model of this size.
pub(crate) fn happenings(protocol: &Protocol) -> Vec<Property<Protocol>> {
    let all = of_calls(protocol).into_iter().chain(of_stores(protocol));
    let wanted = all.filter(|(wanted, ..)| *wanted);
    wanted
        .map(|(_, name, condition)| Property::sometimes(name, condition))
        .collect()
}

fn of_calls(protocol: &Protocol) -> [Happening; 5] {
    let calls = protocol.calls;
    let meet = |same: bool| {
        calls
            .iter()
            .any(|it| (it.process == calls[0].process) == same)
    };
    let joined = calls[1..].iter().any(|it| it.process == calls[0].process);
    [
        (true, "everything goes wrong that may", goes_wrong),
        (calls.len() > 1, "a leader finds the entry", finds),
        (meet(false), "a leader is held up", is_held_up),
        (joined, "a call follows", follows),
        (joined, "a call joins too late", is_late),
    ]
}

fn of_stores(protocol: &Protocol) -> [Happening; 3] {
    let moves = protocol.invalidates(Kind::Group) || protocol.invalidates(Kind::All);
    let compares = protocol.rules.hold(Rule::StoreComparesVersions);
    let fails = protocol.suffers(Fault::Cut) && !protocol.invalidations.is_empty();
    let lost = protocol.invalidates(Kind::Entry);
    [
        (lost, "a store has lost its lease", is_lost),
        (moves && compares, "a version has moved", has_moved),
        (fails, "an invalidation is unconfirmed", is_unconfirmed),
    ]
}

fn goes_wrong(protocol: &Protocol, state: &State) -> bool {
    state.spent.is_all(protocol.faults)
}

fn is_held_up(_: &Protocol, state: &State) -> bool {
    any(state, |at| matches!(at, At::HeldUp(_)))
}

fn finds(_: &Protocol, state: &State) -> bool {
    any(state, |at| matches!(at, At::Found(..)))
}

/// A flight is about to land with what it has stored.
fn follows(_: &Protocol, state: &State) -> bool {
    let kept = |of: usize| answer(state, of).is_some_and(|(_, it, _)| it == Stored::Kept);
    any(
        state,
        |at| matches!(at, At::Wait(of, joined) if joined > Joined::Late && kept(of)),
    )
}

/// A flight is about to land and is not proven to one who waits for it.
fn is_late(_: &Protocol, state: &State) -> bool {
    let lands = |of: usize| answer(state, of).is_some();
    any(
        state,
        |at| matches!(at, At::Wait(of, Joined::Late) if lands(of)),
    )
}

fn is_lost(_: &Protocol, state: &State) -> bool {
    lands(state, |stored, _| stored == Stored::Lost)
}

fn has_moved(_: &Protocol, state: &State) -> bool {
    lands(state, |stored, unchanged| {
        stored == Stored::Moved || !unchanged
    })
}

fn is_unconfirmed(_: &Protocol, state: &State) -> bool {
    let mut processes = state.processes.iter();
    processes.any(|it| it.unconfirmed.is_some())
}

fn answer(state: &State, flight: usize) -> Option<(u8, Stored, bool)> {
    state.flights[flight].and_then(Flight::answered)
}

fn lands(state: &State, how: impl Fn(Stored, bool) -> bool) -> bool {
    let mut answers = state
        .flights
        .iter()
        .flatten()
        .filter_map(|it| it.answered());
    answers.any(|(_, stored, unchanged)| how(stored, unchanged))
}

fn any(state: &State, is: impl Fn(At) -> bool) -> bool {
    state.callers.iter().any(|it| is(it.at))
}
