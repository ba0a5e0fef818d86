//! A directory of a test, and what is in it.

use std::fs::{self, File as Handle};
use std::path::{Path, PathBuf};

use larder::Cache;
use larder::backends::File;
use larder::backends::file::Builder;

use crate::folder::Folder;

/// A directory that nobody has used, gone with the test.
pub(crate) struct Place {
    folder: Folder,
    path: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let path = folder.file("store");
        Self { folder, path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A path beside the directory.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.folder.file(name)
    }

    pub(crate) fn open(&self) -> File {
        File::open(&self.path).expect("a directory")
    }

    pub(crate) fn cache(&self) -> Cache {
        self.cache_by(|builder| builder)
    }

    pub(crate) fn cache_by(&self, set: impl FnOnce(Builder) -> Builder) -> Cache {
        cache(set(File::builder(&self.path)).open().expect("a directory"))
    }

    /// The folders of files.
    pub(crate) fn shards(&self) -> Vec<PathBuf> {
        list(&self.path.join("entries"))
    }

    /// Every file of the store in them, less the locks.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let shards = self.shards();
        let files = shards.iter().flat_map(|shard| list(shard));
        files.filter(|path| !path.ends_with("lock")).collect()
    }

    /// The file of the only entry.
    #[track_caller]
    pub(crate) fn entry(&self) -> PathBuf {
        let entries = self.entries();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries.into_iter().next().expect("one")
    }

    pub(crate) fn entries(&self) -> Vec<PathBuf> {
        let is_entry = |path: &PathBuf| path.extension().is_none();
        self.files().into_iter().filter(is_entry).collect()
    }

    /// What the files take, in bytes of whole blocks.
    pub(crate) fn bytes(&self) -> u64 {
        let length = |path: PathBuf| fs::metadata(path).map_or(0, |found| found.len());
        let blocks = |path| length(path).div_ceil(4_096).max(1);
        self.files().into_iter().map(blocks).sum::<u64>() * 4_096
    }

    /// Holds every lock that there is, as a process would that was stopped.
    pub(crate) fn lock_all(&self) -> Vec<Handle> {
        let open = |shard: &PathBuf| Handle::open(shard.join("lock")).expect("a lock");
        let locks: Vec<_> = self.shards().iter().map(open).collect();
        for lock in &locks {
            lock.lock().expect("held by nobody");
        }
        locks
    }
}

pub(crate) fn cache(store: File) -> Cache {
    let builder = Cache::builder().key_prefix("p:").backend(store);
    builder.build().expect("a right configuration")
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    found.map(|file| file.path()).collect()
}
