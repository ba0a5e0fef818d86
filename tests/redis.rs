//! What a store in Redis promises besides the laws of every store: round trips, keys that can be
//! read, one computation for all processes, leases that live as long as they are needed.
#![cfg(feature = "redis")]

mod common;
#[path = "processes/laws.rs"]
mod laws;
mod servers;

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use common::{Runs, until};
use larder::backends::Redis;
use larder::{Cache, ErrorKind, memoize, scope};
use servers::patient::cache as cache_on;
use servers::server::RedisServer;

static SERVER: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

fn cache(prefix: &str) -> Cache {
    cache_on(&SERVER, prefix)
}

/// A store of another process.
fn store() -> Redis {
    Redis::lazy(SERVER.url()).expect("a right address")
}

/// Commands that came over the wire; those that a script gives are not counted.
fn sent(server: &RedisServer) -> Vec<(String, u64)> {
    let wire = ["mget", "evalsha", "eval"];
    let calls = server.calls().into_iter();
    calls
        .filter(|(name, _)| wire.contains(&name.as_str()))
        .collect()
}

fn is(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    let owned = |(name, calls): &(&str, u64)| ((*name).to_owned(), *calls);
    expected.iter().map(owned).collect()
}

#[test]
fn round_trips_are_as_few_as_they_can_be() {
    #[memoize]
    fn of(n: u64) -> u64 {
        n
    }
    let server = RedisServer::start();
    let cache = cache_on(&server, "trips:");
    let names: Vec<_> = (0..100).map(|n| format!("n{n}")).collect();
    let measure = |what: &dyn Fn(), expected: &[(&str, u64)]| {
        server.forget_calls();
        scope::with_cache_sync(&cache, what);
        let expected = is(expected);
        assert_eq!(sent(&server), expected);
    };
    let store = || until(|| cache.stats().stores == 1);
    measure(
        &|| {
            of(1);
            store();
        },
        &[("evalsha", 2), ("mget", 1)],
    );
    measure(&|| assert_eq!(of(1), 1), &[("mget", 1)]);
    measure(
        &|| assert!(delete_memoized_of(1).unwrap()),
        &[("evalsha", 1)],
    );
    measure(
        &|| {
            server.forget_calls();
            delete_all_memoized_of().unwrap();
            assert_eq!(server.calls_of("unlink"), 1);
        },
        &[],
    );
    let set = || cache.set_many(names.iter().map(|name| (name, &1)), 60);
    measure(&|| set().wait().unwrap(), &[("evalsha", 1)]);
    let get = || cache.get_many::<i32, _>(&names).wait().unwrap();
    measure(
        &|| assert!(get().iter().all(Option::is_some)),
        &[("mget", 1)],
    );
    let delete = || cache.delete_many(&names).wait().unwrap();
    measure(&|| assert_eq!(delete(), 100), &[("evalsha", 1)]);
    measure(
        &|| cache.set("k", &1, 60).wait().unwrap(),
        &[("evalsha", 1)],
    );
    measure(&|| drop(cache.add("k", &1, 60).wait()), &[("evalsha", 1)]);
    measure(&|| drop(cache.incr("n", 1).wait()), &[("evalsha", 1)]);
    measure(&|| drop(cache.ttl("k").wait()), &[("evalsha", 1)]);
    measure(&|| drop(cache.clear().wait()), &[]);
    measure(&|| drop(cache.invalidate_tag("t").wait()), &[]);
}

#[test]
fn a_counter_of_another_format_is_no_entry() {
    let server = RedisServer::start();
    let cache = cache_on(&server, "formats:");
    let up = || cache.incr("n", 1).wait().unwrap();
    assert_eq!((up(), up()), (1, 2));
    server.command(["SETRANGE", "formats:{n}", "4", "\x01"]);
    assert_eq!(cache.get::<i64>("n").wait().unwrap(), None);
    assert_eq!((up(), up()), (1, 2));
    assert_eq!(cache.get::<i64>("n").wait().unwrap(), Some(2));
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
    let server = RedisServer::start();
    let cache = cache_on(&server, "my_app_v1:");
    scope::with_cache_sync(&cache, || (square(4), home()));
    cache.set("my_key", &1, 60).wait().unwrap();
    until(|| cache.stats().stores == 3);
    let mut keys: Vec<_> = server
        .command(["KEYS", "*"])
        .list()
        .into_iter()
        .map(|key| key.text())
        .collect();
    keys.sort();
    let entry = scope::with_cache_sync(&cache, || memoized_square(4).key().unwrap());
    let mut expected = [
        "my_app_v1:{all}:a",
        "my_app_v1:{homepage}",
        "my_app_v1:{my_key}",
        &entry,
        "my_app_v1:{shop::square}:v",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert!(entry.starts_with("my_app_v1:{shop::square}:"));
    assert_eq!(
        cache.get::<String>("homepage").wait().unwrap().unwrap(),
        "welcome"
    );
}

#[test]
fn nothing_is_left_behind_for_ever() {
    #[memoize(timeout = 1, jitter = 0.0, tags = [format!("t{n}")])]
    fn of(n: u64) -> u64 {
        n
    }
    let server = RedisServer::start();
    let cache = cache_on(&server, "left:");
    scope::with_cache_sync(&cache, || {
        assert_eq!((0..50).map(of).sum::<u64>(), 1_225);
        until(|| cache.stats().stores == 50);
        delete_all_memoized_of().unwrap();
    });
    cache.clear().wait().unwrap();
    (0..50).for_each(|n| drop(cache.invalidate_tag(format!("t{n}")).wait()));
    until(|| server.command(["DBSIZE"]).number() == 0);
}

#[test]
fn a_version_that_waits_for_its_first_entry_does_not_wait_for_ever() {
    #[memoize]
    fn fails(n: u64) -> Result<u64, ()> {
        (n > 9).then_some(n).ok_or(())
    }
    let server = RedisServer::start();
    let cache = cache_on(&server, "fails:");
    scope::with_cache_sync(&cache, || fails(1)).unwrap_err();
    for key in server.command(["KEYS", "*:[va]"]).list() {
        assert!(server.command(["PTTL", &key.text()]).number() > 0);
    }
    until(|| server.command(["KEYS", "*:lease"]).list().is_empty());
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
    let server = RedisServer::start();
    let cache = cache_on(&server, "outlives:");
    let life = |key: &str| server.command(["PTTL", key]).number();
    scope::with_cache_sync(&cache, || {
        long(1);
        until(|| cache.stats().stores == 1);
        let (entry, version) = (memoized_long(1).key().unwrap(), "outlives:{all}:a");
        assert!(
            life(version) > life(&entry),
            "{} {}",
            life(version),
            life(&entry)
        );
        forever(1);
        until(|| cache.stats().stores == 2);
        assert_eq!(life(&memoized_forever(1).key().unwrap()), -1);
        assert_eq!(life(version), -1);
    });
}

#[test]
fn a_forgotten_script_is_loaded_again() {
    let server = RedisServer::start();
    let cache = cache_on(&server, "flush:");
    for n in 0..10 {
        server.command(["SCRIPT", "FLUSH"]);
        cache.set("k", &n, 60).wait().unwrap();
        assert_eq!(cache.get::<i32>("k").wait().unwrap(), Some(n));
    }
    assert_eq!(cache.stats().errors, 0);
}

#[test]
fn what_is_larger_than_the_limit_is_not_kept() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    fn of(length: usize) -> String {
        RUNS.count();
        "x".repeat(length)
    }
    let redis = Redis::builder(SERVER.url())
        .max_value(1_000)
        .lazy()
        .unwrap();
    let builder = Cache::builder().backend(redis).key_prefix("limit:");
    let cache = builder.build().unwrap();
    scope::with_cache_sync(&cache, || {
        assert_eq!((of(2_000).len(), of(2_000).len()), (2_000, 2_000));
    });
    until(|| cache.stats().refused == 2);
    assert_eq!((RUNS.so_far(), cache.stats().stores), (2, 0));
    let error = cache.set("k", &"x".repeat(2_000), 60).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("limit of 1000"), "{error}");
    cache.set("k", &"x".repeat(900), 60).wait().unwrap();
}

#[test]
fn large_values_are_compressed_and_come_back() {
    let redis = Redis::builder(SERVER.url())
        .compress_above(100)
        .lazy()
        .unwrap();
    let builder = Cache::builder().backend(redis).key_prefix("lz4:");
    let cache = builder.build().unwrap();
    let text = "so many words ".repeat(10_000);
    cache.set("k", &text, 60).wait().unwrap();
    assert_eq!(cache.get::<String>("k").wait().unwrap(), Some(text.clone()));
    assert!(SERVER.command(["STRLEN", "lz4:{k}"]).number() < 5_000);
    // Another process compresses nothing, and reads it all the same.
    let other = self::cache("lz4:");
    assert_eq!(other.get::<String>("k").wait().unwrap(), Some(text));
}

#[test]
fn a_longest_timeout_can_be_set() {
    let redis = Redis::builder(SERVER.url())
        .max_timeout(Duration::from_secs(100))
        .lazy()
        .unwrap();
    let builder = Cache::builder().backend(redis).key_prefix("longest:");
    let cache = builder.build().unwrap();
    for (key, timeout) in [
        ("never", larder::Timeout::Never),
        ("day", Duration::from_secs(86_400).into()),
    ] {
        cache.set(key, &1, timeout).wait().unwrap();
        let left = SERVER
            .command(["PTTL", &format!("longest:{{{key}}}")])
            .number();
        assert!((1..=100_000).contains(&left), "{key}: {left}");
    }
}

#[test]
fn a_shared_store_needs_a_prefix() {
    let redis = Redis::lazy(SERVER.url()).unwrap();
    let error = Cache::builder().backend(redis).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("key_prefix"));
}

#[test]
fn a_seed_makes_other_keys() {
    #[memoize(name = "seeded")]
    fn of(n: u64) -> u64 {
        n
    }
    let seeded = |seed| {
        let redis = Redis::lazy(SERVER.url()).unwrap();
        let builder = Cache::builder().backend(redis).key_prefix("seed:");
        let cache = builder.hash_seed([seed; 16]).build().unwrap();
        scope::with_cache_sync(&cache, || memoized_of(1).key().unwrap())
    };
    assert_eq!(seeded(1), seeded(1));
    assert_ne!(seeded(1), seeded(2));
}

#[test]
fn a_cache_is_made_from_a_url() {
    let url = format!(
        "{}?prefix=url%3A&timeout=60&operation_timeout_ms=5000&connect_timeout_ms=5000&max_value=1000&compress_above=500",
        SERVER.url()
    );
    let cache = Cache::from_url(&url).unwrap();
    cache.set("k", &1, 60).wait().unwrap();
    assert_eq!(SERVER.command(["EXISTS", "url:{k}"]).number(), 1);
    cache.set("k", &"x".repeat(2_000), 60).wait().unwrap_err();
    let missing = Cache::from_url(&SERVER.url()).unwrap_err();
    assert!(missing.to_string().contains("key_prefix"), "{missing}");
    let unknown = Cache::from_url(&format!("{}?prefix=p:&tmeout=1", SERVER.url())).unwrap_err();
    assert!(unknown.to_string().contains("tmeout"), "{unknown}");
}

#[test]
fn a_unix_socket_a_password_and_a_database_work() {
    let socket = RedisServer::config().unix_socket().start();
    let cache = Cache::from_url(&format!("{}?prefix=s:&db=3", socket.url())).unwrap();
    cache.set("k", &1, 60).wait().unwrap();
    assert!(socket.info("keyspace").contains_key("db3"));

    let guarded = RedisServer::config().password("s3cret").start();
    cache_on(&guarded, "p:").set("k", &1, 60).wait().unwrap();
}

#[test]
fn credentials_are_never_shown() {
    let guarded = RedisServer::config().password("s3cret").start();
    let wrong = format!("redis://:wr0ng@127.0.0.1:{}/0", guarded.port());
    let error = Redis::connect(&wrong).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    let redis = Redis::lazy(&wrong).unwrap();
    let builder = Redis::builder(&wrong);
    let cache = Cache::builder().backend(redis).key_prefix("p:");
    let shown = format!("{error} {error:?} {builder:?} {cache:?}");
    assert!(!shown.contains("wr0ng"), "{shown}");
    for url in ["redis://:wr0ng@", "redis://u:wr0ng@host:port/0", "wr0ng"] {
        let error = Redis::lazy(url).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("wr0ng"), "{shown}");
    }
}

#[test]
fn an_address_where_nobody_is_is_an_error_of_connect_and_not_of_lazy() {
    let port = servers::port::free();
    let url = format!("redis://127.0.0.1:{port}/0");
    let error = Redis::connect(&url).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    drop(Redis::lazy(&url).unwrap());
}

#[test]
fn a_user_with_the_documented_rights_can_do_everything() {
    let rights = "on >pw ~acl:* resetchannels -@all +mget +unlink +ping +evalsha +eval +script|load \
                  +get +set +del +getrange +setrange +time +pttl +pexpire +persist +incrby";
    let server = RedisServer::config()
        .option("user", format!("larder {rights}"))
        .start();
    let url = format!("redis://larder:pw@127.0.0.1:{}/0", server.port());
    let cache = Cache::from_url(&format!("{url}?prefix=acl:&operation_timeout_ms=5000")).unwrap();
    #[memoize(name = "acl", tags = ["t"])]
    fn of(n: u64) -> u64 {
        n
    }
    scope::with_cache_sync(&cache, || {
        of(1);
        until(|| cache.stats().stores == 1);
        of(1);
        assert!(delete_memoized_of(1).unwrap());
        delete_all_memoized_of().unwrap();
    });
    cache.set("k", &1, 60).wait().unwrap();
    cache.add("k", &1, 60).wait().unwrap();
    cache
        .set("n", &1_i64, larder::Timeout::Never)
        .wait()
        .unwrap();
    cache.incr("n", 1).wait().unwrap();
    cache.ttl("k").wait().unwrap();
    cache.invalidate_tag("t").wait().unwrap();
    cache.clear().wait().unwrap();
    assert_eq!(cache.stats().errors, 0);
    assert_eq!(cache.stats().hits, 1);
}

#[test]
fn a_deletion_that_nobody_heard_is_not_undone_by_what_was_being_computed() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static SOURCE: AtomicU64 = AtomicU64::new(1);
    static RUNS: Runs = Runs::new();
    #[memoize(name = "unheard")]
    fn slow(_n: u64) -> u64 {
        let read = SOURCE.load(Ordering::SeqCst);
        RUNS.count();
        thread::sleep(Duration::from_millis(400));
        read
    }
    let server = RedisServer::start();
    for round in 0..5 {
        let redis = Redis::connect(server.url()).wait().unwrap();
        let builder = Cache::builder().backend(redis);
        let cache = builder
            .key_prefix(format!("unheard{round}:"))
            .build()
            .unwrap();
        let runs = RUNS.so_far();
        SOURCE.store(1, Ordering::SeqCst);
        thread::scope(|scope| {
            scope.spawn(|| scope::with_cache_sync(&cache, || slow(0)));
            RUNS.wait_for(runs + 1);
            server.stop();
            SOURCE.store(2, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(60 * round));
            // Heard or not: in this process it has happened.
            drop(scope::with_cache_sync(&cache, || delete_memoized_slow(0)));
            server.cont();
        });
        assert_eq!(
            scope::with_cache_sync(&cache, || slow(0)),
            2,
            "round {round}"
        );
    }
}

#[test]
fn an_observer_that_panics_ends_nothing_but_its_call() {
    struct Panics;
    impl larder::Observer for Panics {
        fn observe(&self, event: &larder::Event<'_>) {
            assert!(event.kind != larder::EventKind::Store, "on purpose");
        }
    }
    let redis = Redis::lazy(SERVER.url()).unwrap();
    let builder = Cache::builder().backend(redis).key_prefix("panics:");
    let cache = builder.observer(Panics).build().unwrap();
    assert!(common::panics(|| cache.add("k", &1, 60).wait()));
    assert_eq!(cache.get::<i32>("k").wait().unwrap(), Some(1));
}

#[cfg(feature = "redis-tls")]
#[test]
fn a_connection_can_be_encrypted() {
    assert!(servers::tls::is_there(), "redis-server speaks TLS");
    let server = RedisServer::config().tls().start();
    let trusted = std::fs::read(server.certificate()).unwrap();
    let builder = Redis::builder(server.tls_url())
        .connect_timeout(Duration::from_secs(10))
        .root_certificate(trusted);
    let redis = builder.connect().wait().unwrap();
    let cache = Cache::builder().backend(redis).key_prefix("tls:");
    let cache = cache.build().unwrap();
    cache.set("k", &1, 60).wait().unwrap();
    assert_eq!(cache.get::<i32>("k").wait().unwrap(), Some(1));
    // Whom nobody vouches for is not talked to.
    let stranger = Redis::builder(server.tls_url()).connect_timeout(Duration::from_secs(10));
    let error = stranger.connect().wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
}
