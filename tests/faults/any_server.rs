//! Faults of a server, of whichever kind.

use std::time::Duration;

use crate::kind::{Server, flush};
use crate::pantry::Pantry;
use crate::run::{Run, again, pass, turn};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Does the same to a server every so often while three workers work.
pub(crate) fn now_and_then(name: &str, trouble: fn(&Server), every: u64, claim: fn(&mut Run)) {
    let _turn = turn();
    let server = Server::start();
    let mut run = Run::of(3, server.url());
    claim(&mut run);
    run.settle();
    again(millis(every), millis(2_500), || trouble(&server));
    run.end(name).assert_lawful();
}

/// Kills a server and starts it again, time after time while three workers work.
pub(crate) fn killed_again_and_again(name: &str, mut server: Server) {
    let run = Run::of(3, server.url());
    run.settle();
    for _ in 0..5 {
        pass(millis(700));
        server.kill9();
        pass(millis(200));
        server.restart();
    }
    run.end(name).assert_lawful();
}

/// **Holds**, with everything claimed: fresh, and one computation of a key at a time across
/// processes.
#[test]
fn without_a_fault_every_law_holds() {
    let _turn = turn();
    let server = Server::start();
    Run::over(Pantry::One(server.url())).require_every_law("no fault");
}

/// **Holds.** Entries, leases and versions die together: an absent version is a miss, an absent
/// lease stores nothing. Where a server counts its writes anew, a number that fits by accident lets
/// an old value in under versions that are gone, and nobody reads it.
#[test]
fn a_server_that_comes_back_empty_costs_only_misses() {
    let _turn = turn();
    killed_again_and_again("kill -9, back empty", Server::start());
}

/// **Holds.** What was sent to a stopped server may be executed long after its sender gave up: a
/// late write fails its compare, a late delete costs a miss. An invalidation that was given up says
/// so, holds in its own process, and is tried again.
#[test]
fn a_server_that_is_stopped_answers_late_and_nobody_is_misled() {
    let _turn = turn();
    let server = Server::start();
    let run = Run::of(3, server.url());
    run.settle();
    for stop in [300, 1_000, 40, 2_000, 120] {
        pass(millis(500));
        server.stop();
        pass(millis(stop));
        server.cont();
    }
    let outcome = run.end("server stopped");
    outcome.assert_lawful();
    let unheard = outcome.verdict.figures.unacknowledged;
    assert!(
        unheard > 0,
        "an invalidation cannot be acknowledged by a stopped server"
    );
}

/// **Holds.** As for a server that comes back empty, between any two commands, while computations
/// are under way.
#[test]
fn a_server_that_is_flushed_costs_only_misses() {
    now_and_then("flushed", flush, 60, |_| ());
}
