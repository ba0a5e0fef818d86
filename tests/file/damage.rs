//! Files that somebody else has written, or that were damaged.

use std::fs;

use larder::ErrorKind;

use crate::place::Place;
use crate::{get, set};

#[test]
fn one_flipped_byte_anywhere_is_a_miss() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "k", 0x0102_0304_0506);
    for path in place.files() {
        let good = fs::read(&path).unwrap();
        for place in 0..good.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = good.clone();
                bytes[place] ^= flip;
                fs::write(&path, bytes).unwrap();
                assert_eq!(get(&cache, "k"), None, "byte {place} of {path:?}");
            }
        }
        fs::write(&path, good).unwrap();
        assert_eq!(get(&cache, "k"), Some(0x0102_0304_0506));
    }
}

#[test]
fn a_file_of_any_other_length_is_a_miss() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "k", 7);
    for path in place.files() {
        let good = fs::read(&path).unwrap();
        for length in 0..good.len() {
            fs::write(&path, &good[..length]).unwrap();
            assert_eq!(get(&cache, "k"), None, "{length} bytes of {path:?}");
        }
        fs::write(&path, [&good[..], b"x"].concat()).unwrap();
        assert_eq!(get(&cache, "k"), None);
        fs::write(&path, good).unwrap();
        assert_eq!(get(&cache, "k"), Some(7));
    }
}

#[test]
fn the_file_of_another_key_is_a_miss() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "a", 1);
    let mine = place.entry();
    set(&cache, "b", 2);
    let others = place.entries().into_iter().find(|path| *path != mine);
    fs::copy(others.unwrap(), &mine).unwrap();
    assert_eq!(get(&cache, "a"), None);
    assert_eq!(get(&cache, "b"), Some(2));
}

#[test]
fn what_is_damaged_is_written_over() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "k", 1);
    for path in place.files() {
        fs::write(&path, "nonsense").unwrap();
    }
    for shard in place.shards() {
        fs::write(shard.join("lock"), "nonsense").unwrap();
    }
    set(&cache, "k", 2);
    assert_eq!(get(&cache, "k"), Some(2));
    assert_eq!(cache.incr("n", 5).wait().unwrap(), 5);
    assert!(cache.delete("k").wait().unwrap());
}

#[test]
fn what_cannot_be_written_is_an_error_and_a_call_goes_on() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "k", 1);
    // For everybody, where rights are not looked at for some.
    for shard in place.shards() {
        fs::remove_dir_all(&shard).unwrap();
        fs::write(shard, "in the way").unwrap();
    }
    let error = cache.set("k", &2_u64, 60).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(std::error::Error::source(&error).is_some());
    let error = cache.delete("k").wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAcknowledged);
    let got = cache.get_or_compute_with("k", 60, || 3_u64).wait();
    assert_eq!(got, 3);
    for shard in place.shards() {
        fs::remove_file(shard).ok();
    }
    crate::common::until(|| {
        cache.get_or_compute_with("k", 60, || 4_u64).wait();
        cache.get("k").wait().ok().flatten() == Some(4_u64)
    });
}
