//! A folder for the files of a test.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

/// A folder that goes with its last clone.
#[derive(Clone)]
pub(crate) struct Folder(Arc<Inner>);

struct Inner {
    path: PathBuf,
    files: AtomicU32,
}

impl Folder {
    pub(crate) fn new() -> Self {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("larder-sqlite-test-{}-{number}", process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the folder can be made");
        Self(Arc::new(Inner {
            path,
            files: AtomicU32::new(0),
        }))
    }

    /// A file that is not there yet.
    pub(crate) fn file(&self) -> PathBuf {
        let number = self.0.files.fetch_add(1, Ordering::Relaxed);
        self.0.path.join(format!("{number}.db"))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.path).ok();
    }
}
