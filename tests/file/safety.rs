//! What the store makes is for its owner only, and nothing is ever outside of its directory.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::place::Place;
use crate::{get, set};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

/// Everything below a folder.
fn all(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).unwrap().flatten();
    let below = |path: PathBuf| {
        let inner = if path.is_dir() { all(&path) } else { vec![] };
        inner.into_iter().chain([path])
    };
    found.flat_map(|file| below(file.path())).collect()
}

#[test]
fn folders_and_files_are_for_their_owner_only() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "k", 1);
    assert_eq!(mode(place.path()), 0o700);
    for path in all(place.path()) {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{path:?}");
    }
}

#[test]
fn no_text_of_a_key_is_part_of_a_path() {
    let place = Place::new();
    let cache = place.cache();
    let long = "x".repeat(10_000);
    for key in [
        "../../escaped",
        "/etc/passwd",
        "a/b/c",
        "",
        "nul\0",
        "..",
        &long,
    ] {
        set(&cache, key, 1);
        assert_eq!(get(&cache, key), Some(1), "{key:?}");
    }
    let beside = fs::read_dir(place.path().parent().unwrap()).unwrap();
    assert_eq!(beside.count(), 1, "something is beside the directory");
    for path in place.entries() {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}

#[test]
fn a_link_in_the_place_of_a_file_is_not_followed() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "k", 1);
    for path in place.files() {
        // Even if what it leads to is right.
        let outside = place.outside("outside");
        fs::rename(&path, &outside).unwrap();
        symlink(&outside, &path).unwrap();
        let before = fs::read(&outside).unwrap();
        assert_eq!(get(&cache, "k"), None, "{path:?}");
        cache.clear().wait().unwrap();
        set(&cache, "k", 1);
        assert_eq!(fs::read(&outside).unwrap(), before);
        fs::remove_file(outside).unwrap();
    }
    assert_eq!(get(&cache, "k"), Some(1));
}

#[test]
fn a_link_in_the_place_of_a_lock_or_a_folder_is_not_followed() {
    let place = Place::new();
    set(&place.cache(), "k", 1);
    let entry = place.entry();
    let shard = entry.parent().unwrap();
    let outside = place.outside("outside");
    fs::write(&outside, "mine").unwrap();
    fs::remove_file(shard.join("lock")).unwrap();
    symlink(&outside, shard.join("lock")).unwrap();
    assert!(place.cache().set("k", &2_u64, 60).wait().is_err());
    assert_eq!(fs::read(&outside).unwrap(), b"mine");
    let elsewhere = place.outside("elsewhere");
    fs::rename(shard, &elsewhere).unwrap();
    symlink(&elsewhere, shard).unwrap();
    let cache = place.cache();
    assert!(cache.get::<u64>("k").wait().is_err());
    assert!(cache.delete("k").wait().is_err());
    assert!(elsewhere.join(entry.file_name().unwrap()).exists());
}

#[test]
fn a_pipe_in_the_place_of_a_file_hangs_nobody() {
    let place = Place::new();
    let cache = place.cache();
    set(&cache, "k", 1);
    let entry = place.entry();
    fs::remove_file(&entry).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&entry).status();
    assert!(made.unwrap().success());
    assert_eq!(get(&cache, "k"), None);
    set(&cache, "k", 2);
    assert_eq!(get(&cache, "k"), Some(2));
}
