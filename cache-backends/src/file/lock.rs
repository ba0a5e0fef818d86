//! The locks of the folders: what must be one step, in all processes, happens under one.
//!
//! They are advisory locks of the system, which frees them when a process ends, however it ends. One that is
//! stopped in the middle of a step holds its lock: who waits gives up after a while, and for a moment after
//! that nobody waits at all.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use larder_core::error::Result;

use super::disk::{create, is_same, present};
use super::failure;
use super::folder::Folder;
use super::names::SHARDS;
use super::turn::{Past, Wait, take_turn};

/// The locks of one store.
pub(super) struct Locks {
    shards: Vec<Mutex<Past>>,
    /// How long a lock is waited for whose holder stays the same.
    patience: Duration,
}

/// A lock that is held; the system frees it with the file, the process's own threads come after that.
pub(super) struct Held<'a> {
    pub(super) file: File,
    pub(super) path: PathBuf,
    _inside: MutexGuard<'a, Past>,
}

impl Locks {
    pub(super) fn new(patience: Duration) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, patience }
    }

    /// Locks a folder of files, which is made if there is none.
    pub(super) fn lock(&self, folder: &Folder, shard: usize) -> Result<Held<'_>> {
        let mut inside = self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut wait = Wait::new(self.patience, *inside);
        let cannot = |error| failure::of_file("cannot lock a folder of entries", error);
        loop {
            let path = make_lock(folder, shard).map_err(cannot)?;
            let Some(file) = open(&path).map_err(cannot)? else {
                continue;
            };
            wait.give_way(&file);
            if !wait.is_granted(&file).map_err(cannot)? {
                *inside = wait.past();
                return Err(failure::locked(&path));
            }
            if is_at(&file, &path).map_err(cannot)? {
                *inside = Past::of(take_turn(&file));
                return Ok(Held {
                    file,
                    path,
                    _inside: inside,
                });
            }
        }
    }
}

/// The lock of a folder, to look into without locking it; nothing if there is none.
pub(super) fn unlocked(folder: &Folder, shard: usize) -> io::Result<Option<File>> {
    match folder.shard(shard)? {
        Some(path) => open(&path.join(LOCK)),
        None => Ok(None),
    }
}

const LOCK: &str = "lock";

fn make_lock(folder: &Folder, shard: usize) -> io::Result<PathBuf> {
    let path = folder.make_shard(shard)?.join(LOCK);
    if present(fs::symlink_metadata(&path))?.is_some() {
        return Ok(path);
    }
    match create(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            folder.look_again();
            create(&folder.make_shard(shard)?.join(LOCK))?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => drop(made?),
    }
    Ok(path)
}

/// Opens what is a file, and no link that leads elsewhere; nothing if it is gone.
fn open(path: &Path) -> io::Result<Option<File>> {
    match present(fs::symlink_metadata(path))? {
        None => Ok(None),
        Some(found) if !found.is_file() => Err(io::ErrorKind::InvalidInput.into()),
        Some(_) => present(OpenOptions::new().read(true).write(true).open(path)),
    }
}

/// Whether a lock is still the one that others find, and not of a folder that was removed.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let there = present(fs::symlink_metadata(path))?;
    let here = file.metadata()?;
    Ok(there.is_some_and(|there| is_same(&there, &here)))
}
