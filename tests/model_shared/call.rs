//! The steps of a call until it leads or waits: start, read, board.

use crate::caller::{At, Half, Right};
use crate::entry::Entry;
use crate::flight::{Flight, Joined};
use crate::protocol::Protocol;
use crate::rule::Rule;
use crate::state::State;

/// The call starts, and reads unless it is to compute anew. Sending the read, its effect and the
/// arrival of its answer are one step: what is read later is newer, and nobody else sees it.
pub(crate) fn start(state: &mut State, caller: usize, protocol: &Protocol) {
    begin(state, caller, protocol);
    if protocol.calls[caller].refresh {
        state.callers[caller].at = At::Board { anew: true };
    } else {
        read(state, caller, protocol);
    }
}

/// What has been promised by now is owed to the call. It computes anew if the server did not confirm
/// an invalidation that its process has promised.
fn begin(state: &mut State, caller: usize, protocol: &Protocol) {
    let process = state.processes[protocol.process_of(caller)];
    let it = &mut state.callers[caller];
    it.owed = state.promised;
    it.own = process.own;
    it.anew = protocol.calls[caller].refresh || process.unconfirmed.is_some();
}

/// Reads the store, unless an unconfirmed invalidation covers the key.
pub(crate) fn read(state: &mut State, caller: usize, protocol: &Protocol) {
    let found = state.server.read(protocol.rules);
    let void = is_void(state, caller, protocol);
    hit_or_miss(state, caller, found.filter(|_| !void));
}

/// In a cluster: reads the entry and its group's version.
pub(crate) fn read_entry(state: &mut State, caller: usize, protocol: &Protocol) {
    let before = half_of(state, caller, protocol);
    let entry = state.server.grouped_entry(protocol.rules);
    match (before, entry) {
        (_, None) => hit_or_miss(state, caller, None),
        (Some(Half::All(all)), found) => {
            hit_or_miss(state, caller, found.filter(|it| it.seen.all == all));
        }
        (_, Some(entry)) => state.callers[caller].at = At::HalfRead(Half::Entry(entry)),
    }
    miss_if_void(state, caller, protocol);
}

/// In a cluster: reads everything's version.
pub(crate) fn read_all(state: &mut State, caller: usize, protocol: &Protocol) {
    let before = half_of(state, caller, protocol);
    match (before, state.server.all) {
        (_, None) => hit_or_miss(state, caller, None),
        (Some(Half::Entry(entry)), Some(all)) => {
            let found = Some(entry).filter(|it| it.seen.all == all);
            hit_or_miss(state, caller, found);
        }
        (_, Some(all)) => state.callers[caller].at = At::HalfRead(Half::All(all)),
    }
    miss_if_void(state, caller, protocol);
}

fn half_of(state: &mut State, caller: usize, protocol: &Protocol) -> Option<Half> {
    match state.callers[caller].at {
        At::Idle => begin(state, caller, protocol),
        At::HalfRead(half) => return Some(half),
        _ => {}
    }
    None
}

/// A read that has begun goes on; one that has not does not begin.
fn miss_if_void(state: &mut State, caller: usize, protocol: &Protocol) {
    let begun = matches!(state.callers[caller].at, At::HalfRead(_));
    if begun && is_void(state, caller, protocol) {
        hit_or_miss(state, caller, None);
    }
}

fn is_void(state: &State, caller: usize, protocol: &Protocol) -> bool {
    let process = protocol.process_of(caller);
    state.processes[process].unconfirmed.is_some()
}

fn hit_or_miss(state: &mut State, caller: usize, found: Option<Entry>) {
    match found {
        Some(entry) => state.end(caller, entry.version),
        None => state.callers[caller].at = At::Board { anew: false },
    }
}

/// Boards the flight table: joins its flight, takes it over, or puts another in its place.
pub(crate) fn board(state: &mut State, caller: usize, protocol: &Protocol) {
    let process = protocol.process_of(caller);
    let anew = state.callers[caller].at == At::Board { anew: true };
    let Some(flight) = state.processes[process].current.filter(|_| !anew) else {
        state.flights[caller] = Some(Flight::led());
        state.processes[process].current = Some(caller);
        return lead(state, caller, caller, protocol);
    };
    state.callers[caller].at = At::Wait(flight, Joined::Late);
    if state.flight(flight).is_vacant() {
        take_over(state, caller, protocol);
    }
}

/// A waiter takes over the lead of its vacant flight, and begins anew.
pub(crate) fn take_over(state: &mut State, caller: usize, protocol: &Protocol) {
    if let At::Wait(flight, _) = state.callers[caller].at {
        *state.flight(flight) = Flight::led();
        lead(state, caller, flight, protocol);
    }
}

fn lead(state: &mut State, caller: usize, flight: usize, protocol: &Protocol) {
    let lawless = protocol.calls[caller].refresh && !protocol.holds(Rule::RefreshTakesLease);
    state.callers[caller].at = if lawless {
        At::Body(flight, Right::Lawless)
    } else {
        At::Ask(flight)
    };
}
