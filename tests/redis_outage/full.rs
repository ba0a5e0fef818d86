//! A server without room.

use crate::bench::{Bench, RECOVERY, Way, cache, say};
use crate::common::ends;
use crate::servers::server::RedisServer;
use crate::servers::until;

#[test]
fn a_server_out_of_memory_keeps_nothing_new_and_breaks_nothing() {
    ends(|| {
        let server = RedisServer::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        bench.until_cached(&cache, 0);
        set_limit(&server, "1");
        for key in 0..50 {
            bench.assert_right(&cache, key);
        }
        assert!(bench.hits(&cache, 0), "what is there can be read");
        assert!(!bench.hits(&cache, 1), "there is no room");
        let set = cache.set("key", &1_u8, 60).wait().is_ok();
        let got = cache.get::<u8>("key").wait().unwrap();
        assert_eq!(got, set.then_some(1), "what is said to be kept is kept");
        set_limit(&server, "0");
        let took = bench.until_cached(&cache, 1);
        say(&format!("room again: cached after {took:?}"));
    });
}

/// Whether or not it takes room to forget something: who says so is right.
#[test]
fn an_invalidation_on_a_full_server_is_heard_or_says_that_it_was_not() {
    for way in Way::EVERY {
        ends(move || {
            let server = RedisServer::start();
            let (bench, one) = (Bench::new(), cache(&server.url()));
            let other = cache(&server.url());
            bench.until_cached(&one, 1);
            assert!(bench.hits(&other, 1), "they share the entry");
            set_limit(&server, "1");
            bench.change();
            if way.invalidate(&one, 1).is_ok() {
                bench.assert_right(&other, 1);
            }
            bench.assert_right(&one, 1);
            set_limit(&server, "0");
            until("the news", RECOVERY, || {
                bench.call(&other, 1) == bench.right(1)
            });
        });
    }
}

fn set_limit(server: &RedisServer, bytes: &str) {
    server.command(["CONFIG", "SET", "maxmemory", bytes]);
}
