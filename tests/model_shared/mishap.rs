//! The steps that go wrong.

use crate::caller::{At, Caller, Right};
use crate::command::{Command, Parcel, To};
use crate::flight::Phase;
use crate::invalidator::Invalidator;
use crate::lead;
use crate::lease::{Grant, Held};
use crate::process::Process;
use crate::protocol::Protocol;
use crate::rule::Rule;
use crate::server::Cell;
use crate::state::State;

/// A leader or a waiter is dropped. A leader gives its lease back, now or when it is granted, and leaves its flight
/// vacant.
pub(crate) fn drop_call(state: &mut State, caller: usize, protocol: &Protocol) {
    let before = state.callers[caller].at;
    state.callers[caller] = Caller::from(At::Over);
    state.wire.redirect(To::Caller(caller), To::Dropped);
    let kept = !protocol.holds(Rule::DropReleasesLease);
    if let Some(token) = before.token().filter(|_| !kept) {
        state.wire.send(To::Nobody, Command::Release { token });
    }
    if let Some(flight) = before.leads() {
        state.flight(flight).phase = Phase::Vacant;
    }
    if let Some(flight) = before.leads().or(before.waits_for()) {
        state.remove_if_deserted(flight);
    }
}

/// A process dies. Its commands are on their way all the same.
pub(crate) fn crash(state: &mut State, process: usize, protocol: &Protocol) {
    state.processes[process] = Process::default();
    for caller in 0..protocol.calls.len() {
        if protocol.process_of(caller) == process {
            crash_caller(state, caller);
        }
    }
    for it in 0..protocol.invalidations.len() {
        let own = protocol.invalidations[it].0.process == process;
        if own && state.invalidators[it].called().is_some() {
            state.invalidators[it] = Invalidator::Over;
            state.wire.abandon(To::Invalidator(it));
        }
    }
    state.wire.abandon(To::Process(process));
}

fn crash_caller(state: &mut State, caller: usize) {
    state.flights[caller] = None;
    state.wire.abandon(To::Flight(caller));
    state.wire.abandon(To::Caller(caller));
    let at = state.callers[caller].at;
    if at != At::Idle && !at.is_over() {
        state.callers[caller] = Caller::from(At::Over);
    }
}

/// A leader that asked for the lease gets an error: it computes without it.
pub(crate) fn cut_ask(state: &mut State, caller: usize) {
    state.wire.abandon(To::Caller(caller));
    alone(state, caller, Right::Degraded);
}

/// A leader that is held up does not wait any longer: it computes without the lease.
pub(crate) fn give_up(state: &mut State, caller: usize) {
    alone(state, caller, Right::Alone);
}

fn alone(state: &mut State, caller: usize, right: Right) {
    if let Some(flight) = state.callers[caller].at.leads() {
        state.callers[caller].at = At::Body(flight, right);
    }
}

/// A flight's store gets an error, and the flight lands.
pub(crate) fn cut_store(state: &mut State, flight: usize, protocol: &Protocol) {
    state.wire.abandon(To::Flight(flight));
    if let Phase::Storing { version, .. } = state.flight(flight).phase {
        state.land(flight, version, lead::proof_of_outage(protocol));
    }
}

/// A command is sent a second time; the first answer counts.
pub(crate) fn resend(state: &mut State, parcel: Parcel) {
    state.wire.send(To::Nobody, parcel.command);
}

/// A key is lost.
pub(crate) fn lose(state: &mut State, cell: Cell) {
    state.server.lose(cell);
    if cell != Cell::Entry {
        state.lose_right();
    }
}

/// All keys are lost.
pub(crate) fn flush(state: &mut State) {
    for cell in [Cell::Entry, Cell::Lease, Cell::Group, Cell::All] {
        lose(state, cell);
    }
}

/// A leader extends its lease.
pub(crate) fn beat(state: &mut State, caller: usize, protocol: &Protocol) {
    if let Some(Grant { lease, seen }) = state.callers[caller].at.grant() {
        let (token, group) = (lease.token, seen.group);
        let all = (!protocol.cluster).then_some(seen.all);
        let lease = Held { token, group, all };
        state.wire.send(To::Nobody, Command::Extend { lease });
    }
}
