//! A server that answers late, or not at all.

use std::thread;
use std::time::{Duration, Instant};

use larder::Cache;

use crate::bench::{Bench, Way, cache, median, say};
use crate::common::ends;
use crate::kind::{Server, url};
use crate::servers::proxy::{Proxy, Weather};

/// The budget of a command is 50 ms and a call sends a few; the rest is the machine's.
const IN_TIME: Duration = Duration::from_secs(1);

/// Calls of many keys; each is right and in time.
fn assert_in_time(bench: &Bench, cache: &Cache, keys: std::ops::Range<u64>) -> Duration {
    let times = keys.map(|key| {
        let start = Instant::now();
        bench.assert_right(cache, key);
        let took = start.elapsed();
        assert!(took < IN_TIME, "key {key} took {took:?}");
        took
    });
    median(times.collect())
}

#[test]
fn a_server_that_is_stopped_costs_a_budget_and_not_a_hang() {
    ends(|| {
        let server = Server::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        bench.until_cached(&cache, 0);
        server.stop();
        let median = assert_in_time(&bench, &cache, 1..200);
        say(&format!(
            "server stopped: a call costs {median:?} more (median)"
        ));
        for way in Way::EVERY {
            bench.change();
            way.assert_unheard(&cache, 1);
            bench.assert_right(&cache, 1);
        }
        server.cont();
        bench.until_cached(&cache, 1);
        bench.assert_right(&cache, 1);
    });
}

#[test]
fn a_line_slower_than_the_budget_costs_a_budget_and_not_a_hang() {
    ends(|| {
        let server = Server::start();
        let proxy = Proxy::to(server.port());
        let (bench, cache) = (Bench::new(), cache(&url(&proxy.address())));
        bench.until_cached(&cache, 0);
        proxy.turn(Weather::Slow(Duration::from_millis(200)));
        let median = assert_in_time(&bench, &cache, 1..60);
        say(&format!(
            "line of 400 ms: a call costs {median:?} more (median)"
        ));
        proxy.turn(Weather::Clear);
        bench.until_cached(&cache, 1);
    });
}

#[test]
fn a_line_within_the_budget_is_waited_for() {
    ends(|| {
        let server = Server::start();
        let proxy = Proxy::to(server.port());
        let (bench, cache) = (Bench::new(), cache(&url(&proxy.address())));
        bench.until_cached(&cache, 0);
        proxy.turn(Weather::Slow(Duration::from_millis(3)));
        bench.until_cached(&cache, 1);
        assert_in_time(&bench, &cache, 0..20);
    });
}

/// Answers that come when nobody waits for them any more belong to nobody else.
#[test]
fn late_answers_are_not_taken_for_others() {
    ends(|| {
        let server = Server::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        for round in 0..5 {
            bench.until_cached(&cache, 0);
            server.stop();
            thread::scope(|threads| {
                for key in 0..8 {
                    let (bench, cache) = (&bench, &cache);
                    threads.spawn(move || bench.assert_right(cache, key));
                }
            });
            server.cont();
            for key in 0..8 {
                bench.assert_right(&cache, key + round);
            }
        }
    });
}
