//! The protocol as a model that stateright explores.

use stateright::{Model, Property};

use crate::invalidator::Kind;
use crate::promise;
use crate::protocol::Protocol;
use crate::rule::Rule;
use crate::state::State;
use crate::step::Step;
use crate::store::{Entry, Store};

impl Model for Protocol {
    type State = State;
    type Action = Step;

    /// A cold start, and one with an entry.
    fn init_states(&self) -> Vec<State> {
        let (version, stamp) = (0, 0);
        let mut warm = State::default();
        warm.store = Store::warm(Entry { version, stamp });
        vec![State::default(), warm]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        self.steps(state, steps);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut state = *last;
        step.apply(&mut state, self.rules);
        state.sweep();
        debug_assert!(state.progress() > last.progress(), "{step:?} leads back");
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = promises();
        properties.extend(happenings(self));
        properties
    }
}

fn promises() -> Vec<Property<Protocol>> {
    vec![
        Property::always(promise::FRESH, promise::is_fresh),
        Property::always(promise::ONE_LEADER, promise::has_one_leader),
        Property::always(promise::ONE_COMPUTATION, promise::computes_once),
        Property::always(promise::EVERY_CALL_ENDS, promise::every_call_ends),
        Property::always(promise::NOTHING_LEFT, promise::nothing_is_left),
    ]
}

/// What must happen in a model of this size for its promises to mean anything.
fn happenings(protocol: &Protocol) -> Vec<Property<Protocol>> {
    let invalidates = |kind| protocol.invalidations.contains(&kind);
    let mut all = vec![
        Property::sometimes("a call hits", promise::hits),
        Property::sometimes("a call follows", promise::follows),
        Property::sometimes("a leader finds the entry", promise::finds_entry),
    ];
    if invalidates(Kind::Entry) || invalidates(Kind::Group) {
        all.push(Property::sometimes("a lease is held", promise::is_held_up));
        all.push(Property::sometimes("a store is lost", promise::is_lost));
    }
    if invalidates(Kind::Group) && protocol.rules.hold(Rule::StoreChecksFloor) {
        all.push(Property::sometimes("a store has moved", promise::has_moved));
    }
    if protocol.drops > 0 {
        all.push(Property::sometimes(
            "a waiter takes over",
            promise::takes_over,
        ));
    }
    all
}
