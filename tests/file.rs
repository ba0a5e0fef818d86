//! Law: a store of files keeps to its directory and to its bound, and what is not whole is not there.
#![cfg(unix)]

mod common;
#[cfg(feature = "conformance")]
#[path = "file/company.rs"]
mod company;
#[path = "file/damage.rs"]
mod damage;
#[path = "servers/folder.rs"]
#[allow(dead_code)] // another test reads files
mod folder;
#[path = "file/place.rs"]
mod place;
#[path = "file/safety.rs"]
mod safety;
#[path = "file/space.rs"]
mod space;

use std::fs;
use std::time::Duration;

use larder::backends::file::Sync;
use larder::backends::{Acquired, Backend, Claim, File, Token};
use larder::conformance::Keyring;
use larder::{Cache, Clock, ErrorKind, Ttl, cached, memoize, scope};
use place::Place;

fn set(cache: &Cache, key: &str, value: u64) {
    cache.set(key, &value, 600).wait().unwrap();
}

fn get(cache: &Cache, key: &str) -> Option<u64> {
    cache.get(key).wait().unwrap()
}

#[test]
fn what_is_kept_survives_a_restart_whatever_is_synced() {
    for sync in [Sync::None, Sync::Data, Sync::All] {
        let place = Place::new();
        let open = || place.cache_by(|builder| builder.sync(sync));
        set(&open(), "k", 7);
        assert_eq!(get(&open(), "k"), Some(7), "{sync:?}");
        assert!(open().delete("k").wait().unwrap());
        assert_eq!(get(&open(), "k"), None, "{sync:?}");
    }
}

#[test]
fn a_function_is_computed_once_for_all_runs_of_a_program() {
    #[memoize(skip(runs), timeout = 600)]
    fn slow(n: u64, runs: &common::Runs) -> u64 {
        runs.count();
        n * n
    }
    static RUNS: common::Runs = common::Runs::new();
    let place = Place::new();
    for _ in 0..3 {
        let cache = place.cache();
        scope::with_cache_sync(&cache, || assert_eq!(slow(12, &RUNS), 144));
    }
    assert_eq!(RUNS.so_far(), 1);
    scope::with_cache_sync(&place.cache(), || delete_all_memoized_slow().unwrap());
    scope::with_cache_sync(&place.cache(), || assert_eq!(slow(12, &RUNS), 144));
    assert_eq!(RUNS.so_far(), 2);
}

#[test]
fn a_url_names_a_directory_and_what_it_may_take() {
    let place = Place::new();
    let directory = place.path().join("with space");
    let url = format!(
        "file://{}?max_bytes=1000000&max_value=1000&compress_above=100&sync=all\
         &operation_timeout_ms=100&prefix=p:&timeout=60",
        directory.display().to_string().replace(' ', "%20")
    );
    let cache = Cache::from_url(&url).unwrap();
    set(&cache, "k", 1);
    assert!(directory.join("entries").is_dir());
    let large = cache.set("large", &vec![7_u8; 1_001], 60).wait();
    assert_eq!(large.unwrap_err().kind(), ErrorKind::Refused);
}

#[test]
fn a_url_that_makes_no_sense_says_why() {
    let place = Place::new();
    let at = place.path().display();
    for (url, why) in [
        ("file://some/where?prefix=p:".to_owned(), "the whole path"),
        (format!("file://{at}?prefix=p:&sync=maybe"), "sync=maybe"),
        (format!("file://{at}?prefix=p:&max_bytes=1"), "64 KiB"),
        (
            format!("file://{at}?prefix=p:&max_entries=1"),
            "max_entries",
        ),
        (format!("file://{at}"), "prefix"),
        ("files:///x".to_owned(), "`file://`"),
    ] {
        let error = Cache::from_url(&url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_value_of_many_bytes_comes_back_and_one_of_too_many_is_not_kept() {
    #[cached(key_prefix = "bytes", timeout = 600)]
    fn bytes(length: usize) -> Vec<u8> {
        vec![7; length]
    }
    let place = Place::new();
    let cache = place.cache_by(|builder| builder.compress_above(usize::MAX));
    scope::with_cache_sync(&cache, || assert_eq!(bytes(16 << 20).len(), 16 << 20));
    scope::with_cache_sync(&cache, || assert_eq!(bytes(16 << 20).len(), 16 << 20));
    assert_eq!((cache.stats().hits, cache.stats().refused), (1, 0));
    let small = place.cache_by(|builder| builder.max_value(1 << 10));
    scope::with_cache_sync(&small, || assert_eq!(bytes(2 << 10).len(), 2 << 10));
    assert_eq!(small.stats().refused, 1);
    let set = small.set("k", &vec![7_u8; 2 << 10], 60).wait();
    assert_eq!(set.unwrap_err().kind(), ErrorKind::Refused);
}

#[test]
fn what_comes_from_the_future_is_not_served() {
    let place = Place::new();
    let (ahead, right) = (Clock::manual(), Clock::manual());
    ahead.advance(Duration::from_secs(3_600));
    let by = |clock: &Clock| place.cache_by(|builder| builder.clock(clock.clone()));
    let (early, late) = (by(&ahead), by(&right));
    early.set("k", &1_u64, 7_200).wait().unwrap();
    assert_eq!(get(&early, "k"), Some(1));
    assert_eq!(get(&late, "k"), None, "an hour before it was written");
    right.advance(Duration::from_secs(3_600));
    assert_eq!(get(&late, "k"), Some(1));
    right.advance(Duration::from_secs(7_200));
    assert_eq!(late.ttl("k").wait().unwrap(), Ttl::Absent);
}

#[test]
fn the_lease_of_a_store_that_is_gone_is_taken_over_at_once() {
    let place = Place::new();
    let (holder, next) = (place.open(), place.open());
    let keys = Keyring::new("p:");
    let key = keys.manual("k");
    let claim = |token| Claim {
        token: Token(token),
        anew: false,
        steal: false,
        lease: Duration::from_secs(3_600),
    };
    let granted = holder.acquire(&key.key(), claim(1)).wait().unwrap();
    assert!(matches!(granted, Acquired::Granted(_)));
    let held = next.acquire(&key.key(), claim(2)).wait().unwrap();
    assert!(matches!(held, Acquired::Held));
    drop(holder);
    let granted = next.acquire(&key.key(), claim(3)).wait().unwrap();
    assert!(matches!(granted, Acquired::Granted(_)));
}

#[test]
fn what_nobody_waits_for_is_done_in_its_order() {
    let place = Place::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    let cache = place.cache();
    runtime.block_on(async {
        for n in 0..500_u64 {
            drop(cache.set("k", &n, 60));
            assert_eq!(cache.get("k").await.unwrap(), Some(n));
            drop(cache.delete("k"));
            assert_eq!(cache.get::<u64>("k").await.unwrap(), None);
        }
        drop(cache.set("last", &7_u64, 60));
    });
    let other = place.cache();
    common::until(|| get(&other, "last") == Some(7));
}

/// A program may end with the next line.
#[test]
fn what_a_function_without_async_has_computed_is_kept_when_it_returns() {
    #[memoize(timeout = 600)]
    fn triple(n: u64) -> u64 {
        3 * n
    }
    let place = Place::new();
    let cache = place.cache();
    for n in 0..200 {
        scope::with_cache_sync(&cache, || assert_eq!(triple(n), 3 * n));
        assert_eq!(cache.stats().stores, n + 1);
    }
}

#[test]
fn a_lock_that_is_held_fails_an_invalidation_loudly_and_a_call_not_at_all() {
    #[memoize(timeout = 600)]
    fn double(n: u64) -> u64 {
        2 * n
    }
    let place = Place::new();
    let cache = place.cache();
    scope::with_cache_sync(&cache, || assert_eq!(double(4), 8));
    let locks = place.lock_all();
    let error = scope::with_cache_sync(&cache, || delete_memoized_double(4)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAcknowledged);
    assert!(
        error.to_string().contains("locked by another process"),
        "{error}"
    );
    scope::with_cache_sync(&cache, || assert_eq!(double(4), 8));
    drop(locks);
    common::until(|| scope::with_cache_sync(&cache, || delete_memoized_double(4)).is_ok());
}

#[test]
fn a_store_says_where_it_is() {
    let place = Place::new();
    let shown = format!("{:?}", place.open());
    let path = fs::canonicalize(place.path()).unwrap();
    assert!(shown.contains(path.to_str().unwrap()), "{shown}");
}

#[test]
fn what_cannot_be_a_store_is_refused_with_the_reason() {
    let place = Place::new();
    fs::create_dir_all(place.path()).unwrap();
    let file = place.path().join("file");
    fs::write(&file, "text").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = File::open(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.to_string().contains("cannot be a store of files"),
            "{error}"
        );
    }
    fs::write(place.path().join("larder"), "larder: another format\n").unwrap();
    let error = File::open(place.path()).unwrap_err();
    assert!(error.to_string().contains("not of this format"), "{error}");
}
