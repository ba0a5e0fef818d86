//! The freshness protocol of a shared store, explored exhaustively together with the flights of each process, and its
//! negative twins.
//!
//! A model is one key in one server, a wire, and a bounded number of callers and invalidators in two or three processes
//! that share nothing else. A command is sent, takes effect later, and is answered later still; commands overtake each
//! other, arrive after their sender has given up, or arrive twice. [stateright](https://docs.rs/stateright) visits every
//! interleaving. The protocol keeps its promises in all of them, whatever goes wrong. Without any one of its rules it
//! breaks a promise somewhere; the rules that no promise needs, or that cover for each other, have tests that say so.
//! Run with `--nocapture`, the tests print the sizes and the runs that break a promise. The figures are in
//! `docs/design/0005-freshness-in-a-shared-store.md`.
//!
//! Outside the model: time (a lease expires whenever it likes), values that are served although they are stale, bodies
//! that fail, tags (each is one more version), values set by hand, a server that loses what it has acknowledged, and
//! more than one key.

#[path = "model_shared/call.rs"]
mod call;
#[path = "model_shared/caller.rs"]
mod caller;
#[path = "model_shared/command.rs"]
mod command;
#[path = "model_shared/delivery.rs"]
mod delivery;
#[path = "model_shared/entry.rs"]
mod entry;
#[path = "model_shared/fault.rs"]
mod fault;
#[path = "model_shared/flight.rs"]
mod flight;
#[path = "model_shared/happening.rs"]
mod happening;
#[path = "model_shared/invalidation.rs"]
mod invalidation;
#[path = "model_shared/invalidator.rs"]
mod invalidator;
#[path = "model_shared/lead.rs"]
mod lead;
#[path = "model_shared/lease.rs"]
mod lease;
#[path = "model_shared/mishap.rs"]
mod mishap;
#[path = "model_shared/model.rs"]
mod model;
#[path = "model_shared/names.rs"]
mod names;
#[path = "model_shared/process.rs"]
mod process;
#[path = "model_shared/promise.rs"]
mod promise;
#[path = "model_shared/protocol.rs"]
mod protocol;
#[path = "model_shared/rule.rs"]
mod rule;
#[path = "model_shared/run.rs"]
mod run;
#[path = "model_shared/server.rs"]
mod server;
#[path = "model_shared/state.rs"]
mod state;
#[path = "model_shared/step.rs"]
mod step;
#[path = "model_shared/trace.rs"]
mod trace;
#[path = "model_shared/turn.rs"]
mod turn;
#[path = "model_shared/twins.rs"]
mod twins;
#[path = "model_shared/wire.rs"]
mod wire;

use fault::Fault::{self, Beat, Crash, Cut, Drop, Evict, Expire, Flush, GiveUp, Resend, TryAgain};
use invalidator::Kind::{All, Entry, Group};
use protocol::{A, B, C, REFRESH, cluster, single};
use run::keeps;

/// What may go wrong, one at a time.
const FAULTS: [&[Fault]; 8] = [
    &[Drop],
    &[Crash],
    &[Cut],
    &[Resend],
    &[Expire],
    &[Evict],
    &[Flush],
    &[GiveUp],
];

/// What may go wrong, two at a time.
const PAIRS: [&[Fault]; 10] = [
    &[Drop, Expire],
    &[Drop, Resend],
    &[Crash, Cut],
    &[Crash, Evict],
    &[Cut, Cut],
    &[Cut, TryAgain],
    &[Cut, Resend],
    &[Cut, Evict],
    &[Resend, Evict],
    &[Evict, Evict],
];

#[test]
fn the_protocol_keeps_its_promise_while_nothing_goes_wrong() {
    keeps(&[], single(&[A, B, C], &[], &[]));
    keeps(&[], single(&[A, A, B, B], &[(B, Entry)], &[]));
    keeps(&[], single(&[A, A, B, B], &[(B, Group)], &[]));
}

#[test]
fn the_protocol_keeps_its_promise_when_invalidations_overlap() {
    keeps(&[], single(&[A, A], &[(A, Entry), (B, Group)], &[Cut]));
    keeps(&[], single(&[A, A], &[(A, Group), (B, All)], &[Evict]));
    keeps(&[], single(&[A, A, B], &[(C, Entry), (C, Group)], &[]));
}

#[test]
fn the_protocol_keeps_its_promise_when_callers_and_processes_die() {
    keeps(&[], single(&[A, A, B], &[(A, Entry)], &[Drop]));
    keeps(&[], single(&[A, A, B], &[(A, Group)], &[Drop]));
    keeps(&[], single(&[A, A, B], &[(A, Entry)], &[Crash]));
    keeps(&[], single(&[A, A, B], &[(A, Group)], &[Crash]));
    keeps(&[], single(&[A, B, C], &[], &[Crash, Expire]));
}

#[test]
fn the_protocol_keeps_its_promise_when_connections_are_cut() {
    keeps(&[], single(&[A, A, B], &[(A, Entry)], &[Cut]));
    keeps(&[], single(&[A, A, B], &[(A, Group)], &[Cut]));
    keeps(&[], single(&[A, A], &[(A, Entry)], &[Cut, TryAgain]));
    keeps(&[], single(&[A, A], &[(A, Group)], &[Cut, TryAgain]));
    keeps(&[], single(&[A, A], &[(A, Group)], &[Cut, Cut]));
}

#[test]
fn the_protocol_keeps_its_promise_when_commands_arrive_twice() {
    keeps(&[], single(&[A, A, B], &[(A, Entry)], &[Resend]));
    keeps(&[], single(&[A, A, B], &[(A, Group)], &[Resend]));
    keeps(&[], single(&[A, B], &[(B, Entry)], &[Resend, Resend]));
}

#[test]
fn the_protocol_keeps_its_promise_when_keys_are_lost() {
    keeps(&[], single(&[A, A, B], &[(A, Entry)], &[Expire]));
    keeps(&[], single(&[A, A, B], &[(A, Entry)], &[Evict]));
    keeps(&[], single(&[A, A, B], &[(A, Group)], &[Evict]));
    keeps(&[], single(&[A, A, B], &[(A, All)], &[Flush]));
    keeps(&[], single(&[A, B], &[(B, Group)], &[Evict, Evict]));
}

#[test]
fn the_protocol_keeps_its_promise_to_who_waits_beats_or_refreshes() {
    keeps(&[], single(&[A, A, B], &[(A, Group)], &[GiveUp]));
    keeps(&[], single(&[A, A, B], &[(A, Entry)], &[Beat]));
    keeps(&[], single(&[REFRESH, A, B], &[(B, Entry)], &[]));
    keeps(&[], single(&[REFRESH, A, B], &[(B, Group)], &[]));
}

#[test]
fn the_protocol_keeps_its_promise_in_a_cluster() {
    keeps(&[], cluster(&[A, A, B], &[(C, Entry)], &[]));
    keeps(&[], cluster(&[A, A, B], &[(C, Group)], &[]));
    keeps(&[], cluster(&[A, A, B], &[(A, All)], &[]));
    keeps(&[], cluster(&[A, A], &[(A, All)], &[Cut]));
    keeps(&[], cluster(&[A, A], &[(B, All)], &[Resend]));
    keeps(&[], cluster(&[A, B], &[(C, All)], &[Evict]));
    keeps(&[], cluster(&[A, A], &[(B, All), (B, Entry)], &[]));
}

#[test]
#[ignore = "minutes"]
fn the_protocol_keeps_its_promise_to_two_callers_in_each_of_two_processes() {
    for faults in FAULTS {
        keeps(&[], single(&[A, A, B, B], &[(A, Entry)], faults));
        keeps(&[], single(&[A, A, B, B], &[(A, Group)], faults));
    }
}

#[test]
#[ignore = "minutes"]
fn the_protocol_keeps_its_promise_when_two_things_go_wrong() {
    for faults in PAIRS {
        keeps(&[], single(&[A, A, B], &[(A, Entry)], faults));
        keeps(&[], single(&[A, A, B], &[(A, Group)], faults));
    }
}

#[test]
#[ignore = "minutes"]
fn the_protocol_keeps_its_promise_when_invalidations_overlap_and_something_goes_wrong() {
    for faults in FAULTS {
        keeps(&[], single(&[A, A, B], &[(A, Entry), (B, Group)], faults));
    }
}

#[test]
#[ignore = "minutes"]
fn the_protocol_keeps_its_promise_in_a_cluster_when_something_goes_wrong() {
    for faults in FAULTS {
        keeps(&[], cluster(&[A, A, B], &[(A, Entry)], faults));
        keeps(&[], cluster(&[A, A, B], &[(A, All)], faults));
    }
    keeps(&[], cluster(&[A, A, B, B], &[(A, All)], &[]));
}
