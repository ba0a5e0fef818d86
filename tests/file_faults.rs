//! Law: fresh after invalidate, over histories of several processes that share a directory to which things
//! happen.
//!
//! Each test is a fault with its verdict, as its comment says it: the guarantee holds. Workers are this very
//! program, run again; what they do is written down and checked afterwards (`tests/history`). The source of
//! truth is a server that nothing happens to. The figures go to stderr, whether or not a test passes.
#![cfg(unix)]

#[path = "file_faults/directory.rs"]
mod directory;
#[path = "faults/functions.rs"]
mod functions;
#[path = "file_faults/headline.rs"]
mod headline;
mod history;
#[path = "faults/order.rs"]
mod order;
#[path = "faults/pantry.rs"]
mod pantry;
#[path = "file_faults/processes.rs"]
mod processes;
#[path = "faults/run.rs"]
#[allow(dead_code)] // what only servers need
mod run;
mod servers;
#[path = "faults/source.rs"]
mod source;
#[path = "faults/totals.rs"]
mod totals;
#[path = "faults/worker.rs"]
mod worker;

use std::path::PathBuf;

use pantry::Pantry;
use run::Run;
use servers::folder::Folder;

/// Not a test: what the tests run in processes of their own.
#[test]
fn worker() {
    if let Some(order) = order::Order::given() {
        worker::work(&order);
    }
}

/// A directory of a test, and a run over it.
struct Scene {
    run: Run,
    directory: PathBuf,
    _folder: Folder,
}

impl Scene {
    fn new() -> Self {
        Self::over(Pantry::File)
    }

    fn over(pantry: fn(PathBuf) -> Pantry) -> Self {
        let folder = Folder::new();
        let directory = folder.file("store");
        Self {
            run: Run::over(pantry(directory.clone())),
            directory,
            _folder: folder,
        }
    }

    /// With so many workers, at work.
    fn of(workers: u32) -> Self {
        let mut scene = Self::new();
        scene.run.hire_many(workers);
        scene.run.settle();
        scene
    }
}
