//! The atomic steps, and what each changes.

use crate::caller::{Answer, At, Caller, Way};
use crate::invalidator::Invalidator;
use crate::rule::{Rule, Rules};
use crate::state::State;
use crate::store::{Acquired, Entry, Stored};
use crate::table::Boarded;

/// One atomic step of a caller or of an invalidator, with its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// A call starts and reads the store.
    Read(usize),
    /// A waiter of an unproven landing reads the store again.
    ReadAgain(usize),
    /// A caller that missed boards the flight table.
    Board(usize),
    /// A waiter takes over the lead of its vacant flight.
    TakeOver(usize),
    /// A leader asks for the lease.
    Acquire(usize),
    /// A leader's body reads the source.
    Body(usize),
    /// A leader stores.
    Store(usize),
    /// A leader answers its flight's waiters and removes the flight.
    Land(usize),
    /// A leader or a waiter panics, or its future is dropped; it gives its lease back.
    Drop(usize),
    /// A dropped leader leaves its flight vacant.
    Vacate(usize),
    /// The user writes the source, about to invalidate.
    Write(usize),
    /// Invalidation of an entry: in the store.
    Remove(usize),
    /// Invalidation of an entry: in the flight table.
    Detach(usize),
    /// Invalidation of a group: the number to reach.
    Aim(usize),
    /// Invalidation of a group: the new floor.
    Raise(usize),
    /// Invalidation of a group: the new epoch, if nobody else was faster.
    Bump(usize),
    /// Invalidation of a group, the wrong way round: the new epoch.
    BumpFirst(usize),
    /// Invalidation of another group: the new epoch, which is all that this group can see.
    BumpElsewhere(usize),
}

impl Step {
    /// Takes the step.
    pub(crate) fn apply(self, state: &mut State, rules: Rules) {
        match self {
            Self::Read(caller) => read(state, caller, rules),
            Self::ReadAgain(caller) => read_again(state, caller, rules),
            Self::Board(caller) => board(state, caller, rules),
            Self::TakeOver(caller) => take_over(state, caller, rules),
            Self::Acquire(caller) => acquire(state, caller, rules),
            Self::Body(caller) => body(state, caller),
            Self::Store(caller) => store(state, caller, rules),
            Self::Land(caller) => land(state, caller),
            Self::Drop(caller) => leave(state, caller, rules),
            Self::Vacate(caller) => vacate(state, caller, rules),
            Self::Write(invalidator) => write(state, invalidator),
            Self::Remove(invalidator) => remove(state, invalidator, rules),
            Self::Detach(invalidator) => detach(state, invalidator, rules),
            Self::Aim(invalidator) => advance(state, invalidator, state.clock.aim()),
            Self::Raise(invalidator) => raise(state, invalidator, rules),
            Self::Bump(invalidator) => bump(state, invalidator),
            Self::BumpFirst(invalidator) => bump_first(state, invalidator),
            Self::BumpElsewhere(invalidator) => bump_elsewhere(state, invalidator),
        }
    }
}

/// The store's answer to a leader that is about to ask for the lease.
pub(crate) fn answer_to_acquire(state: &State, caller: usize, rules: Rules) -> Option<Acquired> {
    let mut after = *state;
    let At::Acquire(_) = state.callers[caller].at else {
        return None;
    };
    Some(after.store.acquire(caller, after.clock, rules))
}

/// The store's answer to a leader that is about to store.
pub(crate) fn answer_to_store(state: &State, caller: usize, rules: Rules) -> Option<Stored> {
    let mut after = *state;
    let entry = entry_to_store(state, caller, rules)?;
    Some(after.store.store(caller, entry, after.clock, rules))
}

/// The call starts here, at the latest: what has been promised by now is owed to it.
fn read(state: &mut State, caller: usize, rules: Rules) {
    let (owed, at) = (state.promised, At::Board);
    state.callers[caller] = Caller { owed, at };
    if let Some(version) = state.store.read(state.clock, rules) {
        state.end(caller, version, Way::Hit);
    }
}

fn read_again(state: &mut State, caller: usize, rules: Rules) {
    state.callers[caller].at = At::Board;
    if let Some(version) = state.store.read(state.clock, rules) {
        state.end(caller, version, Way::Hit);
    }
}

fn board(state: &mut State, caller: usize, rules: Rules) {
    state.callers[caller].at = match state.table.board(state.clock, rules) {
        Boarded::Leads(flight) => At::Acquire(flight),
        Boarded::Waits(flight) => At::Wait(flight),
    };
}

fn take_over(state: &mut State, caller: usize, rules: Rules) {
    if let At::Wait(flight) = state.callers[caller].at {
        state.table.take_over(flight, rules);
        state.callers[caller].at = At::Acquire(flight);
    }
}

fn acquire(state: &mut State, caller: usize, rules: Rules) {
    if let At::Acquire(flight) = state.callers[caller].at {
        let found = if rules.hold(Rule::FoundIsReadAgain) {
            Answer::Unproven
        } else {
            Answer::Shared
        };
        state.callers[caller].at = match state.store.acquire(caller, state.clock, rules) {
            Acquired::Fresh(version) => At::Land(flight, found, version),
            Acquired::Held => At::Body(flight, None),
            Acquired::Granted(stamp) => At::Body(flight, Some(stamp)),
        };
    }
}

fn body(state: &mut State, caller: usize) {
    let version = state.source;
    if let At::Body(flight, lease) = state.callers[caller].at {
        let alone = At::Land(flight, Answer::Shared, version);
        state.callers[caller].at = lease.map_or(alone, |stamp| At::Store {
            flight,
            version,
            stamp,
        });
    }
}

fn store(state: &mut State, caller: usize, rules: Rules) {
    if let At::Store { flight, .. } = state.callers[caller].at
        && let Some(entry) = entry_to_store(state, caller, rules)
    {
        state.store.store(caller, entry, state.clock, rules);
        state.callers[caller].at = At::Land(flight, Answer::Shared, entry.version);
    }
}

fn entry_to_store(state: &State, caller: usize, rules: Rules) -> Option<Entry> {
    let At::Store { version, stamp, .. } = state.callers[caller].at else {
        return None;
    };
    let before_body = rules.hold(Rule::StampBeforeBody);
    let stamp = if before_body {
        stamp
    } else {
        state.clock.stamp()
    };
    Some(Entry { version, stamp })
}

/// Answers everybody in one step: when each waiter takes its answer changes nothing for the others.
fn land(state: &mut State, caller: usize) {
    if let At::Land(flight, answer, version) = state.callers[caller].at {
        state.table.land(flight);
        state.end(caller, version, Way::Led);
        for waiter in state.waiters(flight) {
            match answer {
                Answer::Shared => state.end(waiter, version, Way::Followed),
                Answer::Unproven => state.callers[waiter].at = At::ReadAgain,
            }
        }
    }
}

fn leave(state: &mut State, caller: usize, rules: Rules) {
    let Caller { at: before, .. } = state.callers[caller];
    let (owed, at) = (0, before.leads().map_or(At::Gone, At::Vacate));
    state.callers[caller] = Caller { owed, at };
    state.dropped += 1;
    state.store.release(caller, rules);
    if let At::Wait(flight) = before {
        let waiters = state.waiters(flight).len();
        state.table.leave(flight, waiters, rules);
    }
}

fn vacate(state: &mut State, caller: usize, rules: Rules) {
    if let At::Vacate(flight) = state.callers[caller].at {
        let waiters = state.waiters(flight).len();
        state.table.vacate(flight, waiters, rules);
        state.callers[caller].at = At::Gone;
    }
}

fn write(state: &mut State, invalidator: usize) {
    state.source += 1;
    state.invalidators[invalidator] = Invalidator::Written;
}

fn remove(state: &mut State, invalidator: usize, rules: Rules) {
    state.store.remove(rules);
    advance(state, invalidator, 0);
}

fn detach(state: &mut State, invalidator: usize, rules: Rules) {
    state.table.detach(rules);
    advance(state, invalidator, 0);
}

fn raise(state: &mut State, invalidator: usize, rules: Rules) {
    if let Invalidator::Halfway { called, number } = state.invalidators[invalidator] {
        state.clock.raise(number, rules);
        if rules.hold(Rule::FloorFirst) {
            state.invalidators[invalidator] = Invalidator::Raised { called, number };
        } else {
            advance(state, invalidator, number);
        }
    }
}

fn bump(state: &mut State, invalidator: usize) {
    if let Invalidator::Raised { called, number } = state.invalidators[invalidator] {
        let moved = state.clock.bump_to(number);
        let number = state.clock.aim();
        state.invalidators[invalidator] = Invalidator::Halfway { called, number };
        if moved {
            advance(state, invalidator, number);
        }
    }
}

fn bump_first(state: &mut State, invalidator: usize) {
    let number = state.clock.bump();
    advance(state, invalidator, number);
}

fn bump_elsewhere(state: &mut State, invalidator: usize) {
    state.clock.bump();
    state.invalidators[invalidator] = Invalidator::Returned;
}

/// Notes that one of an invalidation's two steps is made. The invalidation was called just before the first, at the
/// latest, and returns with the second.
fn advance(state: &mut State, invalidator: usize, number: u8) {
    let source = state.source;
    let state_of = &mut state.invalidators[invalidator];
    if let Invalidator::Halfway { called, .. } = *state_of {
        *state_of = Invalidator::Returned;
        state.promised = state.promised.max(called);
    } else {
        let called = source;
        *state_of = Invalidator::Halfway { called, number };
    }
}
