//! Who is there: each store holds the lock of a file of its own for as long as it lives.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::disk::{create, make_folder, present};

/// The sign of life of one store.
///
/// The system frees the lock when the process ends, so that what a dead process left behind is known as
/// such at once.
pub(super) struct Presence {
    path: PathBuf,
    held: Mutex<Option<File>>,
}

impl Presence {
    /// Makes the sign of life of a store of that number.
    pub(super) fn new(root: &Path, owner: u64) -> io::Result<Self> {
        let presence = Self {
            path: path(root, owner),
            held: Mutex::default(),
        };
        presence.keep()?;
        Ok(presence)
    }

    /// Makes it again if somebody has removed it.
    pub(super) fn keep(&self) -> io::Result<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.is_some() && present(fs::symlink_metadata(&self.path))?.is_some() {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            make_folder(folder)?;
        }
        // Between the two lines it can be taken for dead and be removed: then it is made again.
        let file = create(&self.path)?;
        file.lock()?;
        *held = Some(file);
        Ok(())
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        fs::remove_file(&self.path).ok();
    }
}

/// Whether the store of that number lives.
pub(super) fn is_alive(root: &Path, owner: u64) -> bool {
    let path = path(root, owner);
    if !fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
        return false;
    }
    let Ok(file) = File::open(path) else {
        return false;
    };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Removes the signs of those who have died.
pub(super) fn sweep(root: &Path) -> io::Result<()> {
    let Some(folder) = present(fs::read_dir(root.join(FOLDER)))? else {
        return Ok(());
    };
    for found in folder {
        let name = found?.file_name();
        let owner = name.to_str().filter(|name| name.len() == 16);
        if let Some(owner) = owner.and_then(|name| u64::from_str_radix(name, 16).ok())
            && !is_alive(root, owner)
        {
            present(fs::remove_file(path(root, owner)))?;
        }
    }
    Ok(())
}

const FOLDER: &str = "alive";

fn path(root: &Path, owner: u64) -> PathBuf {
    root.join(FOLDER).join(format!("{owner:016x}"))
}
