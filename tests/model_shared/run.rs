//! Exploring a model, and what is asserted of it.

use std::collections::BTreeSet;
use std::time::Instant;

use stateright::{Checker, CheckerBuilder, HasDiscoveries, Model};

use crate::protocol::Protocol;
use crate::rule::Rule;

/// Asserts that every promise is kept in every run without those rules, and that everything of interest happens.
pub(crate) fn keeps(without: &'static [Rule], protocol: Protocol) {
    let checker = protocol.without(without).checker();
    explore(checker).assert_properties();
}

/// Asserts that the promise is broken in some run without those rules, and in none with them.
pub(crate) fn breaks(promise: &'static str, without: &'static [Rule], protocol: Protocol) {
    let found = HasDiscoveries::AnyOf(BTreeSet::from([promise]));
    let twin = protocol.without(without).checker().finish_when(found);
    let run = explore(twin).assert_any_discovery(promise);
    let steps: Vec<_> = run.into_actions().iter().map(ToString::to_string).collect();
    println!("  {promise} is broken by {}", steps.join(", "));
    explore(protocol.checker()).assert_no_discovery(promise);
}

/// Visits every state, and prints how many there are.
fn explore(builder: CheckerBuilder<Protocol>) -> impl Checker<Protocol> {
    let start = Instant::now();
    let checker = builder.spawn_bfs().join();
    let (states, depth, time) = (
        checker.unique_state_count(),
        checker.max_depth(),
        start.elapsed(),
    );
    println!(
        "{}: {states} states, depth {depth}, {time:?}",
        checker.model()
    );
    checker
}
