//! The negative twins: the protocol less a rule, which must break a promise, and the rules that no promise needs.

use crate::fault::Fault::{Beat, Crash, Cut, Drop, Evict, GiveUp, Resend, TryAgain};
use crate::invalidator::Kind::{All, Entry, Group};
use crate::promise::{EVERY_CALL_ENDS, FRESH, ONE_COMPUTATION, OWN};
use crate::protocol::{A, B, C, REFRESH, cluster, single};
use crate::rule::Rule;
use crate::run::{breaks, keeps};

#[test]
fn versions_read_after_the_body_break_it() {
    let rules = &[Rule::SeenBeforeBody];
    breaks(FRESH, rules, single(&[A, B], &[(C, Group)], &[]));
    breaks(FRESH, rules, cluster(&[A, B], &[(C, All)], &[]));
}

#[test]
fn deleting_an_entry_without_its_lease_breaks_it() {
    let rules = &[Rule::DeleteTakesLease];
    breaks(FRESH, rules, single(&[A, B], &[(C, Entry)], &[]));
}

#[test]
fn storing_without_comparing_the_lease_breaks_it() {
    let rules = &[Rule::StoreComparesLease];
    breaks(FRESH, rules, single(&[A, B], &[(C, Entry)], &[]));
}

/// Nobody reads what is stored under old versions; but it counts as proven.
#[test]
fn storing_without_comparing_the_versions_breaks_it() {
    let rules = &[Rule::StoreComparesVersions];
    keeps(rules, single(&[A, B, C], &[(C, Group)], &[]));
    breaks(FRESH, rules, single(&[A, A], &[(C, Group)], &[]));
}

/// In between, the lease may have been deleted or granted to another.
#[test]
fn comparing_in_the_client_breaks_it() {
    let rules = &[Rule::StoreIsOneStep];
    breaks(FRESH, rules, single(&[A, B], &[(C, Entry)], &[]));
    let size = single(&[A, A, B], &[(C, Group)], &[]);
    breaks(ONE_COMPUTATION, rules, size);
}

#[test]
fn an_absent_version_that_counts_as_valid_breaks_it() {
    let rules = &[Rule::AbsentIsMiss];
    breaks(FRESH, rules, single(&[A], &[(C, Group)], &[]));
    let rules = &[Rule::AbsentIsMiss, Rule::VersionIsDeleted];
    breaks(FRESH, rules, single(&[A], &[(C, Group)], &[Evict]));
}

#[test]
fn versions_that_count_from_zero_break_it() {
    let rules = &[Rule::VersionsAreRandom];
    breaks(FRESH, rules, single(&[A, B], &[(C, Group)], &[]));
    let rules = &[Rule::VersionsAreRandom, Rule::VersionIsDeleted];
    breaks(FRESH, rules, single(&[A, B], &[(C, Group)], &[Evict]));
}

#[test]
fn replacing_a_version_instead_of_deleting_it_does_not_break_it() {
    let rules = &[Rule::VersionIsDeleted];
    keeps(rules, single(&[A, A, B], &[(A, Group)], &[Evict]));
    keeps(rules, single(&[A, A, B], &[(A, Group)], &[Cut]));
}

/// The version that the first invalidation brought is back after the second.
#[test]
fn a_replaced_version_that_is_sent_again_breaks_it() {
    let rules = &[Rule::VersionsAreNewWhenSentAgain, Rule::VersionIsDeleted];
    let twice = single(&[A, B], &[(C, Group), (C, Group)], &[Resend]);
    breaks(FRESH, rules, twice);
}

/// An acquire that made a version makes the same one again after an invalidation.
#[test]
fn an_acquire_that_is_sent_again_with_its_versions_breaks_it() {
    let rules = &[Rule::VersionsAreNewWhenSentAgain];
    breaks(FRESH, rules, single(&[A, B], &[(C, Group)], &[Resend]));
}

/// It gives its sender the lease back that a deletion has taken.
#[test]
fn an_acquire_that_is_sent_again_with_its_token_breaks_it() {
    let rules = &[Rule::TokenIsNewWhenSentAgain];
    breaks(FRESH, rules, single(&[A, B], &[(C, Entry)], &[Resend]));
}

#[test]
fn a_refresh_that_writes_without_a_lease_breaks_it() {
    let rules = &[Rule::RefreshTakesLease];
    breaks(FRESH, rules, single(&[REFRESH, B], &[(C, Entry)], &[]));
    breaks(FRESH, rules, single(&[REFRESH, B], &[(C, Group)], &[]));
}

#[test]
fn a_lease_that_is_granted_twice_breaks_it() {
    let rules = &[Rule::LeaseIsExclusive];
    breaks(ONE_COMPUTATION, rules, single(&[A, B], &[], &[]));
}

/// The rule only spares others the wait for a computation that cannot be stored any more.
#[test]
fn a_lease_under_old_versions_that_holds_others_up_does_not_break_it() {
    let rules = &[Rule::VoidLeaseHoldsNobodyUp];
    keeps(rules, single(&[A, A, B], &[(A, Group)], &[Drop]));
    keeps(rules, single(&[A, A, B], &[(C, Group)], &[Evict]));
}

#[test]
fn a_lease_taken_from_its_holder_for_a_void_entry_breaks_it() {
    let rules = &[Rule::PastEntryIsNotPastLease];
    let cleared = cluster(&[A, B], &[(C, All)], &[]);
    breaks(ONE_COMPUTATION, rules, cleared);
}

#[test]
fn a_dead_holders_lease_that_stays_breaks_it() {
    let rules = &[Rule::LeaseExpires];
    breaks(EVERY_CALL_ENDS, rules, single(&[A, B], &[], &[Crash]));
}

/// The rule only spares others the wait until the lease expires.
#[test]
fn a_dropped_leader_that_keeps_its_lease_does_not_break_it() {
    let rules = &[Rule::DropReleasesLease];
    keeps(rules, single(&[A, A, B], &[(A, Entry)], &[Drop]));
    keeps(rules, single(&[A, B, C], &[(C, Group)], &[Drop]));
}

#[test]
fn giving_back_a_lease_without_comparing_it_breaks_it() {
    let rules = &[Rule::ReleaseComparesLease];
    breaks(ONE_COMPUTATION, rules, single(&[A, B, C], &[], &[Drop]));
}

#[test]
fn extending_a_lease_without_comparing_it_breaks_it() {
    let rules = &[Rule::BeatComparesLease];
    breaks(FRESH, rules, single(&[A, B], &[(C, Entry)], &[Beat]));
}

#[test]
fn handing_a_result_to_everybody_who_joined_breaks_it() {
    let rules = &[Rule::ResultIsProven];
    breaks(FRESH, rules, single(&[A, A], &[(C, Entry)], &[]));
    breaks(FRESH, rules, single(&[A, A], &[(C, Group)], &[]));
}

#[test]
fn counting_who_joined_when_the_store_is_answered_breaks_it() {
    let rules = &[Rule::StoreProvesFromSending];
    breaks(FRESH, rules, single(&[A, A], &[(C, Entry)], &[]));
    breaks(FRESH, rules, single(&[A, A], &[(C, Group)], &[]));
}

/// Whoever has joined by then has started before the body.
#[test]
fn counting_who_joined_when_the_body_starts_does_not_break_it() {
    let rules = &[Rule::AcquireProvesFromSending];
    keeps(rules, single(&[A, A, B], &[(A, Entry)], &[Cut]));
    keeps(rules, single(&[A, A, B], &[(C, Group)], &[GiveUp]));
    keeps(rules, single(&[A, A, B, B], &[(C, Entry)], &[]));
    keeps(rules, cluster(&[A, A], &[(B, All)], &[Cut]));
}

#[test]
fn handing_a_result_to_everybody_while_the_server_is_out_of_reach_breaks_it() {
    let rules = &[Rule::OutageProvesNothing];
    breaks(FRESH, rules, single(&[A, A], &[(C, Entry)], &[Cut]));
    breaks(FRESH, rules, single(&[A, A], &[(C, Group)], &[Cut]));
}

/// The acquire that found it proves it to who had joined before.
#[test]
fn handing_on_an_entry_that_a_leader_found_does_not_break_it() {
    let rules = &[Rule::FoundIsReadAgain];
    keeps(rules, single(&[A, A, B], &[(A, Entry)], &[]));
    keeps(rules, single(&[A, A, B], &[(C, Group)], &[Evict]));
}

#[test]
fn handing_an_entry_that_a_leader_found_to_everybody_breaks_it() {
    let rules = &[Rule::FoundIsProven];
    breaks(FRESH, rules, single(&[A, A, B], &[(C, Entry)], &[]));
    breaks(FRESH, rules, single(&[A, A, B], &[(C, Group)], &[]));
}

#[test]
fn a_store_in_a_cluster_that_does_not_read_everythings_version_breaks_it() {
    let rules = &[Rule::StoreReadsAll];
    breaks(FRESH, rules, cluster(&[A, A], &[(C, All)], &[]));
}

#[test]
fn an_invalidation_that_answers_ok_without_an_answer_breaks_it() {
    let rules = &[Rule::OkIsAcknowledged];
    breaks(FRESH, rules, single(&[A], &[(C, Entry)], &[Cut]));
}

/// Each of the two covers for the other.
#[test]
fn an_invalidation_that_never_voids_its_own_flights_breaks_it() {
    for rules in [&[Rule::VoidsBefore], &[Rule::VoidsAfter]] {
        keeps(rules, single(&[A, A, B], &[(A, Entry)], &[Cut]));
        keeps(rules, single(&[A, A, B], &[(A, Group)], &[Cut]));
    }
    let rules = &[Rule::VoidsBefore, Rule::VoidsAfter];
    breaks(OWN, rules, single(&[A, A], &[(A, Entry)], &[Cut]));
    breaks(OWN, rules, single(&[A, A], &[(A, Group)], &[Cut]));
}

/// In the invalidating process, voiding its flights again covers for handing on what was found.
#[test]
fn voiding_only_before_and_handing_on_what_a_leader_found_breaks_it() {
    let size = single(&[A, A, B], &[(A, Entry)], &[]);
    keeps(&[Rule::FoundIsProven], size);
    breaks(FRESH, &[Rule::FoundIsProven, Rule::VoidsAfter], size);
}

/// The rule only saves a command: whoever must not read what is stored does not.
#[test]
fn storing_what_was_voided_here_does_not_break_it() {
    let rules = &[Rule::VoidIsNotStored];
    keeps(rules, single(&[A, A, B], &[(A, Group)], &[Cut]));
    keeps(rules, single(&[A, A], &[(A, Group)], &[Cut, TryAgain]));
}

#[test]
fn an_unconfirmed_invalidation_that_is_forgotten_breaks_it() {
    let rules = &[Rule::UnconfirmedIsRemembered];
    breaks(OWN, rules, single(&[A], &[(A, Entry)], &[Cut]));
    breaks(OWN, rules, single(&[A], &[(A, Group)], &[Cut]));
}

/// It is stored, and taken for newer than the invalidation.
#[test]
fn an_old_value_that_ends_an_unconfirmed_invalidation_breaks_it() {
    let rules = &[Rule::OldValuesConfirmNothing];
    breaks(OWN, rules, single(&[A, A], &[(A, Entry)], &[Cut]));
    breaks(OWN, rules, single(&[A, A], &[(A, Group)], &[Cut]));
}

/// Whoever held it up may have begun before the invalidation, which the server has not heard of.
#[test]
fn a_call_that_takes_what_another_process_stored_for_its_own_invalidation_breaks_it() {
    let rules = &[Rule::HeldUpStaysAnew];
    breaks(OWN, rules, single(&[A, B], &[(A, Entry)], &[Cut]));
    breaks(OWN, rules, single(&[A, B], &[(A, Group)], &[Cut]));
}
