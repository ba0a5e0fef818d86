//! The table of the guide's chapter about choosing a store says what the stores do.

mod common;
mod servers;

use std::path::PathBuf;
use std::time::Duration;

use common::until;
use larder::backends::{Backend, File, Memcached, Memory, Moka, Null, Redis};
use larder::{Cache, ErrorKind, memoize, scope};
use servers::folder::Folder;
use servers::memcached::MemcachedServer;
use servers::proxy::Proxy;
use servers::server::RedisServer;

const CHAPTER: &str = include_str!("../docs/guide/12-choosing-a-store.md");

/// The cells of a store's row, by the titles of the columns.
fn cell(store: &str, column: &str) -> String {
    let mut rows = CHAPTER.lines().filter(|line| line.starts_with('|'));
    let cells = |line: &str| -> Vec<String> {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let titles = cells(rows.next().expect("a table"));
    let at = titles.iter().position(|title| title.starts_with(column));
    let name = format!("`{store}`");
    let row = rows.map(cells).find(|row| row[0].starts_with(&name));
    row.expect("the store has a row")[at.expect("there is such a column")].clone()
}

/// A store that can be opened again, as another program would.
struct Case {
    name: &'static str,
    open: Box<dyn Fn() -> Cache>,
    shared: bool,
    _server: Box<dyn std::any::Any>,
}

fn case<B: Backend>(
    name: &'static str,
    open: impl Fn() -> B + 'static,
    server: impl std::any::Any,
) -> Case {
    let shared = open().profile().shared;
    Case {
        name,
        open: Box::new(move || over(open())),
        shared,
        _server: Box::new(server),
    }
}

fn over(store: impl Backend) -> Cache {
    let builder = Cache::builder().backend(store).key_prefix("table:");
    builder.build().expect("a right configuration")
}

fn cases() -> Vec<Case> {
    let (folder, redis, memcached) = (
        Folder::new(),
        RedisServer::start(),
        MemcachedServer::start(),
    );
    let (path, url) = (folder.file("store"), redis.url());
    let address = memcached.address();
    vec![
        case("Memory", || Memory::new(100), ()),
        case("Moka", || Moka::new(100), ()),
        case("Null", || Null, ()),
        case("File", move || open_file(&path), folder),
        case(
            "Redis",
            move || Redis::connect(&url).wait().expect("a server"),
            redis,
        ),
        case(
            "Memcached",
            move || {
                Memcached::builder([address.clone()])
                    .connect()
                    .wait()
                    .expect("a server")
            },
            memcached,
        ),
    ]
}

fn open_file(path: &PathBuf) -> File {
    File::open(path).expect("a directory")
}

#[test]
fn whoever_shares_a_store_and_how_long_it_lives_is_what_the_table_says() {
    for case in cases() {
        let said = cell(case.name, "shared by");
        let alone = ["one process", "nobody"].contains(&&*said);
        assert_eq!(alone, !case.shared, "{}: {said}", case.name);
        let (one, other) = ((case.open)(), (case.open)());
        one.set("k", &1, 60).wait().unwrap();
        let seen = other.get::<i32>("k").wait().unwrap();
        assert_eq!(seen.is_some(), !alone, "{}", case.name);
        drop((one, other));
        let later = (case.open)().get::<i32>("k").wait().unwrap();
        let outlives = cell(case.name, "outlives the program") == "yes";
        assert_eq!(later.is_some(), outlives, "{}", case.name);
    }
}

#[test]
fn the_largest_value_is_what_the_table_says() {
    for case in cases() {
        let said = cell(case.name, "largest value");
        let Some(limit) = said.strip_suffix(" MiB") else {
            continue;
        };
        let limit: usize = limit.parse().unwrap();
        let cache = (case.open)();
        let set = |bytes: usize| cache.set("k", &noise(bytes), 60).wait();
        let error = set((limit << 20) + 1).expect_err(case.name);
        assert_eq!(error.kind(), ErrorKind::Refused, "{}: {error}", case.name);
        // With room for a frame, and for what a server adds to it.
        set((limit << 20) - 2_048).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    }
}

/// Nothing that can be compressed.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let next = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b' ' + u8::try_from((state >> 33) % 94).expect("less than 94"))
    };
    (0..bytes).map(next).collect()
}

#[test]
fn round_trips_are_what_the_table_says() {
    #[memoize(name = "table")]
    fn of(n: u64) -> u64 {
        n
    }
    let (redis, memcached) = (RedisServer::start(), MemcachedServer::start());
    let patient = Duration::from_secs(10);
    let (to_redis, to_memcached) = (Proxy::to(redis.port()), Proxy::to(memcached.port()));
    let redis = Redis::builder(to_redis.url()).operation_timeout(patient);
    let memcached = Memcached::builder([to_memcached.address()]).operation_timeout(patient);
    let redis = over(redis.connect().wait().expect("a server"));
    let memcached = over(memcached.connect().wait().expect("a server"));
    for (name, cache, proxy) in [
        ("Redis", redis, to_redis),
        ("Memcached", memcached, to_memcached),
    ] {
        let stored = |count| until(|| cache.stats().stores == count);
        scope::with_cache_sync(&cache, || of(0));
        stored(1);
        let trips = |run: &dyn Fn()| {
            let before = proxy.trips();
            scope::with_cache_sync(&cache, run);
            proxy.trips() - before
        };
        let store = 1;
        let miss = trips(&|| {
            of(1);
            stored(2);
        }) - store;
        let hit = trips(&|| assert_eq!(of(1), 1));
        for invalidation in [
            trips(&|| assert!(delete_memoized_of(1).unwrap())),
            trips(&|| delete_all_memoized_of().unwrap()),
            trips(&|| cache.clear().wait().unwrap()),
        ] {
            let counted = format!("{hit} / {miss} / {invalidation}");
            assert_eq!(counted, cell(name, "round trips"), "{name}");
        }
    }
}

#[test]
fn a_url_names_the_store_of_its_row() {
    let folder = Folder::new();
    for (store, place) in [
        ("Memory", String::new()),
        ("Null", String::new()),
        ("File", folder.file("store").display().to_string()),
        ("Redis", "127.0.0.1:1/0".to_owned()),
        ("Memcached", "127.0.0.1:1,127.0.0.1:2".to_owned()),
    ] {
        let said = cell(store, "URL");
        let scheme = said
            .trim_matches('`')
            .split("://")
            .next()
            .unwrap()
            .to_owned();
        let cache = Cache::from_url(&format!("{scheme}://{place}?prefix=table:")).unwrap();
        assert!(format!("{cache:?}").contains(store), "{store}: {cache:?}");
    }
    assert_eq!(cell("Moka", "URL"), "");
}

/// Whoever adds a store adds a row.
#[test]
fn every_store_has_a_row() {
    let known = include_str!("../src/backends.rs");
    for line in known.lines().filter(|line| line.starts_with("//! | ")) {
        let name: String = line
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == '|')
            .collect();
        let name = name.split('|').nth(1).expect("a name");
        if name != "store" {
            let name = name.split("feature").next().expect("a name");
            cell(name, "choose it for");
        }
    }
}
