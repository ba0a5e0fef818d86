//! The directory: where files are, how they are read, written aside and renamed.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Sync;
use super::disk::{Opened, blocks, create, make_folder, not_a_folder, open_file, present, time};
use super::names::{Name, SHARDS, aside};
use super::record::{Kind, seal};

/// The directory of one store, as one process uses it.
pub(super) struct Folder {
    pub(super) root: PathBuf,
    /// The number of this store among those that use the directory.
    pub(super) owner: u64,
    sync: Sync,
    shards: Vec<Shard>,
    /// The number of the next file that is written aside.
    next: AtomicU64,
}

struct Shard {
    path: PathBuf,
    /// It was seen to be a folder, not a link that leads out of the directory.
    seen: AtomicBool,
}

impl Folder {
    pub(super) fn new(root: PathBuf, owner: u64, sync: Sync) -> Self {
        let shard = |number| Shard {
            path: root.join("entries").join(format!("{number:02x}")),
            seen: AtomicBool::new(false),
        };
        Self {
            owner,
            sync,
            shards: (0..SHARDS).map(shard).collect(),
            next: AtomicU64::new(0),
            root,
        }
    }

    /// The path of a folder of files; nothing if there is none.
    pub(super) fn shard(&self, number: usize) -> io::Result<Option<&Path>> {
        let shard = &self.shards[number];
        if !shard.seen.load(Ordering::Relaxed) {
            for folder in [&self.root.join("entries"), &shard.path] {
                match present(fs::symlink_metadata(folder))? {
                    None => return Ok(None),
                    Some(found) if !found.is_dir() => return Err(not_a_folder(folder)),
                    Some(_) => {}
                }
            }
            shard.seen.store(true, Ordering::Relaxed);
        }
        Ok(Some(&shard.path))
    }

    /// The same, made if there is none.
    pub(super) fn make_shard(&self, number: usize) -> io::Result<&Path> {
        if self.shard(number)?.is_none() {
            make_folder(&self.shards[number].path)?;
            return self.shard(number)?.ok_or(io::ErrorKind::NotFound.into());
        }
        Ok(&self.shards[number].path)
    }

    /// Somebody removes what is in the directory: nothing that was seen is there for certain.
    pub(super) fn look_again(&self) {
        for shard in &self.shards {
            shard.seen.store(false, Ordering::Relaxed);
        }
    }

    /// Opens a file; nothing if there is none.
    pub(super) fn open(&self, name: &Name, kind: Kind) -> io::Result<Option<Opened>> {
        match self.shard(name.shard())? {
            Some(shard) => open_file(&shard.join(name.file(kind))),
            None => Ok(None),
        }
    }

    /// Writes a file that is needed until then, beside the place where it is to be.
    pub(super) fn aside(
        &self,
        name: &Name,
        kind: Kind,
        body: Vec<u8>,
        deadline: u64,
    ) -> io::Result<Aside> {
        let bytes = seal(kind, &name.text, body);
        let write = || self.write_aside(name, kind, &bytes, deadline);
        match write() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.look_again();
                write()
            }
            written => written,
        }
    }

    fn write_aside(
        &self,
        name: &Name,
        kind: Kind,
        bytes: &[u8],
        deadline: u64,
    ) -> io::Result<Aside> {
        let shard = self.make_shard(name.shard())?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = shard.join(aside(self.owner, number));
        let mut file = create(&path)?;
        let aside = Aside {
            to: shard.join(name.file(kind)),
            blocks: blocks(bytes.len() as u64),
            path,
            published: false,
        };
        file.write_all(bytes)?;
        if self.sync != Sync::None {
            file.sync_data()?;
        }
        file.set_times(FileTimes::new().set_modified(time(deadline)))?;
        Ok(aside)
    }

    /// Puts what was written aside in its place: at once, for all who look.
    pub(super) fn publish(&self, mut aside: Aside) -> io::Result<()> {
        fs::rename(&aside.path, &aside.to)?;
        aside.published = true;
        self.settle(&aside.to)
    }

    /// Writes a file of the same length anew where it is, if there is one.
    pub(super) fn rewrite(&self, name: &Name, kind: Kind, body: Vec<u8>) -> io::Result<()> {
        let Some(shard) = self.shard(name.shard())? else {
            return Ok(());
        };
        let path = shard.join(name.file(kind));
        let there = present(fs::symlink_metadata(&path))?;
        if !there.is_some_and(|there| there.is_file()) {
            return Ok(());
        }
        let Some(mut file) = present(OpenOptions::new().write(true).open(&path))? else {
            return Ok(());
        };
        file.write_all(&seal(kind, &name.text, body))?;
        match self.sync {
            Sync::All => file.sync_data(),
            Sync::None | Sync::Data => Ok(()),
        }
    }

    /// Removes a file, if it is there; answers whether it was.
    pub(super) fn remove(&self, name: &Name, kind: Kind) -> io::Result<bool> {
        let Some(shard) = self.shard(name.shard())? else {
            return Ok(false);
        };
        let path = shard.join(name.file(kind));
        let removed = present(fs::remove_file(&path))?.is_some();
        if removed {
            self.settle(&path)?;
        }
        Ok(removed)
    }

    /// How many blocks a file takes.
    pub(super) fn blocks(&self, name: &Name, kind: Kind) -> io::Result<u64> {
        let Some(shard) = self.shard(name.shard())? else {
            return Ok(0);
        };
        let found = present(fs::symlink_metadata(shard.join(name.file(kind))))?;
        Ok(found.map_or(0, |found| blocks(found.len())))
    }

    /// Has a file be needed until then.
    pub(super) fn prolong(&self, name: &Name, kind: Kind, deadline: u64) -> io::Result<()> {
        let Some(shard) = self.shard(name.shard())? else {
            return Ok(());
        };
        if let Some(file) = present(File::open(shard.join(name.file(kind))))? {
            file.set_times(FileTimes::new().set_modified(time(deadline)))?;
        }
        Ok(())
    }

    /// Has what happened in a folder survive a power cut, if that is asked for.
    fn settle(&self, path: &Path) -> io::Result<()> {
        match path.parent() {
            Some(folder) if self.sync == Sync::All => File::open(folder)?.sync_all(),
            _ => Ok(()),
        }
    }
}

/// A file that was written and is not in its place yet; dropped, it is gone.
pub(super) struct Aside {
    path: PathBuf,
    to: PathBuf,
    /// How many blocks it takes.
    pub(super) blocks: u64,
    published: bool,
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.published {
            fs::remove_file(&self.path).ok();
        }
    }
}
