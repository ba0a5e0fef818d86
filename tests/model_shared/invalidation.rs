//! The steps of an invalidation.

use crate::command::{Command, Draw, To};
use crate::flight::Void;
use crate::invalidator::{Invalidator, Kind};
use crate::protocol::{Call, Protocol};
use crate::rule::Rule;
use crate::state::State;

/// The user writes the source and invalidates: here first, then the command is sent.
pub(crate) fn call(state: &mut State, it: usize, protocol: &Protocol) {
    state.source += 1;
    let called = state.source;
    if protocol.holds(Rule::VoidsBefore) {
        void(state, it, protocol);
    }
    state.invalidators[it] = Invalidator::Sent { called };
    let (_, kind) = protocol.invalidations[it];
    send(state, To::Invalidator(it), kind, protocol);
}

fn send(state: &mut State, to: To, kind: Kind, protocol: &Protocol) {
    let mut draw = Draw::default();
    if !protocol.holds(Rule::VersionsAreNewWhenSentAgain) {
        match kind {
            Kind::Entry => {}
            Kind::Group => draw.group = Some(state.server.dice.group()),
            Kind::All => draw.all = Some(state.server.dice.all()),
        }
    }
    state.wire.send(to, Command::Invalidate { kind, draw });
}

/// The answer arrives, and the invalidation returns `Ok`.
pub(crate) fn acknowledged(state: &mut State, it: usize, protocol: &Protocol) {
    let called = state.invalidators[it].called().unwrap_or(0);
    state.promised = state.promised.max(called);
    settle(state, it, called, protocol);
}

/// The answer fails to arrive, and the invalidation returns `Err`.
pub(crate) fn cut(state: &mut State, it: usize, protocol: &Protocol) {
    let called = state.invalidators[it].called().unwrap_or(0);
    let (Call { process, .. }, kind) = protocol.invalidations[it];
    state.wire.abandon(To::Invalidator(it));
    if !protocol.holds(Rule::OkIsAcknowledged) {
        return acknowledged(state, it, protocol);
    }
    if protocol.holds(Rule::UnconfirmedIsRemembered) {
        state.processes[process].unconfirmed = Some(kind);
    }
    settle(state, it, called, protocol);
}

fn settle(state: &mut State, it: usize, called: u8, protocol: &Protocol) {
    if protocol.holds(Rule::VoidsAfter) {
        void(state, it, protocol);
    }
    let (Call { process, .. }, _) = protocol.invalidations[it];
    let own = &mut state.processes[process].own;
    *own = called.max(*own);
    state.invalidators[it] = Invalidator::Over;
}

/// Voids the flights of the invalidator's process: nobody joins them any more.
fn void(state: &mut State, it: usize, protocol: &Protocol) {
    let (Call { process, .. }, kind) = protocol.invalidations[it];
    let void = match kind {
        Kind::Entry => Void::Detached,
        Kind::Group | Kind::All => Void::BelowFloor,
    };
    state.processes[process].current = None;
    for opener in 0..protocol.calls.len() {
        let own = protocol.process_of(opener) == process;
        if let Some(flight) = state.flights[opener].as_mut().filter(|_| own) {
            flight.void = void.max(flight.void);
        }
    }
}

/// A process has its unconfirmed invalidation tried again.
pub(crate) fn try_again(state: &mut State, process: usize, protocol: &Protocol) {
    if let Some(kind) = state.processes[process].unconfirmed {
        send(state, To::Process(process), kind, protocol);
    }
}
