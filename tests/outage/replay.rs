//! Invalidations that nobody acknowledged are made again.

use std::thread;
use std::time::Duration;

use crate::bench::{Bench, RECOVERY, Way, cache, say};
use crate::common::ends;
use crate::kind::{Server, url};
use crate::servers::proxy::{Proxy, Weather};
use crate::servers::until;

/// One cache is cut off, says that something changed, and is not heard. It never serves what it said
/// was old; the other, which cannot know, does until the line is back.
fn an_unheard(way: Way, happen: fn(&Bench, &larder::Cache)) {
    ends(move || {
        let server = Server::start();
        let proxy = Proxy::to(server.port());
        let (bench, cut_off) = (Bench::new(), cache(&url(&proxy.address())));
        let other = cache(&server.url());
        bench.until_cached(&cut_off, 1);
        assert!(bench.hits(&other, 1), "they share the entry");
        proxy.turn(Weather::Cut);
        bench.change();
        way.assert_unheard(&cut_off, 1);
        assert!(bench.hits(&other, 1), "nobody has told the other");
        happen(&bench, &cut_off);
        proxy.turn(Weather::Clear);
        let took = until("a replay", RECOVERY, || {
            happen(&bench, &cut_off);
            bench.call(&other, 1) == bench.right(1)
        });
        say(&format!("{way:?}: replayed after {took:?}"));
        bench.assert_right(&cut_off, 1);
        bench.until_cached(&other, 1);
        bench.assert_right(&other, 1);
    });
}

#[test]
fn what_nobody_acknowledged_is_told_the_others_by_a_cache_that_is_idle() {
    for way in Way::EVERY {
        an_unheard(way, |_, _| ());
    }
}

#[test]
fn what_nobody_acknowledged_is_told_the_others_by_a_cache_that_serves_other_keys() {
    for way in Way::EVERY {
        an_unheard(way, |bench, cut_off| bench.assert_right(cut_off, 2));
    }
}

/// The first call after the line is back, too: before the replay it must not read what is there.
#[test]
fn what_nobody_acknowledged_is_never_served_by_the_cache_that_said_so() {
    for way in Way::EVERY {
        an_unheard(way, |bench, cut_off| bench.assert_right(cut_off, 1));
    }
}

/// The same when the server did not answer in time: it may have heard it all the same.
#[test]
fn what_a_stopped_server_did_not_acknowledge_is_told_the_others() {
    for way in Way::EVERY {
        ends(move || {
            let server = Server::start();
            let (bench, one) = (Bench::new(), cache(&server.url()));
            let other = cache(&server.url());
            bench.until_cached(&one, 1);
            server.stop();
            bench.change();
            way.assert_unheard(&one, 1);
            thread::sleep(Duration::from_millis(100));
            server.cont();
            until("the news", RECOVERY, || {
                bench.assert_right(&one, 1);
                bench.call(&other, 1) == bench.right(1)
            });
        });
    }
}
