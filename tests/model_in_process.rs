//! The freshness protocol in one process, explored exhaustively, and its negative twins.
//!
//! A model is a bounded number of callers and invalidators of one key, each a small machine whose steps are the atomic
//! steps of the real code. [stateright](https://docs.rs/stateright) visits every interleaving of them, drops included.
//! The protocol keeps its promises in all of them. Without any one of its rules it breaks a promise somewhere, which
//! shows both that the rule is needed and that the model would notice; the rules that no promise needs, or that cover for
//! each other, have tests that say so. Run with `--nocapture`, the tests print the sizes and the runs that break a promise.
//!
//! Outside the model: memory orderings (each atomic is sequentially consistent here), how a waiter is woken (it sees a
//! vacant flight by looking), bodies that fail, bounded waiting, and re-entry.

#[path = "model_in_process/caller.rs"]
mod caller;
#[path = "model_in_process/clock.rs"]
mod clock;
#[path = "model_in_process/invalidator.rs"]
mod invalidator;
#[path = "model_in_process/model.rs"]
mod model;
#[path = "model_in_process/promise.rs"]
mod promise;
#[path = "model_in_process/protocol.rs"]
mod protocol;
#[path = "model_in_process/rule.rs"]
mod rule;
#[path = "model_in_process/state.rs"]
mod state;
#[path = "model_in_process/step.rs"]
mod step;
#[path = "model_in_process/store.rs"]
mod store;
#[path = "model_in_process/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::time::Instant;

use invalidator::Kind::{self, Entry, Group, OtherGroup};
use promise::{EVERY_CALL_ENDS, FRESH, NOTHING_LEFT, ONE_COMPUTATION, ONE_LEADER};
use protocol::Protocol;
use rule::{Rule, Rules};
use stateright::{Checker, CheckerBuilder, HasDiscoveries, Model};

/// A model's size: how many callers, which invalidations, how many drops.
type Size = (usize, &'static [Kind], u8);

#[test]
fn the_protocol_keeps_its_promise_without_invalidations() {
    keeps(&[], (2, &[], 2));
    keeps(&[], (4, &[], 2));
}

#[test]
fn the_protocol_keeps_its_promise_when_an_entry_is_deleted() {
    keeps(&[], (4, &[Entry], 2));
    keeps(&[], (3, &[Entry, Entry], 1));
    keeps(&[], (3, &[Entry, OtherGroup], 1));
}

#[test]
fn the_protocol_keeps_its_promise_when_a_group_is_invalidated() {
    keeps(&[], (3, &[Group], 2));
    keeps(&[], (3, &[Group, Group], 0));
    keeps(&[], (3, &[Group, OtherGroup], 1));
}

#[test]
fn the_protocol_keeps_its_promise_when_an_entry_and_its_group_are_invalidated() {
    keeps(&[], (3, &[Entry, Group], 1));
}

#[test]
#[ignore = "half a minute"]
fn the_protocol_keeps_its_promise_to_four_callers() {
    keeps(&[], (4, &[Group], 2));
    keeps(&[], (3, &[Group, Group], 1));
    keeps(&[], (4, &[Entry, Entry], 0));
    keeps(&[], (4, &[Group, Group], 0));
    keeps(&[], (4, &[Entry, Group], 1));
}

#[test]
fn a_stamp_taken_after_the_body_breaks_it() {
    breaks(FRESH, &[Rule::StampBeforeBody], (2, &[Group], 0));
}

#[test]
fn deleting_an_entry_without_its_lease_breaks_it() {
    breaks(FRESH, &[Rule::DeleteTakesLease], (2, &[Entry], 0));
}

#[test]
fn deleting_an_entry_without_detaching_its_flight_breaks_it() {
    breaks(FRESH, &[Rule::DeleteDetachesFlight], (2, &[Entry], 0));
}

/// What a flight that starts in between finds in the store is not shared, which covers it.
#[test]
fn detaching_the_flight_before_deleting_the_entry_does_not_break_it() {
    let rules = &[Rule::DeleteStoreBeforeTable];
    keeps(rules, (4, &[Entry], 1));
    keeps(rules, (3, &[Entry, Entry], 1));
    keeps(rules, (3, &[Entry, Group], 0));
    let rules = &[Rule::DeleteStoreBeforeTable, Rule::FoundIsReadAgain];
    breaks(FRESH, rules, (3, &[Entry], 0));
}

/// Of two overlapping invalidations the one with the lower number may write the floor last.
#[test]
fn a_floor_that_can_sink_breaks_it() {
    keeps(&[Rule::FloorOnlyRises], (3, &[Group], 1));
    let size = (2, &[Group, Group, OtherGroup][..], 0);
    breaks(FRESH, &[Rule::FloorOnlyRises], size);
}

#[test]
fn boarding_without_comparing_the_floor_breaks_it() {
    breaks(FRESH, &[Rule::BoardChecksFloor], (2, &[Group], 0));
}

#[test]
fn reading_without_comparing_the_floor_breaks_it() {
    breaks(FRESH, &[Rule::ReadChecksFloor], (2, &[Group], 0));
}

/// If the epoch moved first, a flight would get the new stamp while an old entry is still valid, and its leader would
/// hand the old value to whoever joins after the invalidation. Either rule prevents that. (With a second key the order
/// matters by itself: a body that hits an old entry of another function would keep what it made of it.)
#[test]
fn moving_the_epoch_first_and_sharing_what_a_leader_found_breaks_it() {
    keeps(&[Rule::FloorFirst], (3, &[Group, Group], 0));
    keeps(&[Rule::FoundIsReadAgain], (3, &[Group, Entry], 0));
    let rules = &[Rule::FloorFirst, Rule::FoundIsReadAgain];
    breaks(FRESH, rules, (3, &[Group], 0));
}

#[test]
fn storing_without_comparing_the_token_breaks_it() {
    breaks(FRESH, &[Rule::StoreChecksToken], (2, &[Entry], 0));
}

#[test]
fn a_dropped_leader_that_does_not_hand_over_breaks_it() {
    breaks(EVERY_CALL_ENDS, &[Rule::DropHandsOver], (2, &[], 1));
}

#[test]
fn handing_over_to_every_waiter_breaks_it() {
    breaks(ONE_LEADER, &[Rule::OneTakesOver], (3, &[], 1));
    breaks(ONE_COMPUTATION, &[Rule::OneTakesOver], (3, &[], 1));
}

#[test]
fn a_dropped_leader_that_keeps_its_lease_breaks_it() {
    breaks(NOTHING_LEFT, &[Rule::DropReleasesLease], (1, &[], 1));
}

#[test]
fn a_deserted_flight_that_stays_breaks_it() {
    let rules = &[Rule::LastWaiterRemovesFlight];
    breaks(NOTHING_LEFT, rules, (2, &[], 2));
}

/// The rule only saves memory: a value stored under an old stamp is never read.
#[test]
fn storing_without_comparing_the_floor_does_not_break_it() {
    keeps_in_a_crowd(&[Rule::StoreChecksFloor]);
}

#[test]
fn acquiring_without_comparing_the_floor_breaks_it() {
    breaks(FRESH, &[Rule::AcquireChecksFloor], (2, &[Group], 0));
}

/// Asserts that the promises are kept without the rules too, among more actors than break any other rule.
fn keeps_in_a_crowd(rules: &'static [Rule]) {
    keeps(rules, (3, &[Group], 1));
    keeps(rules, (3, &[Group, Group], 0));
    keeps(rules, (3, &[Group, Entry], 0));
}

/// Asserts that every promise is kept in every run without those rules, and that everything of interest happens.
fn keeps(without: &'static [Rule], size: Size) {
    let checker = explore(protocol(without, size).checker());
    checker.assert_properties();
}

/// Asserts that the promise is broken in some run without those rules, and in none with them.
fn breaks(promise: &'static str, without: &'static [Rule], size: Size) {
    let found = HasDiscoveries::AnyOf(BTreeSet::from([promise]));
    let twin = protocol(without, size).checker().finish_when(found);
    let path = explore(twin).assert_any_discovery(promise);
    println!("  {promise} is broken by {:?}", path.into_actions());
    explore(protocol(&[], size).checker()).assert_no_discovery(promise);
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

fn protocol(without: &'static [Rule], (callers, invalidations, drops): Size) -> Protocol {
    Protocol {
        callers,
        invalidations,
        drops,
        rules: Rules::without(without),
    }
}
