//! Who is there: each store holds the lock of a file of its own for as long as it lives.

use std::fs::{self, DirEntry, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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
        *held = Some(show(&self.path)?);
        Ok(())
    }
}

/// Makes a sign of life. It is locked before anybody finds it: who looks whether we live, and is stopped
/// while he does, cannot hold us up.
fn show(path: &Path) -> io::Result<File> {
    let unseen = path.with_extension(UNSEEN);
    // Of an attempt that failed.
    present(fs::remove_file(&unseen))?;
    let file = create(&unseen)?;
    file.try_lock()?;
    fs::rename(&unseen, path)?;
    Ok(file)
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
        let found = found?;
        if is_over(root, &found) {
            present(fs::remove_file(found.path()))?;
        }
    }
    Ok(())
}

/// Whether it is the sign of a store that has died. One that nobody was to find yet is not opened: who made
/// it is about to lock it.
fn is_over(root: &Path, found: &DirEntry) -> bool {
    let name = found.file_name();
    let Some((owner, rest)) = name.to_str().and_then(|name| name.split_at_checked(16)) else {
        return false;
    };
    let owner = u64::from_str_radix(owner, 16);
    match rest {
        "" => owner.is_ok_and(|owner| !is_alive(root, owner)),
        rest => owner.is_ok() && rest == UNSEEN_ENDING && is_old(found),
    }
}

fn is_old(found: &DirEntry) -> bool {
    let made = found.metadata().and_then(|found| found.modified());
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > OLD))
}

/// Making a sign of life takes some microseconds; one that was stopped meanwhile makes another.
const OLD: Duration = Duration::from_secs(3_600);
const UNSEEN: &str = "tmp";
const UNSEEN_ENDING: &str = ".tmp";
const FOLDER: &str = "alive";

fn path(root: &Path, owner: u64) -> PathBuf {
    root.join(FOLDER).join(format!("{owner:016x}"))
}
