//! The steps of a leader, from asking for the lease to returning, and the landing of its flight.

use crate::caller::{At, Right, Told};
use crate::command::{Claim, Command, Draw, To};
use crate::entry::{Entry, Seen};
use crate::flight::{Heard, Joined, Phase, Proof, Void};
use crate::lease::{Acquired, Grant, Stored};
use crate::protocol::Protocol;
use crate::rule::Rule;
use crate::state::State;

/// Asks for the lease: the command is sent.
pub(crate) fn ask(state: &mut State, caller: usize, protocol: &Protocol) {
    let (At::Ask(flight) | At::HeldUp(flight)) = state.callers[caller].at else {
        return;
    };
    if protocol.holds(Rule::AcquireProvesFromSending) {
        state.mark(flight, Joined::BeforeAcquire);
    }
    let claim = claim_of(state, caller, protocol);
    state.flight(flight).void = Void::No;
    state.callers[caller].at = At::Asked(flight, Told::default());
    let draw = draw(state, protocol);
    let to = To::Caller(caller);
    state.wire.send(to, Command::Acquire { claim, draw });
    if protocol.cluster {
        state.wire.send(to, Command::SeeAll { draw });
    }
}

/// What is to keep a leader from the lease. An entry is no answer to a call that is to see an unconfirmed invalidation.
pub(crate) fn claim_of(state: &State, caller: usize, protocol: &Protocol) -> Claim {
    let held_up = matches!(state.callers[caller].at, At::HeldUp(_));
    let polite = held_up && !protocol.holds(Rule::HeldUpStaysAnew);
    if protocol.calls[caller].refresh {
        Claim::Steal
    } else if state.callers[caller].anew && !polite {
        Claim::PastEntry
    } else {
        Claim::Polite
    }
}

/// What the command brings along, where a rule is missing.
fn draw(state: &mut State, protocol: &Protocol) -> Draw {
    let dice = &mut state.server.dice;
    let mut draw = Draw::default();
    if !protocol.holds(Rule::TokenIsNewWhenSentAgain) {
        draw.token = Some(dice.token());
    }
    if !protocol.holds(Rule::VersionsAreNewWhenSentAgain) {
        draw.group = Some(dice.group());
        draw.all = Some(dice.all());
    }
    draw
}

/// The server has answered. When the answer arrives makes no difference: who is about to run its
/// body may take its time.
pub(crate) fn hear(state: &mut State, caller: usize, told: Told) {
    let At::Asked(flight, before) = state.callers[caller].at else {
        return;
    };
    let told = Told {
        script: before.script.or(told.script),
        all: before.all.or(told.all),
    };
    state.callers[caller].at = At::Asked(flight, told);
    if let Told {
        script: Some(script),
        all: Some(all),
    } = told
    {
        understand(state, caller, script, all);
    }
}

fn understand(state: &mut State, caller: usize, script: Acquired, all: u8) {
    let At::Asked(flight, _) = state.callers[caller].at else {
        return;
    };
    let group = script.group;
    state.callers[caller].at = match (script.entry, script.lease) {
        (Some(entry), _) if entry.seen.all == all => At::Found(flight, entry.version),
        (Some(_), _) => return insist(state, caller, flight, all),
        (None, Some(lease)) => {
            let seen = Seen { group, all };
            At::Body(flight, Right::Granted(Grant { lease, seen }))
        }
        (None, None) => At::HeldUp(flight),
    };
}

/// In a cluster, the entry is in force as far as the script knows, and is not: the leader asks for the lease whatever
/// the entry, under the version of everything that it has been told.
fn insist(state: &mut State, caller: usize, flight: usize, all: u8) {
    let (script, all) = (None, Some(all));
    state.callers[caller].at = At::Asked(flight, Told { script, all });
    let (claim, draw) = (Claim::PastEntry, Draw::default());
    let acquire = Command::Acquire { claim, draw };
    state.wire.send(To::Caller(caller), acquire);
}

/// A leader uses the entry that it was answered. Others may have joined since that was read.
pub(crate) fn use_found(state: &mut State, caller: usize, protocol: &Protocol) {
    let At::Found(flight, version) = state.callers[caller].at else {
        return;
    };
    state.end(caller, version);
    let proof = if !protocol.holds(Rule::FoundIsProven) {
        Proof::Everybody
    } else if protocol.holds(Rule::FoundIsReadAgain) {
        Proof::Nobody
    } else {
        Proof::Acquire
    };
    state.land(flight, version, proof);
}

/// A leader's body reads the source.
pub(crate) fn body(state: &mut State, caller: usize, protocol: &Protocol) {
    if let At::Body(flight, right) = state.callers[caller].at {
        if !protocol.holds(Rule::AcquireProvesFromSending) {
            state.mark(flight, Joined::BeforeAcquire);
        }
        state.callers[caller].at = At::Finish(flight, right, state.source);
    }
}

/// A leader returns. It does not wait for the store.
pub(crate) fn finish(state: &mut State, caller: usize, protocol: &Protocol) {
    let At::Finish(flight, right, version) = state.callers[caller].at else {
        return;
    };
    state.end(caller, version);
    match right {
        Right::Granted(grant) if is_void(state, flight, protocol) => {
            let token = grant.lease.token;
            state.wire.send(To::Nobody, Command::Release { token });
            state.land(flight, version, proof_of_refused(protocol));
        }
        Right::Granted(grant) => store(state, flight, grant, version, protocol),
        Right::Alone => state.land(flight, version, proof_of_refused(protocol)),
        Right::Degraded => state.land(flight, version, proof_of_outage(protocol)),
        Right::Lawless => {
            let put = Command::Put { version };
            send_store(state, flight, version, 0, put, protocol);
        }
    }
}

/// What was invalidated here is not stored, even where the server did not hear of it.
fn is_void(state: &mut State, flight: usize, protocol: &Protocol) -> bool {
    let below = state.flight(flight).void == Void::BelowFloor;
    below && protocol.holds(Rule::VoidIsNotStored)
}

fn store(state: &mut State, flight: usize, grant: Grant, version: u8, protocol: &Protocol) {
    let token = grant.lease.token;
    let mut seen = grant.seen;
    if !protocol.holds(Rule::SeenBeforeBody) {
        seen = state.server.see(Draw::default(), protocol.rules);
    }
    let entry = Entry { version, seen };
    let store = Command::Store { token, entry };
    send_store(state, flight, version, token, store, protocol);
    if protocol.cluster && protocol.holds(Rule::StoreReadsAll) {
        let all = seen.all;
        state
            .wire
            .send(To::Flight(flight), Command::ProveAll { all });
    }
}

fn send_store(
    state: &mut State,
    flight: usize,
    version: u8,
    token: u8,
    command: Command,
    protocol: &Protocol,
) {
    let asked = protocol.cluster && protocol.holds(Rule::StoreReadsAll);
    let heard = Heard {
        stored: None,
        unchanged: (!asked).then_some(true),
    };
    state.mark(flight, Joined::BeforeStore);
    state.flight(flight).phase = Phase::Storing {
        version,
        token,
        heard,
    };
    state.wire.send(To::Flight(flight), command);
}

/// The answer to a store arrives, and its flight lands.
pub(crate) fn land(state: &mut State, flight: usize, protocol: &Protocol) {
    let it = *state.flight(flight);
    let Some((version, stored, unchanged)) = it.answered() else {
        return;
    };
    let proven = stored == Stored::Kept && unchanged;
    let new = it.void == Void::No || !protocol.holds(Rule::OldValuesConfirmNothing);
    if proven && new {
        state.processes[protocol.process_of(flight)].unconfirmed = None;
    }
    let proof = if proven {
        proof_of_stored(protocol)
    } else {
        proof_of_refused(protocol)
    };
    state.land(flight, version, proof);
}

fn proof_of_stored(protocol: &Protocol) -> Proof {
    let rules = [Rule::ResultIsProven, Rule::StoreProvesFromSending];
    if rules.iter().all(|&rule| protocol.holds(rule)) {
        Proof::Store
    } else {
        Proof::Everybody
    }
}

/// Without an answer there is no proof but that of the acquire.
pub(crate) fn proof_of_outage(protocol: &Protocol) -> Proof {
    if protocol.holds(Rule::OutageProvesNothing) {
        Proof::Acquire
    } else {
        Proof::Everybody
    }
}

fn proof_of_refused(protocol: &Protocol) -> Proof {
    if protocol.holds(Rule::ResultIsProven) {
        Proof::Acquire
    } else {
        Proof::Everybody
    }
}
