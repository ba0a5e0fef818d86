//! A server that goes and comes back.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use larder::Cache;

use crate::bench::{Bench, Way, cache, say};
use crate::common::ends;
use crate::kind::{Server, connections, url};
use crate::servers::proxy::{Proxy, Weather};

const CALLERS: u64 = 4;

/// Calls from several threads, all answers right, while something happens.
fn among_callers(bench: &Bench, cache: &Cache, happen: impl FnOnce()) {
    let over = AtomicBool::new(false);
    thread::scope(|threads| {
        for caller in 0..CALLERS {
            let over = &over;
            threads.spawn(move || {
                while !over.load(SeqCst) {
                    bench.assert_right(cache, caller % 2);
                    thread::sleep(Duration::from_millis(1));
                }
            });
        }
        happen();
        over.store(true, SeqCst);
    });
}

#[test]
fn a_server_that_is_killed_and_restarted_is_used_again() {
    ends(|| {
        let mut server = Server::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        among_callers(&bench, &cache, || {
            for _ in 0..3 {
                bench.until_cached(&cache, 9);
                server.kill9();
                thread::sleep(Duration::from_millis(300));
                bench.assert_right(&cache, 9);
                server.restart();
                let took = bench.until_cached(&cache, 9);
                say(&format!("server restarted: cached again after {took:?}"));
            }
        });
    });
}

#[test]
fn a_server_that_is_stopped_is_used_again() {
    ends(|| {
        let server = Server::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        among_callers(&bench, &cache, || {
            bench.until_cached(&cache, 9);
            server.stop();
            thread::sleep(Duration::from_millis(500));
            Way::All.assert_unheard(&cache, 9);
            bench.assert_right(&cache, 9);
            server.cont();
            let took = bench.until_cached(&cache, 9);
            say(&format!("server goes on: cached again after {took:?}"));
        });
    });
}

#[test]
fn a_connection_that_is_closed_is_made_again() {
    ends(|| {
        let server = Server::start();
        let proxy = Proxy::to(server.port());
        let (bench, cache) = (Bench::new(), cache(&url(&proxy.address())));
        bench.until_cached(&cache, 9);
        proxy.cut();
        let took = bench.until_cached(&cache, 9);
        say(&format!("connection closed: cached again after {took:?}"));
    });
}

#[test]
fn a_half_open_connection_is_given_up() {
    ends(|| {
        let server = Server::start();
        let proxy = Proxy::to(server.port());
        let (bench, cache) = (Bench::new(), cache(&url(&proxy.address())));
        bench.until_cached(&cache, 9);
        proxy.turn(Weather::Silent);
        for _ in 0..20 {
            bench.assert_right(&cache, 9);
        }
        proxy.turn(Weather::Clear);
        let took = bench.until_cached(&cache, 9);
        say(&format!("half-open line: cached again after {took:?}"));
    });
}

/// When the server is back, nobody falls upon it: one connection a cache or few more, and one
/// computation a key or few more.
#[test]
fn a_server_that_is_back_is_not_flooded() {
    ends(|| {
        let mut server = Server::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        among_callers(&bench, &cache, || {
            bench.until_cached(&cache, 9);
            server.kill9();
            thread::sleep(Duration::from_secs(1));
            server.restart();
            bench.until_cached(&cache, 0);
            bench.until_cached(&cache, 1);
            let before = bench.runs.so_far();
            thread::sleep(Duration::from_millis(300));
            let runs = bench.runs.so_far() - before;
            assert!(runs <= 2, "{runs} computations of what is cached");
        });
        let made = connections(&server);
        // The tests' own client is among them, once a question.
        assert!(made <= 10, "{made} connections");
    });
}
