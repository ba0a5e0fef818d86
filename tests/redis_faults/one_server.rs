//! Faults of a single server.

use std::time::Duration;

use crate::run::{Run, again, pass, turn};
use crate::servers::resp::Client;
use crate::servers::server::RedisServer;
use crate::trouble::Trouble;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Does the same to a server every so often while three workers work.
fn now_and_then(name: &str, trouble: Trouble, every: Duration, claim: fn(&mut Run)) {
    let _turn = turn();
    let server = RedisServer::start();
    let mut run = Run::of(3, server.url());
    claim(&mut run);
    run.settle();
    again(every, millis(2_500), || drop(trouble.make(&server)));
    run.end(name).assert_lawful();
}

/// **Holds**, with everything claimed: fresh, and one computation of a key at a time across
/// processes.
#[test]
fn without_a_fault_every_law_holds() {
    let _turn = turn();
    let server = RedisServer::start();
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

/// **Holds.** Entries, leases and versions die together: an absent version is a miss, an absent
/// lease stores nothing.
#[test]
fn a_server_that_comes_back_empty_costs_only_misses() {
    let _turn = turn();
    let mut server = RedisServer::start();
    let run = Run::of(3, server.url());
    run.settle();
    for _ in 0..3 {
        pass(millis(700));
        server.kill9();
        pass(millis(250));
        server.restart();
    }
    let outcome = run.end("kill -9, back empty");
    outcome.assert_lawful();
}

/// **Holds.** What was acknowledged is on the disk, so it is there after the restart: leases that
/// were deleted stay deleted, versions that moved have moved.
#[test]
fn a_durable_server_comes_back_with_every_invalidation() {
    let _turn = turn();
    let mut server = RedisServer::config().durable().start();
    let run = Run::of(3, server.url());
    run.settle();
    for _ in 0..3 {
        pass(millis(700));
        server.kill9();
        pass(millis(250));
        server.restart();
    }
    let outcome = run.end("kill -9, back with its log");
    outcome.assert_lawful();
}

/// **Holds.** What was sent to a stopped server may be executed long after its sender gave up: a
/// late store fails its compare, a late delete costs a miss. An invalidation that was given up says
/// so, holds in its own process, and is tried again.
#[test]
fn a_server_that_is_stopped_answers_late_and_nobody_is_misled() {
    let _turn = turn();
    let server = RedisServer::start();
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
    let server = RedisServer::start();
    let run = Run::of(3, server.url());
    run.settle();
    let used: u64 = server.info("memory")["used_memory"].parse().expect("bytes");
    // So little more than what a server and its connections need that keys come and go.
    let limit = (used + 400 * 1024).to_string();
    server.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    server.command(["CONFIG", "SET", "maxmemory", &limit]);
    let ballast = "x".repeat(20 * 1024);
    let mut number = 0_u32;
    again(millis(5), millis(3_000), || {
        number += 1;
        let key = format!("ballast:{}", number % 64);
        // Refused where nothing is left to evict: that is as well.
        let set = |mut client: Client| client.ask(["SET", &key, &ballast]);
        server.client().and_then(set).ok();
    });
    let evicted: u64 = server.info("stats")["evicted_keys"]
        .parse()
        .expect("a count");
    assert!(evicted > 100, "only {evicted} keys were evicted");
    run.end("eviction").assert_lawful();
}

/// **Holds.** As for a server that comes back empty, between any two commands.
#[test]
fn a_server_that_is_flushed_costs_only_misses() {
    now_and_then("FLUSHALL", Trouble::FlushAll, millis(60), |_| ());
}

/// **Holds**, and no lease is lost: one computation at a time as well.
#[test]
fn a_server_that_forgets_its_scripts_is_told_them_again() {
    now_and_then(
        "SCRIPT FLUSH",
        Trouble::ScriptFlush,
        millis(40),
        Run::claim_exclusive,
    );
}

/// **Holds.** A command whose connection is closed may or may not have been executed: every one is
/// safe when it is sent again, or an invalidation says that it does not know.
#[test]
fn connections_that_are_closed_by_the_server_are_made_again() {
    now_and_then("CLIENT KILL", Trouble::ClientKill, millis(600), |_| ());
}
