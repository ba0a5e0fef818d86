//! Several servers, of which one is away.

use larder::Cache;

use crate::bench::{Bench, RECOVERY, Way, cache};
use crate::common::ends;
use crate::servers::memcached::MemcachedServer;
use crate::servers::until;

fn url(servers: &[&MemcachedServer]) -> String {
    let addresses: Vec<_> = servers.iter().map(|server| server.address()).collect();
    format!("memcache://{}", addresses.join(","))
}

const KEYS: u64 = 40;

fn cache_all(bench: &Bench, cache: &Cache) {
    for key in 0..KEYS {
        bench.until_cached(cache, key);
    }
}

#[test]
fn a_server_that_is_away_takes_only_its_own_entries_along() {
    ends(|| {
        let (one, mut other) = (MemcachedServer::start(), MemcachedServer::start());
        let (bench, cache) = (Bench::new(), cache(&url(&[&one, &other])));
        cache_all(&bench, &cache);
        other.kill9();
        bench.assert_right(&cache, 0);
        let left = (0..KEYS).filter(|key| bench.hits(&cache, *key)).count();
        assert!(left > 5 && left < 35, "{left} of {KEYS}");
        let again = (0..KEYS).filter(|key| bench.hits(&cache, *key)).count();
        assert_eq!(again, left, "nothing moves to the other server");
        other.restart();
        cache_all(&bench, &cache);
    });
}

/// What covers entries of all servers is acknowledged when all of them have heard it; and whoever has
/// heard it, obeys at once.
#[test]
fn a_group_is_invalidated_when_every_server_has_heard_it() {
    ends(|| {
        for way in [Way::Group, Way::Tag, Way::All] {
            let (one, mut other) = (MemcachedServer::start(), MemcachedServer::start());
            let url = url(&[&one, &other]);
            let (bench, mine) = (Bench::new(), cache(&url));
            let others = cache(&url);
            cache_all(&bench, &mine);
            other.kill9();
            bench.change();
            way.assert_unheard(&mine, 0);
            for key in 0..KEYS {
                bench.assert_right(&mine, key);
                bench.assert_right(&others, key);
            }
            other.restart();
            bench.change();
            until("all servers", RECOVERY, || way.invalidate(&mine, 0).is_ok());
            for key in 0..KEYS {
                bench.assert_right(&others, key);
            }
        }
    });
}
