//! What a store in memcached promises besides the laws of every store: round trips, keys that can be
//! read and keys that memcached does not take, one computation for all processes, limits.
#![cfg(feature = "memcached")]

mod common;
#[path = "processes/laws.rs"]
mod laws;
mod servers;

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use common::{Runs, ends, until};
use larder::backends::Memcached;
use larder::{Cache, ErrorKind, Timeout, Ttl, memoize, scope};
use servers::memcached::MemcachedServer;
use servers::proxy::Proxy;
use servers::server::RedisServer;

static SERVER: LazyLock<MemcachedServer> = LazyLock::new(MemcachedServer::start);

const PATIENT: Duration = Duration::from_secs(10);

fn cache(prefix: &str) -> Cache {
    cache_on(&SERVER.address(), prefix)
}

/// A cache as one process has it, which waits for a server on a busy machine; the same prefix is the
/// same cache.
fn cache_on(address: &str, prefix: &str) -> Cache {
    let builder = Memcached::builder([address]).operation_timeout(PATIENT);
    let memcached = builder.connect_timeout(PATIENT).connect().wait();
    over(memcached.expect("the server is there"), prefix)
}

fn over(memcached: Memcached, prefix: &str) -> Cache {
    let builder = Cache::builder().backend(memcached).key_prefix(prefix);
    builder.build().expect("a right configuration")
}

/// A store of another process.
fn store() -> Memcached {
    Memcached::lazy(SERVER.url()).expect("a right address")
}

/// The seconds that the server still keeps a key; -1 has no end.
fn life(server: &MemcachedServer, key: &str) -> i64 {
    let answer = server.say(&format!("mg {key} t\r\n"), "");
    let left = answer[0].strip_prefix("HD t");
    left.and_then(|left| left.parse().ok()).unwrap_or(0)
}

/// Counts the round trips of what is done with a cache.
struct Trips {
    proxy: Proxy,
    cache: Cache,
}

impl Trips {
    #[track_caller]
    fn assert(&self, expected: u64, what: &str, run: impl FnOnce()) {
        let before = self.proxy.trips();
        scope::with_cache_sync(&self.cache, run);
        assert_eq!(self.proxy.trips() - before, expected, "{what}");
    }
}

#[test]
fn round_trips_are_as_few_as_they_can_be() {
    #[memoize(tags = ["t"])]
    fn of(n: u64) -> u64 {
        n
    }
    let server = MemcachedServer::start();
    let proxy = Proxy::to(server.port());
    let cache = cache_on(&proxy.address(), "trips:");
    let miss = |stores: u64| {
        of(1);
        until(|| cache.stats().stores == stores);
    };
    let trips = Trips {
        proxy,
        cache: cache.clone(),
    };
    let what = "the first miss, which makes versions: look, two for the lease, store";
    trips.assert(4, what, || miss(1));
    trips.assert(1, "a hit", || assert_eq!(of(1), 1));
    trips.assert(1, "a delete", || assert!(delete_memoized_of(1).unwrap()));
    trips.assert(3, "a miss: look, lease, store", || miss(2));
    trips.assert(1, "a group", || delete_all_memoized_of().unwrap());
    trips.assert(1, "a tag", || cache.invalidate_tag("t").wait().unwrap());
    trips.assert(1, "everything", || cache.clear().wait().unwrap());
}

#[test]
fn round_trips_by_hand_are_as_few_as_they_can_be() {
    let server = MemcachedServer::start();
    let proxy = Proxy::to(server.port());
    let cache = cache_on(&proxy.address(), "trips:");
    let names: Vec<_> = (0..100).map(|n| format!("n{n}")).collect();
    let trips = Trips {
        proxy,
        cache: cache.clone(),
    };
    trips.assert(2, "a set", || cache.set("k", &1, 60).wait().unwrap());
    trips.assert(2, "an add", || {
        assert!(cache.add("new", &1, 60).wait().unwrap());
    });
    trips.assert(2, "a count", || {
        assert_eq!(cache.incr("n", 1).wait().unwrap(), 1);
    });
    trips.assert(1, "a ttl", || {
        assert_ne!(cache.ttl("k").wait().unwrap(), Ttl::Absent);
    });
    let entries = names.iter().map(|name| (name, &1));
    trips.assert(2, "a hundred sets", || {
        cache.set_many(entries, 60).wait().unwrap();
    });
    trips.assert(1, "a hundred gets", || {
        let got = cache.get_many::<i32, _>(&names).wait().unwrap();
        assert!(got.iter().all(Option::is_some));
    });
    trips.assert(1, "a hundred deletes", || {
        assert_eq!(cache.delete_many(&names).wait().unwrap(), 100);
    });
}

#[test]
fn keys_can_be_read_with_any_client() {
    #[memoize(name = "shop::square")]
    fn square(n: u64) -> u64 {
        n * n
    }
    #[larder::cached(key_prefix = "homepage")]
    fn home() -> String {
        "welcome".to_owned()
    }
    let server = MemcachedServer::start();
    let cache = cache_on(&server.address(), "my_app_v1:");
    scope::with_cache_sync(&cache, || (square(4), home()));
    cache.set("my_key", &1, 60).wait().unwrap();
    until(|| cache.stats().stores == 3);
    let entry = scope::with_cache_sync(&cache, || memoized_square(4).key().unwrap());
    let mut expected = [
        "my_app_v1:{all}:a",
        "my_app_v1:{homepage}",
        "my_app_v1:{my_key}",
        &entry,
        "my_app_v1:{shop::square}:v",
    ];
    expected.sort_unstable();
    until(|| {
        let mut keys = server.keys();
        keys.sort();
        keys == expected
    });
    assert_eq!(
        cache.get::<String>("homepage").wait().unwrap().unwrap(),
        "welcome"
    );
}

/// memcached takes no key over 250 bytes, and no spaces.
#[test]
fn keys_that_memcached_does_not_take_work_all_the_same() {
    let cache = cache("odd:");
    let keys = [
        "with space".to_owned(),
        "with_space".to_owned(),
        "line\r\nbreak".to_owned(),
        "größe".to_owned(),
        "x".repeat(250),
        "x".repeat(1_000) + "1",
        "x".repeat(1_000) + "2",
        String::new(),
    ];
    for (number, key) in keys.iter().enumerate() {
        assert!(cache.add(key, &number, 60).wait().unwrap(), "{key}");
    }
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(cache.get::<usize>(key).wait().unwrap(), Some(number));
        assert!(cache.delete(key).wait().unwrap());
        assert!(!cache.has(key).wait().unwrap(), "{key}");
    }
}

/// A name that was shortened is not believed: what lies there says whose it is.
#[test]
fn an_entry_under_the_short_name_of_another_is_not_taken_for_it() {
    let server = MemcachedServer::start();
    let cache = cache_on(&server.address(), "short:");
    let keys = ["x".repeat(400) + "1", "x".repeat(400) + "2"];
    cache.set(&keys[0], &1, 60).wait().unwrap();
    cache.set(&keys[1], &2, 60).wait().unwrap();
    let short = || {
        let mut names = server.keys();
        names.retain(|name| name.contains('#'));
        names
    };
    until(|| short().len() == 2);
    let names = short();
    let first = server.get(&names[0]).unwrap();
    server.put(&names[1], &first);
    let got = keys.map(|key| cache.get::<i32>(key).wait().unwrap());
    assert!(got == [Some(1), None] || got == [None, Some(2)], "{got:?}");
}

#[test]
fn nothing_is_left_behind_for_ever() {
    #[memoize(timeout = 1, jitter = 0.0, tags = [format!("t{n}")])]
    fn of(n: u64) -> u64 {
        n
    }
    #[memoize]
    fn fails(n: u64) -> Result<u64, ()> {
        (n > 9).then_some(n).ok_or(())
    }
    let server = MemcachedServer::start();
    let cache = cache_on(&server.address(), "left:");
    scope::with_cache_sync(&cache, || {
        assert_eq!((0..50).map(of).sum::<u64>(), 1_225);
        until(|| cache.stats().stores == 50);
        fails(1).unwrap_err();
    });
    for key in server.keys() {
        assert!((1..=3_700).contains(&life(&server, &key)), "{key}");
    }
    scope::with_cache_sync(&cache, || delete_all_memoized_of().unwrap());
    cache.clear().wait().unwrap();
    (0..50).for_each(|n| drop(cache.invalidate_tag(format!("t{n}")).wait()));
    // What is over is taken away when somebody asks for it.
    until(|| {
        for key in server.keys() {
            life(&server, &key);
        }
        let left = server.keys();
        left.iter()
            .all(|key| key.starts_with("left:{memcached::nothing_is_left_behind_for_ever::fails"))
    });
}

#[test]
fn a_version_outlives_what_was_written_under_it() {
    #[memoize(timeout = "100h", jitter = 0.0)]
    fn long(n: u64) -> u64 {
        n
    }
    #[memoize(timeout = never)]
    fn forever(n: u64) -> u64 {
        n
    }
    let server = MemcachedServer::start();
    let cache = cache_on(&server.address(), "outlives:");
    let version = "outlives:{all}:a";
    scope::with_cache_sync(&cache, || {
        long(1);
        until(|| cache.stats().stores == 1);
        let entry = memoized_long(1).key().unwrap();
        until(|| life(&server, version) > life(&server, &entry));
        assert!(life(&server, &entry) >= 360_000);
        forever(1);
        until(|| cache.stats().stores == 2);
        assert_eq!(life(&server, &memoized_forever(1).key().unwrap()), -1);
        until(|| life(&server, version) == -1);
    });
}

const DAY: u64 = 86_400;

/// memcached takes a number over thirty days for a moment since 1970.
#[test]
fn more_than_thirty_days_are_more_than_thirty_days() {
    let server = MemcachedServer::start();
    let cache = cache_on(&server.address(), "long:");
    for days in [29, 31, 400, 100_000] {
        let timeout = Duration::from_secs(days * DAY);
        cache.set("k", &days, timeout).wait().unwrap();
        assert_eq!(cache.get::<u64>("k").wait().unwrap(), Some(days));
        let Ttl::Remaining(left) = cache.ttl("k").wait().unwrap() else {
            panic!("it expires some day")
        };
        assert!(left + Duration::from_secs(60) > timeout, "{left:?}");
        let kept = life(&server, "long:{k}");
        let expected = i64::try_from(days * DAY).unwrap();
        assert!(
            kept == -1 || (expected - 60..expected + 60).contains(&kept),
            "{kept}"
        );
        until(|| matches!(life(&server, "long:{all}:a"), left if left == -1 || left > kept));
    }
    cache.set("k", &1_u64, Timeout::Never).wait().unwrap();
    assert_eq!(cache.ttl("k").wait().unwrap(), Ttl::Forever);
}

#[test]
fn what_is_larger_than_the_limit_is_not_kept_and_counted() {
    static RUNS: Runs = Runs::new();
    #[memoize(name = "large")]
    fn of(length: usize) -> Vec<u8> {
        RUNS.count();
        // Nothing that can be compressed.
        let mut x = 1_u64;
        let next = |_| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            x.to_le_bytes()[7]
        };
        (0..length).map(next).collect()
    }
    let cache = cache("large:");
    scope::with_cache_sync(&cache, || {
        assert_eq!((of(2 << 20).len(), of(2 << 20).len()), (2 << 20, 2 << 20));
        until(|| cache.stats().refused == 2);
        assert_eq!((RUNS.so_far(), cache.stats().stores), (2, 0));
        // As large as the server takes.
        of(1_000_000);
        until(|| cache.stats().stores == 1);
        of(1_000_000);
        assert_eq!(RUNS.so_far(), 3);
    });
    let error = scope::with_cache_sync(&cache, || cache.set("k", &of(2 << 20), 60).wait());
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("start it with `-I`"), "{error}");
}

/// A server counts its writes anew when it is restarted, so that a number which one holder remembers can
/// be that of another's lease.
#[test]
fn a_number_that_fits_by_accident_after_a_restart_lets_nothing_old_in() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static SOURCE: AtomicU64 = AtomicU64::new(1);
    static RUNS: Runs = Runs::new();
    #[memoize(name = "restart")]
    fn slow(_n: u64) -> u64 {
        let read = SOURCE.load(Ordering::SeqCst);
        RUNS.count();
        thread::sleep(Duration::from_millis(1_500));
        read
    }
    ends(|| {
        let mut server = MemcachedServer::start();
        let (one, other) = (
            cache_on(&server.address(), "restart:"),
            cache_on(&server.address(), "restart:"),
        );
        thread::scope(|scope| {
            let old = scope.spawn(|| scope::with_cache_sync(&one, || slow(1)));
            RUNS.wait_for(1);
            server.restart();
            SOURCE.store(2, Ordering::SeqCst);
            until(|| scope::with_cache_sync(&other, || delete_memoized_slow(1)).is_ok());
            // The same commands as before: the same numbers.
            assert_eq!(scope::with_cache_sync(&other, || slow(1)), 2);
            assert_eq!(old.join().unwrap(), 1);
        });
        for cache in [&one, &other] {
            assert_eq!(scope::with_cache_sync(cache, || slow(1)), 2);
        }
    });
}

#[test]
fn a_server_that_will_not_do_is_refused_with_the_reason() {
    let without_cas = MemcachedServer::with(["-C"]);
    let redis = RedisServer::start();
    for (address, reason) in [
        (without_cas.address(), "without cas"),
        (format!("127.0.0.1:{}", redis.port()), "no memcached"),
    ] {
        let builder = Memcached::builder([address]).connect_timeout(PATIENT);
        let error = builder.connect().wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_cache_is_made_from_a_url() {
    let other = MemcachedServer::start();
    let servers = format!("{},{}", SERVER.url(), other.address());
    let options = "timeout=60&operation_timeout_ms=5000&connect_timeout_ms=5000&max_value=1000&compress_above=500";
    let cache = Cache::from_url(&format!("{servers}?prefix=url%3A&{options}")).unwrap();
    for number in 0..50 {
        cache.set(format!("k{number}"), &number, 60).wait().unwrap();
    }
    assert!(other.keys().iter().any(|key| key.starts_with("url:{k")));
    cache.set("k", &"x".repeat(2_000), 60).wait().unwrap_err();
    let wrong = |url: &str| Cache::from_url(url).unwrap_err().to_string();
    assert!(wrong(&SERVER.url()).contains("key_prefix"));
    assert!(wrong(&format!("{servers}?prefix=p:&tmeout=1")).contains("tmeout"));
    assert!(wrong("memcache://?prefix=p:").contains("names its servers"));
    assert!(wrong("memcache://a:1,a:1?prefix=p:").contains("twice"));
    let secret = wrong("memcache://me:hunter2@a:1?prefix=p:");
    assert!(
        secret.contains("password") && !secret.contains("hunter2"),
        "{secret}"
    );
}

#[test]
fn a_unix_socket_works() {
    let folder = servers::folder::Folder::new();
    let path = folder.file("socket").display().to_string();
    let _server = servers::memcached::on_socket(&path);
    let cache = Cache::from_url(&format!("memcache://{path}?prefix=s:")).unwrap();
    until(|| cache.set("k", &1, 60).wait().is_ok());
    assert_eq!(cache.get::<i32>("k").wait().unwrap(), Some(1));
}

#[test]
fn a_store_shows_its_servers() {
    let shown = format!("{:?}", store());
    assert_eq!(shown, format!("Memcached([{}])", SERVER.address()));
}
