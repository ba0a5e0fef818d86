//! Faults of a Redis.

use std::time::Duration;

use crate::any_server::{killed_again_and_again, now_and_then};
use crate::kind::{close_connections, forget_scripts};
use crate::run::{Run, again, turn};
use crate::servers::resp::Client;
use crate::servers::server::RedisServer;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// **Holds.** What was acknowledged is on the disk, so it is there after the restart: leases that
/// were deleted stay deleted, versions that moved have moved.
#[test]
fn a_durable_server_comes_back_with_every_invalidation() {
    let _turn = turn();
    let server = RedisServer::config().durable().start();
    killed_again_and_again("kill -9, back with its log", server);
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

/// **Holds**, and no lease is lost: one computation at a time as well.
#[test]
fn a_server_that_forgets_its_scripts_is_told_them_again() {
    now_and_then("SCRIPT FLUSH", forget_scripts, 40, Run::claim_exclusive);
}

/// **Holds.** A command whose connection is closed may or may not have been executed: every one is
/// safe when it is sent again, or an invalidation says that it does not know.
#[test]
fn connections_that_are_closed_by_the_server_are_made_again() {
    now_and_then("CLIENT KILL", close_connections, 600, |_| ());
}
