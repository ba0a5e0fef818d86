//! A server without room.

use crate::bench::{Bench, Way, cache};
use crate::common::ends;
use crate::kind::connections;
use crate::servers::memcached::MemcachedServer;

/// A server that evicts nothing (`-M`) and has no room left for items of any size that is used here.
fn full() -> MemcachedServer {
    let server = MemcachedServer::with(["-M", "-m", "2"]);
    let value = "x".repeat(900);
    for size in [900, 600, 400, 250, 200, 150, 100, 60, 30, 1] {
        for round in 0.. {
            let put = |n| {
                format!(
                    "ms filler-{size}-{round}-{n} {size}\r\n{}\r\n",
                    &value[..size]
                )
            };
            let words: String = (0..500).map(put).collect();
            let answers = server.say(&(words + "mn\r\n"), "MN");
            if answers
                .iter()
                .any(|answer| answer.starts_with("SERVER_ERROR"))
            {
                break;
            }
        }
    }
    server
}

#[test]
fn a_server_out_of_memory_keeps_nothing_and_breaks_nothing() {
    ends(|| {
        let server = full();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        bench.assert_right(&cache, 0);
        let before = connections(&server);
        for key in 0..50 {
            bench.assert_right(&cache, key);
        }
        assert!(!bench.hits(&cache, 1), "there is no room");
        let error = cache.set("key", &"x".repeat(500), 60).wait().unwrap_err();
        assert!(error.to_string().contains("out of memory"), "{error}");
        assert_eq!(cache.get::<String>("key").wait().unwrap(), None);
        // A question of the test's own each.
        assert!(connections(&server) <= before + 2, "the line stays open");
    });
}

/// It takes no room to forget something.
#[test]
fn an_invalidation_on_a_full_server_is_heard() {
    ends(|| {
        let server = full();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        for way in Way::EVERY {
            bench.change();
            way.invalidate(&cache, 1).unwrap();
            bench.assert_right(&cache, 1);
        }
    });
}
