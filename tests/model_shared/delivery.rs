//! A command takes effect at the server, and the answer sets out.

use crate::caller::Told;
use crate::command::{Claim, Command, Parcel, To};
use crate::invalidator::Invalidator;
use crate::lead;
use crate::lease::Stored;
use crate::protocol::Protocol;
use crate::rule::Rule;
use crate::state::State;

/// A command takes effect.
pub(crate) fn deliver(state: &mut State, parcel: Parcel, protocol: &Protocol) {
    state.wire.take(parcel);
    let Parcel { to, command } = parcel;
    let rules = protocol.rules;
    match command {
        Command::Acquire { claim, draw } => {
            if claim == Claim::Steal {
                state.lose_right();
            }
            let acquired = state.server.acquire(claim, draw, protocol);
            if let (To::Dropped, Some(lease)) = (to, acquired.lease) {
                give_back(state, lease.token, protocol);
            }
            let (script, all) = (Some(acquired), acquired.all);
            tell_caller(state, to, Told { script, all });
        }
        Command::SeeAll { draw } => {
            let all = Some(state.server.see_all(draw, rules));
            tell_caller(state, to, Told { script: None, all });
        }
        Command::Release { token } => state.server.release(token, rules),
        Command::Extend { lease } => state.server.extend(lease, rules),
        Command::Invalidate { kind, draw } => {
            state.server.invalidate(kind, draw, rules);
            state.lose_right();
            tell_invalidator(state, to);
        }
        other => write(state, to, other, protocol),
    }
}

fn give_back(state: &mut State, token: u8, protocol: &Protocol) {
    if protocol.holds(Rule::DropReleasesLease) {
        state.wire.send(To::Nobody, Command::Release { token });
    }
}

fn write(state: &mut State, to: To, command: Command, protocol: &Protocol) {
    match command {
        Command::Store { token, entry } if protocol.holds(Rule::StoreIsOneStep) => {
            let stored = state.server.store(token, entry, protocol);
            tell_flight(state, to, Some(stored), None);
        }
        Command::Store { token, entry } => match state.server.compare(token, entry, protocol) {
            Stored::Kept => state.wire.send(to, Command::PutCompared { entry }),
            refused => tell_flight(state, to, Some(refused), None),
        },
        Command::PutCompared { entry } => {
            state.server.entry = Some(entry);
            state.server.lease = None;
            tell_flight(state, to, Some(Stored::Kept), None);
        }
        Command::Put { version } => {
            state.server.put(version, protocol.rules);
            tell_flight(state, to, Some(Stored::Kept), None);
        }
        Command::ProveAll { all } => {
            let unchanged = state.server.all == Some(all);
            tell_flight(state, to, None, Some(unchanged));
        }
        _ => {}
    }
}

fn tell_caller(state: &mut State, to: To, told: Told) {
    if let To::Caller(caller) = to {
        lead::hear(state, caller, told);
    }
}

fn tell_flight(state: &mut State, to: To, stored: Option<Stored>, unchanged: Option<bool>) {
    if let To::Flight(flight) = to
        && let Some(heard) = state.flight(flight).heard()
    {
        heard.stored = heard.stored.or(stored);
        heard.unchanged = heard.unchanged.or(unchanged);
    }
}

fn tell_invalidator(state: &mut State, to: To) {
    match to {
        To::Invalidator(it) => {
            let called = state.invalidators[it].called().unwrap_or(0);
            state.invalidators[it] = Invalidator::Answered { called };
        }
        To::Process(process) => state.processes[process].unconfirmed = None,
        To::Nobody | To::Dropped | To::Caller(_) | To::Flight(_) => {}
    }
}
