//! Faults of the directory that processes share.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Scene;
use crate::run::turn;
use crate::run::{again, pass};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// All files of the store.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| {
        let found = fs::read_dir(folder).into_iter().flatten().flatten();
        found.map(|file| file.path()).collect::<Vec<_>>()
    };
    let folders = list(&directory.join("entries"));
    folders.iter().flat_map(|folder| list(folder)).collect()
}

/// **Holds.** Entries, leases and versions die together: an absent version is a miss, an absent lease
/// stores nothing.
#[test]
fn a_directory_that_is_emptied_costs_only_misses() {
    let _turn = turn();
    let scene = Scene::of(3);
    let mut removed = 0;
    again(millis(60), millis(3_000), || {
        let files = files(&scene.directory);
        removed += files
            .iter()
            .filter(|path| fs::remove_file(path).is_ok())
            .count();
        // Not where a worker has made another file meanwhile.
        fs::remove_dir_all(scene.directory.join("entries")).ok();
        fs::remove_dir_all(scene.directory.join("alive")).ok();
    });
    assert!(removed > 1_000, "removed {removed} files only");
    scene.run.end("files: everything removed").assert_lawful();
}

/// **Holds.** What is not whole is not there: an entry is missed, a version is nobody's, a lease is
/// nobody's either.
#[test]
fn files_that_are_truncated_or_overwritten_cost_only_misses() {
    let _turn = turn();
    let scene = Scene::of(3);
    let mut harmed = 0_usize;
    again(millis(5), millis(3_000), || {
        let files = files(&scene.directory);
        let Some(path) = files.get(harmed * 31 % files.len().max(1)) else {
            return;
        };
        if let Ok(file) = OpenOptions::new().write(true).open(path) {
            let length = file.metadata().map_or(0, |found| found.len());
            file.set_len(length * (harmed as u64 % 4) / 4).ok();
            harmed += 1;
        }
    });
    assert!(harmed > 100, "{harmed} files only");
    scene.run.end("files: truncated").assert_lawful();
}

/// **Holds.** Whoever needs a lock that somebody does not let go of gives up within his budget: calls go
/// on, and an invalidation says that it was not made, and is made later.
#[test]
fn locks_that_are_held_hang_nobody_and_invalidations_say_so() {
    let _turn = turn();
    let scene = Scene::of(3);
    again(millis(500), millis(3_000), || {
        let folders = fs::read_dir(scene.directory.join("entries")).expect("folders");
        let open = |folder: fs::DirEntry| File::open(folder.path().join("lock")).ok();
        let locks: Vec<File> = folders.flatten().filter_map(open).collect();
        for lock in &locks {
            lock.lock().expect("a lock");
        }
        pass(millis(300));
    });
    let outcome = scene.run.end("files: locks held");
    outcome.assert_lawful();
    let unheard = outcome.verdict.figures.unacknowledged;
    assert!(unheard > 0, "nobody needed a lock");
}

/// **Holds.** What is not ours is not read, not counted and not removed.
#[test]
fn foreign_files_and_folders_are_left_alone() {
    let _turn = turn();
    let scene = Scene::of(2);
    let folders = fs::read_dir(scene.directory.join("entries")).expect("folders");
    let mut foreign = Vec::new();
    for folder in folders.flatten() {
        foreign.push(folder.path().join("notes.txt"));
        foreign.push(folder.path().join("f".repeat(31)));
    }
    for path in &foreign {
        fs::write(path, "mine").expect("a file of somebody else");
    }
    pass(millis(1_500));
    scene.run.end("files: foreign files").assert_lawful();
    let left = |path: &&PathBuf| fs::read(path).is_ok_and(|bytes| bytes == b"mine");
    assert_eq!(foreign.iter().filter(left).count(), foreign.len());
}
