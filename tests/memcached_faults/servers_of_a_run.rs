//! Faults of the servers.

use std::fmt::Write as _;
use std::time::Duration;

use crate::kind::Server;
use crate::pantry::Pantry;
use crate::run::{Run, again, pass, turn};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// **Holds**, with everything claimed: fresh, and one computation of a key at a time across
/// processes.
#[test]
fn without_a_fault_every_law_holds() {
    let _turn = turn();
    let server = Server::start();
    let mut run = Run::of(4, server.url());
    run.claim_exclusive();
    run.settle();
    pass(millis(2_500));
    let outcome = run.end("no fault");
    outcome.assert_lawful();
    let prevented = outcome.totals.stale_prevented;
    assert!(
        prevented > 0,
        "no value ever came too late: a run that tests nothing"
    );
}

/// **Holds**, with everything claimed: each entry is in one of them, and each of them has versions of its
/// own.
#[test]
fn over_three_servers_every_law_holds() {
    let _turn = turn();
    let servers = [0; 3].map(|_| Server::start());
    let mut run = Run::over(Pantry::One(all(&servers)));
    run.claim_exclusive();
    run.hire_many(4);
    run.settle();
    pass(millis(2_500));
    run.end("three servers").assert_lawful();
}

/// **Holds.** Entries, leases and versions die together. The server counts its writes anew: a number
/// that fits by accident lets an old value in under versions that are gone, and nobody reads it.
#[test]
fn a_server_that_comes_back_empty_costs_only_misses() {
    let _turn = turn();
    let mut server = Server::start();
    let run = Run::of(3, server.url());
    run.settle();
    for _ in 0..5 {
        pass(millis(700));
        server.kill9();
        pass(millis(150));
        server.restart();
    }
    run.end("kill -9, back empty").assert_lawful();
}

/// **Holds.** What covers all servers is acknowledged by all of them or not at all.
#[test]
fn one_of_two_servers_that_comes_and_goes_costs_only_misses() {
    let _turn = turn();
    let mut servers = [0; 2].map(|_| Server::start());
    let mut run = Run::over(Pantry::One(all(&servers)));
    run.hire_many(3);
    run.settle();
    for round in 0..6 {
        pass(millis(500));
        let server = &mut servers[round % 2];
        server.kill9();
        pass(millis(300));
        server.restart();
    }
    let outcome = run.end("one of two killed");
    outcome.assert_lawful();
    assert!(outcome.verdict.figures.unacknowledged > 0);
}

/// **Holds.** What was sent to a stopped server may be executed long after its sender gave up: a late
/// write fails its compare, a late delete costs a miss. An invalidation that was given up says so,
/// holds in its own process, and is tried again.
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

/// **Holds.** An evicted entry is a miss; an evicted version is a miss of all that it covers; an
/// evicted lease stores nothing. Leases that are evicted cost a second computation.
#[test]
fn a_server_that_evicts_everything_costs_only_misses() {
    let _turn = turn();
    let server = Server::with(["-m", "2", "-o", "no_lru_maintainer"]);
    let run = Run::of(3, server.url());
    run.settle();
    let mut number = 0_u32;
    let before = server.stat("evictions");
    // As many small items as there is room for, again and again: of the sizes that entries, leases and
    // versions have.
    again(millis(5), millis(3_000), || {
        let mut words = String::new();
        for _ in 0..400 {
            number += 1;
            for size in [16, 60, 100, 140] {
                let value = "x".repeat(size);
                write!(words, "ms ballast-{size}-{number} {size} q\r\n{value}\r\n").unwrap();
            }
        }
        server.say(&(words + "mn\r\n"), "MN");
    });
    assert!(
        server.stat("evictions") > before + 10_000,
        "nothing was evicted"
    );
    run.end("evictions").assert_lawful();
}

/// **Holds.** Everything is gone at once, while computations are under way.
#[test]
fn a_server_that_is_flushed_costs_only_misses() {
    let _turn = turn();
    let server = Server::start();
    let run = Run::of(3, server.url());
    run.settle();
    again(millis(60), millis(2_500), || {
        server.say("flush_all\r\n", "OK");
    });
    run.end("flush_all").assert_lawful();
}

fn all(servers: &[Server]) -> String {
    let addresses: Vec<_> = servers.iter().map(Server::address).collect();
    format!("memcache://{}", addresses.join(","))
}
