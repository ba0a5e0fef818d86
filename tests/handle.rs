//! Law: the handle does what its table says.

mod common;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use common::{Runs, ends, panics, timed};
use larder::backends::{Memory, Null};
use larder::{Cache, Clock, ErrorKind, Event, EventKind, Observer, Timeout, Ttl, cached, memoize};

#[test]
fn a_set_value_is_got() {
    let cache = common::cache();
    assert_eq!(cache.get::<String>("k").wait().unwrap(), None);
    cache.set("k", &"v".to_owned(), 60).wait().unwrap();
    assert_eq!(cache.get("k").wait().unwrap(), Some("v".to_owned()));
    cache.set("k", &"w".to_owned(), 60).wait().unwrap();
    assert_eq!(
        cache.get(String::from("k")).wait().unwrap(),
        Some("w".to_owned())
    );
    let clone = cache.clone();
    assert_eq!(
        clone.get("k").wait().unwrap(),
        Some("w".to_owned()),
        "a clone is the same cache"
    );
}

#[test]
fn a_value_of_another_type_is_no_value() {
    for cache in [common::cache(), common::shelf::Shelf::default().cache("p:")] {
        cache.set("k", &1_u64, 60).wait().unwrap();
        assert_eq!(cache.get::<i64>("k").wait().unwrap(), None);
        assert_eq!(cache.get::<String>("k").wait().unwrap(), None);
        assert_eq!(cache.get::<u64>("k").wait().unwrap(), Some(1));
        let stats = cache.stats();
        assert_eq!((stats.errors, stats.hits, stats.misses), (2, 1, 2));
    }
}

#[test]
fn add_does_not_overwrite() {
    let timed = timed();
    let cache = &timed.cache;
    assert!(cache.add("k", &1, 10).wait().unwrap());
    assert!(!cache.add("k", &2, 10).wait().unwrap());
    assert_eq!(cache.get("k").wait().unwrap(), Some(1));
    timed.pass(10_000);
    assert!(
        cache.add("k", &3, 10).wait().unwrap(),
        "an expired key is absent"
    );
    assert_eq!(cache.get("k").wait().unwrap(), Some(3));
    cache.delete("k").wait().unwrap();
    assert!(cache.add("k", &4, 10).wait().unwrap());
    cache.clear().wait().unwrap();
    assert!(
        cache.add("k", &5, 10).wait().unwrap(),
        "a cleared key is absent"
    );
}

#[test]
fn add_succeeds_for_exactly_one() {
    let cache = common::cache();
    let added = ends(move || {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let cache = cache.clone();
                thread::spawn(move || {
                    (0..200)
                        .filter(|k| cache.add(k.to_string(), &n, 60).wait().unwrap())
                        .count()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum::<usize>()
    });
    assert_eq!(added, 200);
}

#[test]
fn add_with_a_timeout_of_zero_keeps_nothing() {
    for cache in [common::cache(), common::shelf::Shelf::default().cache("p:")] {
        cache.add("k", &1, 0).wait().unwrap();
        assert_eq!(cache.get::<i32>("k").wait().unwrap(), None);
        assert!(cache.add("k", &2, 60).wait().unwrap());
        assert_eq!(cache.get("k").wait().unwrap(), Some(2));
    }
}

#[test]
fn has_is_false_true_false_around_set_and_delete() {
    let cache = common::cache();
    assert!(!cache.has("k").wait().unwrap());
    cache.set("k", &(), 60).wait().unwrap();
    assert!(cache.has("k").wait().unwrap());
    assert!(cache.delete("k").wait().unwrap());
    assert!(!cache.has("k").wait().unwrap());
    assert!(
        !cache.delete("k").wait().unwrap(),
        "deleting an absent key is false"
    );
}

#[test]
fn ttl_is_absent_forever_or_what_remains() {
    let timed = timed();
    let cache = &timed.cache;
    assert_eq!(cache.ttl("k").wait().unwrap(), Ttl::Absent);
    cache.set("k", &1, Timeout::Never).wait().unwrap();
    assert_eq!(cache.ttl("k").wait().unwrap(), Ttl::Forever);
    cache
        .set("k", &1, Duration::from_millis(1_500))
        .wait()
        .unwrap();
    timed.pass(600);
    assert_eq!(
        cache.ttl("k").wait().unwrap(),
        Ttl::Remaining(Duration::from_millis(900))
    );
    timed.pass(900);
    assert_eq!(cache.ttl("k").wait().unwrap(), Ttl::Absent);
    cache.set("k", &1, Timeout::Default).wait().unwrap();
    assert_eq!(
        cache.ttl("k").wait().unwrap(),
        Ttl::Remaining(Duration::from_secs(300))
    );
}

#[test]
fn a_timeout_of_zero_deletes() {
    let cache = common::cache();
    cache.set("k", &1, 60).wait().unwrap();
    cache.set("k", &2, 0).wait().unwrap();
    assert!(!cache.has("k").wait().unwrap());
    cache
        .set_many([("a", &1), ("b", &2)], Duration::ZERO)
        .wait()
        .unwrap();
    assert!(!cache.has("a").wait().unwrap());
}

#[test]
fn many_keys_keep_their_order() {
    for cache in [common::cache(), common::shelf::Shelf::default().cache("p:")] {
        cache
            .set_many([("a", &1), ("b", &2), ("c", &3)], 60)
            .wait()
            .unwrap();
        let got = cache
            .get_many::<i32, _>(["c", "x", "a", "c"])
            .wait()
            .unwrap();
        assert_eq!(got, [Some(3), None, Some(1), Some(3)]);
        assert_eq!(cache.delete_many(["a", "x", "c"]).wait().unwrap(), 2);
        let got = cache
            .get_many::<i32, _>(vec!["a".to_owned(), "b".to_owned()])
            .wait()
            .unwrap();
        assert_eq!(got, [None, Some(2)]);
        assert_eq!(cache.get_many::<i32, &str>([]).wait().unwrap(), []);
        assert_eq!(cache.delete_many::<&str>([]).wait().unwrap(), 0);
        cache.set_many::<i32, &str>([], 60).wait().unwrap();
        cache.set_many([("d", &1), ("d", &2)], 60).wait().unwrap();
        assert_eq!(
            cache.get("d").wait().unwrap(),
            Some(2),
            "the last one counts"
        );
        assert_eq!(cache.delete_many(["b", "b"]).wait().unwrap(), 1);
    }
}

#[test]
fn incr_counts_from_zero_and_is_atomic() {
    for cache in [common::cache(), common::shelf::Shelf::default().cache("p:")] {
        assert_eq!(cache.incr("n", 5).wait().unwrap(), 5);
        assert_eq!(cache.incr("n", -7).wait().unwrap(), -2);
        assert_eq!(cache.get("n").wait().unwrap(), Some(-2_i64));
        let counter = cache.clone();
        ends(move || {
            thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| (0..1_000).for_each(|_| drop(counter.incr("n", 1).wait())));
                }
            });
        });
        assert_eq!(cache.incr("n", 0).wait().unwrap(), 7_998);
        cache.set("t", &"text".to_owned(), 60).wait().unwrap();
        assert_eq!(
            cache.incr("t", 1).wait().unwrap_err().kind(),
            ErrorKind::Decode
        );
        assert_eq!(cache.get("t").wait().unwrap(), Some("text".to_owned()));
        cache.set("i", &i64::MAX, 60).wait().unwrap();
        assert!(!panics(|| cache.incr("i", 1).wait()), "no overflow panics");
    }
}

#[test]
fn a_counter_lives_for_the_default_timeout_and_is_not_lengthened() {
    let timed = timed();
    let cache = &timed.cache;
    cache.incr("n", 1).wait().unwrap();
    timed.pass(200_000);
    cache.incr("n", 1).wait().unwrap();
    assert_eq!(
        cache.ttl("n").wait().unwrap(),
        Ttl::Remaining(Duration::from_secs(100))
    );
    timed.pass(100_000);
    assert_eq!(cache.incr("n", 1).wait().unwrap(), 1);
}

#[test]
fn clear_empties_this_prefix_and_not_its_neighbours() {
    let shelf = common::shelf::Shelf::default();
    let (one, two) = (shelf.cache("one:"), shelf.cache("two:"));
    one.set("k", &1, 60).wait().unwrap();
    two.set("k", &2, 60).wait().unwrap();
    assert_eq!(one.get("k").wait().unwrap(), Some(1));
    one.clear().wait().unwrap();
    assert_eq!(one.get::<i32>("k").wait().unwrap(), None);
    assert_eq!(two.get("k").wait().unwrap(), Some(2));
    let neighbour = shelf.cache("one:");
    neighbour.set("k", &3, 60).wait().unwrap();
    assert_eq!(
        one.get("k").wait().unwrap(),
        Some(3),
        "one prefix is one cache"
    );
}

#[test]
fn computing_under_a_manual_key() {
    let cache = common::cache();
    let runs = Arc::new(Runs::new());
    let compute = || {
        let runs = Arc::clone(&runs);
        cache
            .get_or_compute_with("k", 60, move || runs.count())
            .wait()
    };
    assert_eq!((compute(), compute()), (1, 1));
    assert_eq!(cache.get("k").wait().unwrap(), Some(1_u64));
    cache.delete("k").wait().unwrap();
    assert_eq!(compute(), 2);
    cache.set("k", &9_u64, 60).wait().unwrap();
    assert_eq!(compute(), 9);
    let polled = cache.get_or_compute::<u64>("k", 60, async { unreachable!("only on a miss") });
    assert_eq!(polled.wait(), 9);
}

#[tokio::test]
async fn computing_that_may_fail() {
    let cache = common::cache();
    let failed = cache.try_get_or_compute("k", 60, async { Err::<u64, _>("down") });
    assert_eq!(failed.await, Err("down"));
    assert!(!cache.has("k").await.unwrap());
    let good = cache.try_get_or_compute_with("k", 60, || Ok::<_, &str>(1_u64));
    assert_eq!(good.await, Ok(1));
    let kept = cache.try_get_or_compute("k", 60, async { Err::<u64, _>("down") });
    assert_eq!(kept.await, Ok(1));
    assert_eq!(cache.get_or_compute("k", 60, async { 2_u64 }).await, 1);
}

#[test]
fn a_kept_value_of_another_type_is_computed_anew() {
    let cache = common::cache();
    cache.set("k", &"text".to_owned(), 60).wait().unwrap();
    assert_eq!(cache.get_or_compute_with("k", 60, || 7_u64).wait(), 7);
    assert_eq!(cache.get("k").wait().unwrap(), Some(7_u64));
    assert_eq!(cache.get_or_compute_with("k", 60, || 8_u64).wait(), 7);
}

#[test]
fn callers_of_one_key_with_two_types_both_get_theirs() {
    let cache = common::cache();
    let (a, b) = (cache.clone(), cache.clone());
    let leader = thread::spawn(move || {
        let wait = a.clone();
        let body = move || {
            common::until_waiting(&wait, 1);
            7_u64
        };
        a.get_or_compute_with("k", 60, body).wait()
    });
    common::until(|| cache.in_flight() == 1);
    let follower = thread::spawn(move || b.get_or_compute_with("k", 60, || "x".to_owned()).wait());
    let both = ends(move || (leader.join().unwrap(), follower.join().unwrap()));
    assert_eq!(both, (7, "x".to_owned()));
}

#[test]
fn fragments_vary_on_what_they_are_told() {
    let cache = common::cache();
    let runs = Runs::new();
    let render = |name: &str, vary: &[&str]| {
        cache
            .fragment(name, vary, 60, || format!("<{}>", runs.count()))
            .wait()
            .unwrap()
    };
    assert_eq!(render("menu", &["ab", "c"]), "<1>");
    assert_eq!(render("menu", &["a", "bc"]), "<2>");
    assert_eq!(render("menu", &["ab", "c"]), "<1>");
    assert_eq!(render("menus", &["ab", "c"]), "<3>");
    assert_eq!(render("menu", &[]), "<4>");
    let typed = cache.fragment("menu", &(1_u8, Some("x")), 60, || "typed".into());
    assert_eq!(typed.wait().unwrap(), "typed");
}

#[test]
fn a_fragment_varies_on_what_can_be_encoded() {
    struct Broken;
    impl serde::Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("broken"))
        }
    }
    let cache = common::cache();
    let error = cache
        .fragment("menu", &Broken, 60, String::new)
        .wait()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
}

#[test]
fn stats_count_by_function() {
    static CACHE: LazyLock<Cache> = LazyLock::new(common::cache);
    #[memoize(cache = CACHE)]
    fn first(n: u64) -> u64 {
        n
    }
    #[cached(cache = CACHE, key_prefix = "page")]
    fn second() -> u64 {
        2
    }
    let _ = (first(1), first(1), first(1), first(2), second(), second());
    CACHE.set("manual", &1, 60).wait().unwrap();
    CACHE.get::<i32>("manual").wait().unwrap();
    let stats = CACHE.stats();
    assert_eq!(
        (stats.hits, stats.misses, stats.stores, stats.errors),
        (4, 3, 4, 0)
    );
    let name = "handle::stats_count_by_function::first";
    let function = stats.function(name).expect("counted by its path");
    assert_eq!((function.hits, function.misses, function.stores), (2, 2, 2));
    assert!((function.hit_ratio() - 0.5).abs() < f64::EPSILON);
    let page = stats.function("page").expect("counted by its prefix");
    assert_eq!((page.hits, page.misses), (1, 1));
    assert!(stats.function("none").is_none());
    let names: Vec<_> = stats.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, [name, "page"]);
    assert!(stats.to_string().contains("4 hits"), "{stats}");
}

#[test]
fn an_observer_is_told_everything() {
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<HashMap<(EventKind, String), u64>>>);
    impl Observer for Told {
        fn observe(&self, event: &Event<'_>) {
            let key = (event.kind, event.group.to_owned());
            *self.0.lock().unwrap().entry(key).or_default() += 1;
        }
    }
    let told = Told::default();
    let builder = Cache::builder()
        .backend(Memory::new(10))
        .observer(told.clone());
    let cache = builder.build().unwrap();
    #[cached(key_prefix = "page")]
    fn page(n: u64) -> u64 {
        n
    }
    larder::scope::with_cache_sync(&cache, || {
        let _ = (page(1), page(1));
        delete_memoized_page(1).unwrap();
        delete_all_memoized_page().unwrap();
        cache.clear().wait().unwrap();
    });
    let told = told.0.lock().unwrap();
    let count = |kind, group: &str| told.get(&(kind, group.to_owned())).copied().unwrap_or(0);
    assert_eq!(count(EventKind::Miss, "page"), 1);
    assert_eq!(count(EventKind::Store, "page"), 1);
    assert_eq!(count(EventKind::Hit, "page"), 1);
    assert_eq!(count(EventKind::Invalidate, "page"), 2);
    assert_eq!(count(EventKind::Invalidate, ""), 1);
}

#[test]
fn a_url_makes_a_cache() {
    for url in [
        "memory://",
        "MEMORY://?max_entries=5",
        "memory:///?timeout=60&max_bytes=10000",
        "memory://?timeout=never",
        "memory://?timeout=0.5&prefix=a%3Ab:",
        "memory://?timeout=60&",
        "null://",
    ] {
        let cache = Cache::from_url(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        cache.set("k", &1, Timeout::Default).wait().unwrap();
        let kept = !url.starts_with("null");
        assert_eq!(cache.has("k").wait().unwrap(), kept, "{url}");
        if url.contains("never") {
            assert_eq!(cache.ttl("k").wait().unwrap(), Ttl::Forever);
        }
    }
    #[memoize]
    fn of(n: u64) -> u64 {
        n
    }
    let cache = Cache::from_url("memory://?prefix=a%3Ab:").unwrap();
    let key = larder::scope::with_cache_sync(&cache, || memoized_of(1).key().unwrap());
    assert!(key.starts_with("a:b:{"), "{key}");
}

const BAD: [&str; 22] = [
    "",
    "memory",
    "memory:",
    "://",
    "memory://host?timeout=60",
    "memory://user:hunter2@host/0?timeout=60",
    "memory://?timeout",
    "memory://?timeout=",
    "memory://?timeout=soon",
    "memory://?timeout=-1",
    "memory://?timeout=0",
    "memory://?timeout=NaN",
    "memory://?timeout=inf",
    "memory://?timeout=1e300",
    "memory://?timeout=1&timeout=2",
    "memory://?max_entries=0",
    "memory://?max_entries=many",
    "memory://?max_entries=-1",
    "memory://?colour=red",
    "memory://?prefix={x}",
    "memory://?prefix=%ff",
    "carrier-pigeon://coop",
];

#[test]
fn a_bad_url_is_an_error_that_says_why() {
    for url in BAD {
        let error = Cache::from_url(url).expect_err(url);
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        let text = error.to_string();
        assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
        assert!(text.starts_with(|c: char| !c.is_uppercase()), "{text}");
    }
}

#[test]
fn a_password_is_never_shown() {
    let urls = [
        "redis://user:hunter2@127.0.0.1:6379/0?timeout=soon",
        "redis://user:hunter2@127.0.0.1:6379/0",
        "memory://user:hunter2@host",
        "null://:hunter2@host?x=y",
        "hunter2",
        "redis://h?timeout&password=hunter2",
        "redis://h?password=hunter2",
        "memory://?password=hunter2",
        "redis://user:hunter2@h?timeout=1&timeout=hunter2",
        "redis://user:p?hunter2@host/0",
    ];
    for url in urls {
        let error = Cache::from_url(url).expect_err(url);
        let source = std::error::Error::source(&error).map(|source| format!("{source} {source:?}"));
        let shown = format!("{error} {error:?} {source:?}");
        assert!(!shown.contains("hunter2"), "{url}: {shown}");
    }
    let cache = Cache::from_url("memory://?prefix=app:").unwrap();
    assert!(format!("{cache:?}").contains("app:"));
}

#[test]
fn the_builder_refuses_what_cannot_work() {
    let kind = |builder: larder::Builder| builder.build().map(drop).unwrap_err().kind();
    assert_eq!(kind(Cache::builder()), ErrorKind::Config, "no store");
    let memory = || Cache::builder().backend(Memory::new(10));
    assert_eq!(kind(memory().default_timeout(0)), ErrorKind::Config);
    assert_eq!(kind(memory().key_prefix("a{b")), ErrorKind::Config);
    assert_eq!(kind(memory().key_prefix("a}b")), ErrorKind::Config);
    let shelf = larder::backends::Plain::new(common::shelf::Shelf::default());
    let error = Cache::builder()
        .backend(shelf)
        .build()
        .map(drop)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("key_prefix"), "{error}");
    assert!(Memory::builder().max_entries(0).build().is_err());
    assert!(Memory::builder().max_bytes(0).build().is_err());
    assert!(memory().default_timeout(Timeout::Never).build().is_ok());
    assert!(memory().default_timeout(Duration::MAX).build().is_ok());
    assert!(Cache::builder().backend(Null).build().is_ok());
}

#[test]
fn errors_have_a_kind_a_text_and_a_source() {
    let source = std::io::Error::other("disk gone");
    let error = larder::Error::new(ErrorKind::Unavailable, "cannot read").with_source(source);
    assert_eq!(
        (error.kind(), error.to_string()),
        (ErrorKind::Unavailable, "cannot read".into())
    );
    let source = std::error::Error::source(&error).expect("chained");
    assert_eq!(source.to_string(), "disk gone");
    let boxed: Box<dyn std::error::Error + Send + Sync> = error.into();
    assert!(format!("{boxed:?}").contains("disk gone"));
}

#[test]
fn keys_are_any_text() {
    for cache in [common::cache(), common::shelf::Shelf::default().cache("p:")] {
        let keys = [
            "", " ", "a", "{a}", "a}", "{", "größe", "a:b", "\0", "v", "all", "{all}:v",
        ];
        for (n, key) in keys.iter().enumerate() {
            cache.set(key, &n, 60).wait().unwrap();
        }
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(cache.get(key).wait().unwrap(), Some(n), "{key:?}");
        }
        assert_eq!(cache.delete_many(keys).wait().unwrap(), keys.len() as u64);
    }
}

#[test]
fn an_entry_puts_gets_tells_its_ttl_and_deletes() {
    #[memoize(timeout = 60)]
    fn of(n: u64) -> String {
        n.to_string()
    }
    let clock = Clock::manual();
    let shelf = common::shelf::Shelf::default().timed_cache("p:", clock.clone());
    for (cache, clock) in [(timed().cache, None), (shelf, Some(clock))] {
        larder::scope::with_cache_sync(&cache, || {
            let entry = memoized_of(1);
            assert_eq!(entry.get().wait().unwrap(), None);
            assert_eq!(entry.ttl().wait().unwrap(), Ttl::Absent);
            entry.put(&"one".into(), 10).wait().unwrap();
            assert_eq!(entry.get().wait().unwrap(), Some("one".into()));
            assert_eq!(
                entry.ttl().wait().unwrap(),
                Ttl::Remaining(Duration::from_secs(10))
            );
            assert_eq!(of(1), "one");
            entry.put(&"uno".into(), Timeout::Never).wait().unwrap();
            assert_eq!(
                (of(1), entry.ttl().wait().unwrap()),
                ("uno".into(), Ttl::Forever)
            );
            entry.put(&"x".into(), 0).wait().unwrap();
            assert_eq!(entry.get().wait().unwrap(), None);
            assert!(!entry.delete().wait().unwrap());
            assert_eq!(of(1), "1");
            assert!(entry.delete().wait().unwrap());
            assert_eq!(of(1), "1", "an entry stays usable");
            assert!(format!("{entry:?}").contains("of}:"), "{entry:?}");
        });
        drop(clock);
    }
}
