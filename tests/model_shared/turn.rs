//! Whose turn it is.

use crate::caller::{At, Caller, Half, Right};
use crate::command::{Claim, To};
use crate::fault::Fault;
use crate::flight::Flight;
use crate::invalidator::Invalidator;
use crate::lead::claim_of;
use crate::process::PROCESSES;
use crate::protocol::Protocol;
use crate::rule::Rule;
use crate::server::Cell;
use crate::state::State;
use crate::step::Step;

impl Step {
    /// What goes wrong with the step.
    pub(crate) fn fault(self) -> Option<Fault> {
        Some(match self {
            Self::Drop(_) => Fault::Drop,
            Self::Crash(_) => Fault::Crash,
            Self::CutAsk(_) | Self::CutStore(_) | Self::CutInvalidation(_) => Fault::Cut,
            Self::Resend(_) => Fault::Resend,
            Self::Expire => Fault::Expire,
            Self::Evict(_) => Fault::Evict,
            Self::Flush => Fault::Flush,
            Self::Beat(_) => Fault::Beat,
            Self::GiveUp(_) => Fault::GiveUp,
            Self::TryAgain(_) => Fault::TryAgain,
            _ => return None,
        })
    }
}

impl Protocol {
    /// Every step that somebody may take.
    pub(crate) fn steps(&self, state: &State, steps: &mut Vec<Step>) {
        self.due(state, steps);
        let strays = state.wire.parcels().filter(|it| it.to == To::Nobody);
        steps.extend(strays.map(Step::Deliver));
        if !self.faults.is_empty() && !state.is_over() {
            let mut mishaps = Vec::new();
            self.mishaps(state, &mut mishaps);
            let may = |step: &Step| step.fault().is_some_and(|it| self.may(it, state));
            steps.extend(mishaps.into_iter().filter(may));
        }
    }

    /// Tells whether that may still go wrong.
    fn may(&self, fault: Fault, state: &State) -> bool {
        state.spent.allows(fault, self.faults)
    }

    /// The steps that are taken sooner or later.
    pub(crate) fn due(&self, state: &State, steps: &mut Vec<Step>) {
        for caller in 0..self.calls.len() {
            self.step_of_caller(state, caller, steps);
        }
        for (flight, it) in state.flights.iter().enumerate() {
            let answered = it.is_some_and(|it| it.answered().is_some());
            steps.extend(answered.then_some(Step::Land(flight)));
        }
        let sent = state.wire.parcels().filter(|it| it.to != To::Nobody);
        steps.extend(sent.map(Step::Deliver));
        let dead = state.server.lease.is_some() && !state.is_leased();
        let expires = dead && self.holds(Rule::LeaseExpires);
        steps.extend(expires.then_some(Step::ExpireDead));
        for it in 0..self.invalidations.len() {
            steps.extend(self.step_of_invalidator(state, it));
        }
    }

    fn step_of_caller(&self, state: &State, caller: usize, steps: &mut Vec<Step>) {
        let step = match state.callers[caller].at {
            At::Idle if !self.is_next(state, caller) => return,
            At::Idle | At::ReadAgain if self.cluster && !self.calls[caller].refresh => {
                steps.push(Step::ReadEntry(caller));
                Step::ReadAll(caller)
            }
            At::Idle => Step::Start(caller),
            At::ReadAgain => Step::ReadAgain(caller),
            At::HalfRead(Half::Entry(_)) => Step::ReadAll(caller),
            At::HalfRead(Half::All(_)) => Step::ReadEntry(caller),
            At::Board { .. } => Step::Board(caller),
            At::Wait(flight, _) if is_vacant(state, flight) => Step::TakeOver(caller),
            At::Ask(_) => Step::Ask(caller),
            At::HeldUp(_) if self.is_worth_asking(state, caller) => Step::Ask(caller),
            At::Found(..) => Step::Use(caller),
            At::Body(..) => Step::Body(caller),
            At::Finish(..) => Step::Finish(caller),
            At::Wait(..) | At::Asked(..) | At::HeldUp(_) | At::Over | At::Old(_) => return,
        };
        steps.push(step);
    }

    /// Tells whether a call may start. Calls that are alike start in order.
    fn is_next(&self, state: &State, caller: usize) -> bool {
        let mut earlier = 0..caller;
        earlier.all(|it| self.calls[it] != self.calls[caller] || state.callers[it].at != At::Idle)
    }

    /// Tells whether a leader that was held up finds something new. It asks again and again; the other
    /// times change nothing. (A read that hits comes to the same as an acquire that finds.)
    fn is_worth_asking(&self, state: &State, caller: usize) -> bool {
        let finds = state.server.read(self.rules).is_some();
        let takes = claim_of(state, caller, self) == Claim::Polite;
        state.server.is_free(self.rules) || (finds && takes)
    }

    fn step_of_invalidator(&self, state: &State, it: usize) -> Option<Step> {
        let alike = |other: &usize| self.invalidations[*other] == self.invalidations[it];
        let idle = |other: usize| state.invalidators[other] == Invalidator::Idle;
        match state.invalidators[it] {
            Invalidator::Idle if (0..it).filter(alike).any(idle) => None,
            Invalidator::Idle => Some(Step::Invalidate(it)),
            Invalidator::Answered { .. } => Some(Step::Acknowledged(it)),
            Invalidator::Sent { .. } | Invalidator::Over => None,
        }
    }

    /// The steps that go wrong, whether or not they still may.
    fn mishaps(&self, state: &State, steps: &mut Vec<Step>) {
        for (caller, it) in state.callers.iter().enumerate() {
            mishaps_of_caller(caller, it, steps);
        }
        for (flight, it) in state.flights.iter().enumerate() {
            let storing = it.is_some_and(|mut it| it.heard().is_some());
            steps.extend(storing.then_some(Step::CutStore(flight)));
        }
        for (number, it) in state.invalidators.iter().enumerate() {
            let under_way = it.called().is_some();
            steps.extend(under_way.then_some(Step::CutInvalidation(number)));
        }
        let sent = state.wire.parcels().filter(|it| it.to != To::Nobody);
        steps.extend(sent.map(Step::Resend));
        mishaps_of_server(state, steps);
        self.mishaps_of_processes(state, steps);
    }

    fn mishaps_of_processes(&self, state: &State, steps: &mut Vec<Step>) {
        for process in 0..PROCESSES {
            let busy = |caller: usize| {
                let at = state.callers[caller].at;
                self.process_of(caller) == process && at != At::Idle
            };
            if (0..self.calls.len()).any(busy) {
                steps.push(Step::Crash(process));
            }
            if state.processes[process].unconfirmed.is_some() {
                steps.push(Step::TryAgain(process));
            }
        }
    }
}

fn is_vacant(state: &State, flight: usize) -> bool {
    state.flights[flight].is_some_and(Flight::is_vacant)
}

fn mishaps_of_server(state: &State, steps: &mut Vec<Step>) {
    steps.extend(state.is_leased().then_some(Step::Expire));
    let cells = [Cell::Entry, Cell::Lease, Cell::Group, Cell::All];
    let there = cells.into_iter().filter(|&it| state.server.has(it));
    steps.extend(there.map(Step::Evict));
    steps.push(Step::Flush);
}

fn mishaps_of_caller(caller: usize, Caller { at, .. }: &Caller, steps: &mut Vec<Step>) {
    if at.leads().is_some() || at.waits_for().is_some() {
        steps.push(Step::Drop(caller));
    }
    match at {
        At::HeldUp(_) => steps.extend([Step::CutAsk(caller), Step::GiveUp(caller)]),
        At::Asked(..) | At::Found(..) => steps.push(Step::CutAsk(caller)),
        At::Body(_, Right::Granted(_)) => steps.extend([Step::CutAsk(caller), Step::Beat(caller)]),
        At::Finish(_, Right::Granted(_), _) => steps.push(Step::Beat(caller)),
        _ => {}
    }
}
