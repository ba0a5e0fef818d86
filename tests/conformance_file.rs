//! Files keep every law that the other stores keep: a clock that a law moves, two stores on one
//! directory for two processes.

#[macro_use]
#[path = "conformance/chapters.rs"]
mod chapters;
#[path = "servers/folder.rs"]
#[allow(dead_code)] // another test reads files
mod folder;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use folder::Folder;
use larder::Clock;
use larder::backends::File;
use larder::conformance::Suite;

/// Directories that go with the suite.
#[derive(Clone)]
struct Place(Arc<Folder>);

impl Place {
    fn new() -> Self {
        Self(Arc::new(Folder::new()))
    }

    /// A directory that nobody has used.
    fn fresh(&self) -> PathBuf {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        self.0.path().join(number.to_string())
    }
}

/// A patient store: the machine that runs the tests may be busy.
fn open(directory: &Path, clock: Clock) -> File {
    let builder = File::builder(directory).clock(clock);
    let builder = builder.operation_timeout(Duration::from_secs(10));
    builder.open().expect("a directory for temporary files")
}

fn file() -> Suite {
    let place = Place::new();
    let twins = place.clone();
    Suite::new(move |clock| open(&place.fresh(), clock))
        .shared_by(move |clock| {
            let directory = twins.fresh();
            [open(&directory, clock.clone()), open(&directory, clock)]
        })
        .rounds(60)
}

keeps!(file);

#[test]
fn files_keep_the_laws_of_lifetimes_by_the_clock_of_the_system() {
    let place = Place::new();
    let suite = Suite::in_real_time(move || File::open(place.fresh()).expect("a directory"));
    suite.chapter(larder::conformance::Chapter::Lifetimes).run();
}
