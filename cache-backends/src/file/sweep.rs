//! Cleaning up: what is dead goes, and when there is too much, what was used least recently.
//!
//! Nobody looks through all the files at once unless they are few. A folder is looked through when as many
//! files were put into it as there were; and when everything together is above the bound, so many folders
//! that the sample is fair.

use std::fs::{self, DirEntry};
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use larder_core::error::Result;
use larder_core::random::random;

use super::disk::{blocks, deadline, present};
use super::failure::of_file;
use super::ledger::Ledger;
use super::names::{Found, SHARDS};
use super::presence;
use super::record::Kind;
use super::register::peek;
use super::shelves::Shelves;

/// What is to be cleaned up after a file was put in its place.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(super) struct Chores {
    pub(super) shard: usize,
    /// The folder is due.
    pub(super) folder: bool,
    /// There may be too much of everything.
    pub(super) bound: bool,
}

/// A file that was found in a folder.
struct Seen {
    shard: usize,
    path: PathBuf,
    kind: Kind,
    blocks: u64,
    /// Until when it is needed.
    deadline: u64,
    used: SystemTime,
}

/// So many files are a fair sample.
const SAMPLE: u64 = 1_024;
/// Through all folders so often, before it is given up: files cannot be removed, or others are quicker.
const ROUNDS: usize = 2;

impl Shelves {
    /// Does what is due. That it fails costs space until the next time.
    pub(super) fn tidy(&self, chores: Chores) {
        if let Err(error) = self.do_chores(chores) {
            log::debug!("files: cannot clean up: {error}");
        }
    }

    fn do_chores(&self, chores: Chores) -> Result<()> {
        if chores.folder {
            self.visit(chores.shard)?;
        }
        if chores.bound {
            self.bound()?;
        }
        Ok(())
    }

    /// Looks through everything.
    pub(super) fn sweep(&self) -> Result<()> {
        presence::sweep(&self.folder.root).map_err(cannot)?;
        for shard in 0..SHARDS {
            self.visit(shard)?;
        }
        self.bound()
    }

    /// Removes what was used least recently, until everything is within the bound again.
    fn bound(&self) -> Result<()> {
        let (mut sum, files) = self.sum().map_err(cannot)?;
        let most = self.usage.most();
        let at_once = SAMPLE.div_ceil((files / SHARDS as u64).max(1));
        let at_once = usize::try_from(at_once).unwrap_or(SHARDS).min(SHARDS);
        let mut next = usize::try_from(random() % SHARDS as u64).unwrap_or(0);
        let mut visits = 0;
        while sum > most && visits < ROUNDS * SHARDS {
            let shards = next..next + at_once;
            // A folder that somebody has locked, or where nothing can be removed, does not save the others.
            let seen = shards.flat_map(|shard| self.visit(shard % SHARDS).unwrap_or_default());
            let seen = seen.collect();
            (next, visits) = (next + at_once, visits + at_once);
            sum = self.sum().map_err(cannot)?.0;
            if sum > most {
                // A little more, so that the next file does not find it full again.
                self.evict(seen, sum - (most - most / 32), at_once == SHARDS);
                sum = self.sum().map_err(cannot)?.0;
            }
        }
        // Where it was in vain, the next attempt is not made by the next who stores, but some time later.
        self.usage.set(if sum > most { 0 } else { sum });
        Ok(())
    }

    /// The blocks of all folders, and about how many files.
    fn sum(&self) -> io::Result<(u64, u64)> {
        let mut sum = (0, 0);
        for shard in 0..SHARDS {
            let Ledger {
                blocks,
                puts,
                files,
            } = peek(&self.folder, shard)?.unwrap_or_default();
            sum = (sum.0 + blocks, sum.1 + puts + files);
        }
        Ok(sum)
    }

    /// Removes so many blocks of those that were used least recently; of a sample, an eighth of it at most.
    fn evict(&self, mut seen: Vec<Seen>, blocks: u64, all: bool) {
        let sample = seen.iter().map(|seen| seen.blocks).sum::<u64>();
        let mut left = if all {
            blocks
        } else {
            blocks.min(sample / 8 + 1)
        };
        // A version is read after its entry: of two that were used at once, the entry goes first.
        seen.sort_by_key(|seen| (seen.used, seen.kind == Kind::Version));
        for seen in seen {
            if left == 0 {
                break;
            }
            if self.remove_seen(&seen).unwrap_or(false) {
                left = left.saturating_sub(seen.blocks);
            }
        }
    }

    /// Looks through a folder: removes what is dead, counts what is alive, and answers it.
    fn visit(&self, shard: usize) -> Result<Vec<Seen>> {
        let Some(before) = peek(&self.folder, shard).map_err(cannot)? else {
            return Ok(Vec::new());
        };
        let seen = self.list(shard).map_err(cannot)?;
        self.count(shard, before, &seen)?;
        let now = self.time.now();
        let (alive, dead) = seen
            .into_iter()
            .partition::<Vec<_>, _>(|seen| seen.deadline > now);
        for dead in &dead {
            self.remove_seen(dead)?;
        }
        Ok(alive)
    }

    /// Writes down what was found; what was put in meanwhile may be counted twice, never not at all.
    fn count(&self, shard: usize, before: Ledger, seen: &[Seen]) -> Result<()> {
        let held = self.locks.lock(&self.folder, shard)?;
        let now = held.ledger().map_err(cannot)?;
        let ledger = Ledger {
            blocks: seen.iter().map(|seen| seen.blocks).sum::<u64>()
                + now.blocks.saturating_sub(before.blocks),
            puts: 0,
            files: seen.len() as u64,
        };
        held.write_ledger(ledger).map_err(cannot)
    }

    /// The files of ours in a folder. What a dead process has left beside its place is removed.
    fn list(&self, shard: usize) -> io::Result<Vec<Seen>> {
        let Some(path) = self.folder.shard(shard)? else {
            return Ok(Vec::new());
        };
        let mut seen = Vec::new();
        for file in fs::read_dir(path)? {
            let file = file?;
            match Found::of(&file.file_name()) {
                Some(Found::Ours(kind)) => seen.extend(see(shard, kind, &file)?),
                Some(Found::Aside(owner)) => self.remove_left(owner, &file)?,
                None => {}
            }
        }
        Ok(seen)
    }

    fn remove_left(&self, owner: u64, file: &DirEntry) -> io::Result<()> {
        let is_file = file.file_type()?.is_file();
        let root = &self.folder.root;
        if is_file && owner != self.folder.owner && !presence::is_alive(root, owner) {
            present(fs::remove_file(file.path()))?;
        }
        Ok(())
    }

    /// Removes a file, if it is still the one that was seen; answers whether it was.
    fn remove_seen(&self, seen: &Seen) -> Result<bool> {
        let held = self.locks.lock(&self.folder, seen.shard)?;
        let remove = || {
            let found = present(fs::symlink_metadata(&seen.path))?;
            let same = found.is_some_and(|found| {
                found.is_file()
                    && deadline(&found) == seen.deadline
                    && blocks(found.len()) == seen.blocks
            });
            if same {
                present(fs::remove_file(&seen.path))?;
                let mut ledger = held.ledger()?;
                ledger.remove(seen.blocks);
                held.write_ledger(ledger)?;
            }
            Ok(same)
        };
        remove().map_err(cannot)
    }
}

/// What a file of ours is; nothing if something else has its name.
fn see(shard: usize, kind: Kind, file: &DirEntry) -> io::Result<Option<Seen>> {
    let found = present(fs::symlink_metadata(file.path()))?;
    let found = found.filter(fs::Metadata::is_file);
    Ok(found.map(|found| Seen {
        shard,
        path: file.path(),
        kind,
        blocks: blocks(found.len()),
        deadline: deadline(&found),
        used: found.accessed().unwrap_or(UNIX_EPOCH),
    }))
}

fn cannot(error: io::Error) -> larder_core::error::Error {
    of_file("cannot look through the files", error)
}
