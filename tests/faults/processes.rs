//! Faults of the processes that share a store.

use std::time::Duration;

use crate::kind::Server;
use crate::run::{Run, pass, turn};

/// **Holds.** A dead process holds its leases until they expire; what it had sent is compared like
/// everything else. Its own unacknowledged invalidations die with it, as they were never promised
/// to anybody else.
#[test]
fn a_worker_that_is_killed_leaves_nothing_stale_behind() {
    let _turn = turn();
    let server = Server::start();
    let mut run = Run::of(3, server.url());
    run.settle();
    for victim in 1..4 {
        pass(Duration::from_millis(900));
        run.kill(victim);
        run.hire();
    }
    let outcome = run.end("worker killed");
    outcome.assert_lawful();
    assert_eq!(outcome.verdict.figures.processes, 6);
}

/// **Holds.** Its leases expire while it is stopped, others compute and are invalidated; when it
/// goes on, what it had computed is refused. (One computation at a time is not claimed: a lease has
/// expired.)
#[test]
fn a_worker_that_is_stopped_for_longer_than_its_leases_stores_nothing_old() {
    let _turn = turn();
    let server = Server::start();
    let mut run = Run::of(3, server.url());
    // Slow bodies, so that it is stopped in the middle of some.
    run.slowness = Duration::from_millis(30);
    let slow = run.hire();
    run.settle();
    pass(Duration::from_millis(700));
    run.worker(slow).stop();
    pass(Duration::from_secs(6));
    run.worker(slow).cont();
    let outcome = run.end("worker stopped for 6 s");
    outcome.assert_lawful();
}
