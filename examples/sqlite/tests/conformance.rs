//! The file keeps every law of a store.

mod folder;

use folder::Folder;
use larder::Clock;
use larder::conformance::{Chapter, Suite};
use larder_example_sqlite::Sqlite;

/// Runs a chapter. Each store is a new file; two of them on one file are two processes.
fn keeps(chapter: Chapter) {
    let folder = Folder::new();
    let open = |path, clock| Sqlite::with_clock(path, clock).expect("the file can be opened");
    let one = {
        let folder = folder.clone();
        move |clock: Clock| open(folder.file(), clock)
    };
    let two = move |clock: Clock| {
        let path = folder.file();
        [open(path.clone(), clock.clone()), open(path, clock)]
    };
    let suite = Suite::new(one).shared_by(two);
    suite.rounds(50).chapter(chapter).run();
}

#[test]
fn the_laws_of_leases() {
    keeps(Chapter::Leases);
}

#[test]
fn the_laws_of_invalidation() {
    keeps(Chapter::Invalidation);
}

#[test]
fn the_laws_of_values() {
    keeps(Chapter::Values);
}

#[test]
fn the_laws_of_lifetimes() {
    keeps(Chapter::Lifetimes);
}

#[test]
fn the_laws_of_keys() {
    keeps(Chapter::Keys);
}

#[test]
fn the_laws_of_user_code() {
    keeps(Chapter::UserCode);
}

#[test]
fn the_laws_of_races() {
    keeps(Chapter::Races);
}

#[test]
fn the_laws_of_sharing() {
    keeps(Chapter::Sharing);
}
