//! Faults of several servers, and of the room in one.

use std::fmt::Write as _;
use std::time::Duration;

use crate::kind::Server;
use crate::pantry::Pantry;
use crate::run::{Run, again, pass, turn};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// **Holds**, with everything claimed: each entry is in one of them, and each of them has versions of its
/// own.
#[test]
fn over_three_servers_every_law_holds() {
    let _turn = turn();
    let servers = [0; 3].map(|_| Server::start());
    Run::over(Pantry::One(all(&servers))).require_every_law("three servers");
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

fn all(servers: &[Server]) -> String {
    let addresses: Vec<_> = servers.iter().map(Server::address).collect();
    format!("memcache://{}", addresses.join(","))
}
