//! A server that is not there.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use larder::ErrorKind;

use crate::bench::{Bench, Way, cache, median, say};
use crate::common::ends;
use crate::kind::{Server, connect, url};
use crate::servers::port;

fn nowhere() -> String {
    url(&format!("127.0.0.1:{}", port::free()))
}

#[test]
fn a_store_that_was_never_there_is_reported_when_it_is_asked_for() {
    let error = ends(|| connect(&nowhere()).unwrap_err());
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}

#[test]
fn without_a_store_every_answer_is_right_and_every_invalidation_unheard() {
    ends(|| {
        let (bench, cache) = (Bench::new(), cache(&nowhere()));
        for way in Way::EVERY {
            bench.assert_right(&cache, 1);
            bench.change();
            way.assert_unheard(&cache, 1);
            bench.assert_right(&cache, 1);
        }
        assert_eq!(cache.stats().hits, 0);
    });
}

/// Only cached functions hide that the store is away: who asks it by hand is told.
#[test]
fn without_a_store_operations_by_hand_say_so() {
    ends(|| {
        let cache = cache(&nowhere());
        assert!(cache.get::<u8>("key").wait().is_err());
        assert!(cache.set("key", &1_u8, 60).wait().is_err());
        assert!(cache.add("key", &1_u8, 60).wait().is_err());
        assert!(cache.incr("counter", 1).wait().is_err());
        assert!(cache.ttl("key").wait().is_err());
        let computed = cache.get_or_compute_with("key", 60, || 7_u8).wait();
        assert_eq!(computed, 7);
    });
}

/// A thousand calls, each of another key, while the server is down: it costs microseconds a call,
/// not its budget.
#[test]
fn calls_go_on_at_their_own_speed_while_the_server_is_down() {
    ends(|| {
        let mut server = Server::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        bench.until_cached(&cache, 0);
        server.kill9();
        let start = Instant::now();
        let added = (1..=1_000).map(|key| {
            let start = Instant::now();
            bench.assert_right(&cache, key);
            start.elapsed()
        });
        let added = median(added.collect());
        let total = start.elapsed();
        say(&format!(
            "server down: a call costs {added:?} more (median), 1 000 calls take {total:?}"
        ));
        assert!(total < Duration::from_secs(5), "{total:?}");
    });
}

/// Callers of one key still wait for one of them; those who came too late for the first computation
/// share the second.
#[test]
fn single_flight_stays_in_force_without_a_store() {
    ends(|| {
        let cache = cache(&nowhere());
        let bench = Bench::of_slow_bodies(Duration::from_millis(100));
        let barrier = Barrier::new(32);
        let start = Instant::now();
        thread::scope(|threads| {
            for _ in 0..32 {
                threads.spawn(|| {
                    barrier.wait();
                    bench.assert_right(&cache, 1);
                });
            }
        });
        let (runs, took) = (bench.runs.so_far(), start.elapsed());
        let told = format!("{runs} computations of 100 ms for 32 callers, in {took:?}");
        say(&format!("server down: {told}"));
        assert!(runs <= 4, "{told}");
    });
}

#[test]
fn a_store_that_comes_up_later_is_used() {
    ends(|| {
        let mut server = Server::start();
        server.kill9();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        bench.assert_right(&cache, 1);
        server.restart();
        let took = bench.until_cached(&cache, 1);
        say(&format!(
            "server up for the first time: cached after {took:?}"
        ));
    });
}
