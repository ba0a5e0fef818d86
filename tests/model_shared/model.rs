//! The protocol as a model that stateright explores.

use stateright::{Model, Property};

use crate::caller::{At, Caller};
use crate::happening::happenings;
use crate::invalidator::Invalidator;
use crate::promise;
use crate::protocol::Protocol;
use crate::server::Server;
use crate::state::State;
use crate::step::Step;

impl Model for Protocol {
    type State = State;
    type Action = Step;

    /// A cold start, and one with an entry.
    fn init_states(&self) -> Vec<State> {
        let cold = self.cold();
        let server = Server::warm();
        vec![cold, State { server, ..cold }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        self.steps(state, steps);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut state = *last;
        step.apply(&mut state, self);
        state.sweep(self);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = promises();
        properties.extend(happenings(self));
        properties
    }
}

impl Protocol {
    /// Nothing is kept, and whoever takes no part is over.
    fn cold(&self) -> State {
        let mut state = State::default();
        state.callers[self.calls.len()..].fill(Caller::from(At::Over));
        state.invalidators[self.invalidations.len()..].fill(Invalidator::Over);
        state
    }
}

fn promises() -> Vec<Property<Protocol>> {
    vec![
        Property::always(promise::FRESH, promise::is_fresh),
        Property::always(promise::OWN, promise::sees_own),
        Property::always(promise::ONE_COMPUTATION, promise::computes_once),
        Property::always(promise::EVERY_CALL_ENDS, promise::every_call_ends),
    ]
}
