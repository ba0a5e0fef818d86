//! The protocol: how many actors follow which rules, and whose turn it is.

use std::fmt;

use crate::caller::At;
use crate::invalidator::{Invalidator, Kind};
use crate::rule::{Rule, Rules};
use crate::state::State;
use crate::step::Step;

/// A bounded number of actors, and the rules that they follow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protocol {
    /// How many calls there are.
    pub(crate) callers: usize,
    /// The invalidations, in no order.
    pub(crate) invalidations: &'static [Kind],
    /// How many callers may be dropped.
    pub(crate) drops: u8,
    /// The rules.
    pub(crate) rules: Rules,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            callers,
            invalidations,
            drops,
            rules,
        } = self;
        write!(
            f,
            "{callers} callers, {invalidations:?}, {drops} drops, {rules:?}"
        )
    }
}

impl Protocol {
    /// Every step that somebody may take.
    pub(crate) fn steps(&self, state: &State, steps: &mut Vec<Step>) {
        for caller in self.callers_so_far(state) {
            steps.extend(step_of_caller(state, caller));
            steps.extend(self.drop_of_caller(state, caller));
        }
        for invalidator in 0..self.invalidations.len() {
            steps.extend(self.step_of_invalidator(state, invalidator));
        }
    }

    /// Tells whether nobody can take a step any more, short of being dropped.
    pub(crate) fn is_over(&self, state: &State) -> bool {
        let mut callers = 0..self.callers;
        let mut invalidators = 0..self.invalidations.len();
        callers.all(|caller| step_of_caller(state, caller).is_none())
            && invalidators.all(|it| self.step_of_invalidator(state, it).is_none())
    }

    /// The callers that have started, and one more. Callers are alike: the first that starts is called the first.
    fn callers_so_far(&self, state: &State) -> impl Iterator<Item = usize> + use<> {
        let started = state.callers.map(|caller| caller.at != At::Read);
        (0..self.callers).filter(move |&caller| caller == 0 || started[caller - 1])
    }

    fn drop_of_caller(&self, state: &State, caller: usize) -> Option<Step> {
        let at = state.callers[caller].at;
        let droppable = at.leads().is_some() || matches!(at, At::Wait(_));
        (droppable && state.dropped < self.drops).then_some(Step::Drop(caller))
    }

    fn step_of_invalidator(&self, state: &State, invalidator: usize) -> Option<Step> {
        let at = state.invalidators[invalidator];
        let (first, second) = match self.invalidations[invalidator] {
            Kind::Entry if self.rules.hold(Rule::DeleteStoreBeforeTable) => {
                (Step::Remove(invalidator), Step::Detach(invalidator))
            }
            Kind::Entry => (Step::Detach(invalidator), Step::Remove(invalidator)),
            Kind::Group if self.rules.hold(Rule::FloorFirst) => {
                (Step::Aim(invalidator), Step::Raise(invalidator))
            }
            Kind::Group => (Step::BumpFirst(invalidator), Step::Raise(invalidator)),
            Kind::OtherGroup => {
                let only = Step::BumpElsewhere(invalidator);
                return (at == Invalidator::Idle).then_some(only);
            }
        };
        match at {
            Invalidator::Idle => Some(Step::Write(invalidator)),
            Invalidator::Written => Some(first),
            Invalidator::Halfway { .. } => Some(second),
            Invalidator::Raised { .. } => Some(Step::Bump(invalidator)),
            Invalidator::Returned => None,
        }
    }
}

fn step_of_caller(state: &State, caller: usize) -> Option<Step> {
    match state.callers[caller].at {
        At::Read => Some(Step::Read(caller)),
        At::ReadAgain => Some(Step::ReadAgain(caller)),
        At::Board => Some(Step::Board(caller)),
        At::Wait(flight) if state.table.flight(flight).led => None,
        At::Wait(_) => Some(Step::TakeOver(caller)),
        At::Acquire(_) => Some(Step::Acquire(caller)),
        At::Body(..) => Some(Step::Body(caller)),
        At::Store { .. } => Some(Step::Store(caller)),
        At::Land(..) => Some(Step::Land(caller)),
        At::Vacate(_) => Some(Step::Vacate(caller)),
        At::Gone | At::Done(_) | At::Stale { .. } => None,
    }
}
