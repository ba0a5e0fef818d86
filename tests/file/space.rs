//! What the store takes: never more than it may, and nothing of what is over.

use std::fs::{self, File as Handle, FileTimes};
use std::time::{Duration, SystemTime};

use larder::{Cache, Clock, memoize, scope};

use crate::place::Place;
use crate::{get, set};

const BOUND: u64 = 512 << 10;

fn bounded(place: &Place) -> Cache {
    place.cache_by(|builder| builder.max_bytes(BOUND).compress_above(usize::MAX))
}

#[test]
fn everything_together_stays_within_the_bound() {
    let place = Place::new();
    let cache = bounded(&place);
    for n in 0..600_usize {
        let value = vec![7_u8; n * 97 % 12_000];
        cache.set(format!("k{n}"), &value, 600).wait().unwrap();
        if n % 50 == 49 {
            assert!(place.bytes() <= BOUND, "{} bytes", place.bytes());
        }
    }
    assert!(place.bytes() > BOUND / 2, "{} bytes only", place.bytes());
    let last: Option<Vec<u8>> = cache.get("k599").wait().unwrap();
    assert_eq!(last.map(|value| value.len()), Some(599 * 97 % 12_000));
}

/// So many files that not all of them are looked at.
#[test]
fn the_bound_holds_for_many_files() {
    const MANY: u64 = 8 << 20;
    let place = Place::new();
    let cache = place.cache_by(|builder| builder.max_bytes(MANY));
    for n in 0..3_000 {
        set(&cache, &format!("k{n}"), n);
    }
    assert!(place.bytes() <= MANY, "{} bytes", place.bytes());
    assert!(place.bytes() > MANY / 2, "{} bytes only", place.bytes());
}

/// A program that stores a little each time it runs.
#[test]
fn the_bound_holds_across_runs() {
    let place = Place::new();
    for n in 0..300 {
        set(&bounded(&place), &format!("k{n}"), n);
    }
    assert!(place.bytes() <= BOUND, "{} bytes", place.bytes());
}

#[test]
fn what_was_used_goes_last() {
    let place = Place::new();
    let cache = bounded(&place);
    for n in 0..100 {
        set(&cache, &format!("k{n}"), n);
    }
    // As if they had been there for an hour.
    let before = SystemTime::now() - Duration::from_secs(3_600);
    for path in place.files() {
        let file = Handle::options().write(true).open(path).unwrap();
        file.set_times(FileTimes::new().set_accessed(before))
            .unwrap();
    }
    for n in 0..10 {
        assert_eq!(get(&cache, &format!("k{n}")), Some(n));
    }
    for n in 100..200 {
        set(&cache, &format!("k{n}"), n);
    }
    let left = |range: std::ops::Range<u64>| {
        let there = |n: &u64| get(&cache, &format!("k{n}")).is_some();
        range.filter(there).count()
    };
    assert_eq!(left(0..10), 10, "used a moment ago");
    assert!(left(10..100) < 60, "nothing went");
}

#[test]
fn a_value_that_takes_most_of_the_space_is_not_kept() {
    let place = Place::new();
    let cache = bounded(&place);
    let large = vec![7_u8; usize::try_from(BOUND).unwrap() / 2];
    assert!(cache.set("k", &large, 60).wait().is_err());
}

#[memoize(timeout = 60, tags = [format!("order:{n}")])]
fn order(n: u64) -> u64 {
    n
}

#[test]
fn nothing_is_left_of_what_has_expired() {
    let place = Place::new();
    let clock = Clock::manual();
    let cache = place.cache_by(|builder| builder.clock(clock.clone()));
    scope::with_cache_sync(&cache, || (0..300).for_each(|n| assert_eq!(order(n), n)));
    assert!(place.files().len() > 600);
    clock.advance(Duration::from_secs(8 * 3_600));
    let store = larder::backends::File::builder(place.path()).clock(clock);
    store.open().unwrap().sweep().unwrap();
    assert_eq!(place.files(), Vec::<std::path::PathBuf>::new());
}

/// Without anybody who sweeps.
#[test]
fn tags_that_live_shortly_do_not_pile_up() {
    let place = Place::new();
    let clock = Clock::manual();
    let cache = place.cache_by(|builder| builder.clock(clock.clone()));
    for round in 0..20 {
        let orders = round * 150..(round + 1) * 150;
        scope::with_cache_sync(&cache, || orders.for_each(|n| assert_eq!(order(n), n)));
        clock.advance(Duration::from_secs(8 * 3_600));
    }
    let left = place.files().len();
    // Of 6 000 that were made: for each folder not many more than are looked through at once.
    assert!(left < 64 * 50, "{left} files");
}

#[test]
fn what_the_dead_have_left_goes_and_what_is_not_ours_stays() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "k", 1);
    let entry = place.entry();
    let shard = entry.parent().unwrap();
    let dead = shard.join("00000000000000aa-1.tmp");
    let foreign = [shard.join("notes.txt"), shard.join("00aa-1.tmp")];
    let sign = place.path().join("alive").join("00000000000000aa");
    for path in foreign.iter().chain([&dead, &sign]) {
        fs::write(path, "left").unwrap();
    }
    place.open().sweep().unwrap();
    assert!(!dead.exists() && !sign.exists());
    assert!(foreign.iter().all(|path| path.exists()));
    assert_eq!(get(&cache, "k"), Some(1));
}

#[test]
fn leases_are_no_files() {
    let place = Place::new();
    let cache = place.cache();
    let seen = cache
        .get_or_compute_with("k", 60, || place.files().len())
        .wait();
    assert_eq!(seen, 1, "the version of everything");
    drop(cache);
    let alive = fs::read_dir(place.path().join("alive")).unwrap();
    assert_eq!(alive.count(), 0, "a sign of life of nobody");
}
