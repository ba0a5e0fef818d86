//! Configuring a store of files.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use larder_core::clock::Clock;
use larder_core::error::Result;
use larder_core::random::random;

use super::File;
use super::disk::{create, make_folder, not_a_folder, present};
use super::failure::{Health, config, of_directory};
use super::folder::Folder;
use super::ledger::Usage;
use super::lock::Locks;
use super::presence::{self, Presence};
use super::shelves::{Shelves, Time};
use crate::payload::Limits;

/// Configures a store of files. Nothing is touched before [`open`](Builder::open).
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `open`"]
pub struct Builder {
    directory: PathBuf,
    max_bytes: u64,
    limits: Limits,
    sync: Sync,
    operation_timeout: Duration,
    clock: Option<Clock>,
    compare_leases: bool,
}

/// What survives a power cut. Whatever is chosen, the crash of a process costs nothing but what it was
/// about to store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// Nothing for certain: the system writes to the disk when it likes. What it had not written is
    /// missed, and so may be an invalidation of the last seconds: *after a power cut* what it covers may
    /// be served again. The fastest, and the default.
    #[default]
    None,
    /// Every value is on the disk before it gets its place, so that an entry survives whole or as it was
    /// before. Of invalidations the same is true as for `None`.
    Data,
    /// Values, and each change of a folder: the guarantee holds across a power cut.
    All,
}

/// The smallest bound: less holds nothing worth keeping.
const LEAST: u64 = 64 << 10;
/// The longest time that a lock is waited for.
const LONGEST: Duration = Duration::from_secs(3_600);
/// The file by which a directory is known as ours, and what it says.
const MARKER: &str = "larder";
const FORMAT: &str = "larder: a store of files, format 1\n";

impl Builder {
    pub(super) fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            max_bytes: 1 << 30,
            limits: Limits {
                compress_above: 8 << 10,
                max_value: 64 << 20,
            },
            sync: Sync::None,
            operation_timeout: Duration::from_millis(50),
            clock: None,
            compare_leases: true,
        }
    }

    /// What all files together may take of the disk, counted in blocks of 4 KiB: 1 GiB unless set. What was
    /// used least recently goes first. All processes should say the same.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Values of more than so many bytes, before compression, are not kept: 64 MiB unless set, and never
    /// more than a quarter of `max_bytes`. They are counted in `Stats::refused`.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.limits.max_value = bytes;
        self
    }

    /// Values of more than so many bytes are compressed with LZ4: 8 KiB unless set. `usize::MAX`
    /// compresses nothing.
    pub fn compress_above(mut self, bytes: usize) -> Self {
        self.limits.compress_above = bytes;
        self
    }

    /// What survives a power cut: [`Sync::None`] unless set.
    pub fn sync(mut self, sync: Sync) -> Self {
        self.sync = sync;
        self
    }

    /// How long a lock that another process holds is waited for: 50 ms unless set. A process holds one for
    /// some microseconds; one that is stopped just then holds it until it goes on, and meanwhile calls go
    /// on without what it locks. A lock that goes from one to another is waited for longer, up to twenty
    /// times as long.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = timeout;
        self
    }

    /// A [manual](Clock::manual) clock in the place of the system's, for tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Stores without comparing leases, which makes the protocol unsound: the tests show with it that they
    /// can fail.
    #[doc(hidden)]
    pub fn skip_lease_compare(mut self) -> Self {
        self.compare_leases = false;
        self
    }

    /// Opens the directory, which is made if there is none.
    ///
    /// # Errors
    ///
    /// [`Config`](larder_core::error::ErrorKind::Config) if it is no directory, cannot be written, or was
    /// made by a program with another format; and if the configuration makes no sense.
    pub fn open(self) -> Result<File> {
        self.check()?;
        let failed = |error: io::Error| of_directory(&self.directory, error);
        let root = prepare(&self.directory).map_err(failed)?;
        let owner = random();
        let presence = Presence::new(&root, owner).map_err(failed)?;
        presence::sweep(&root).map_err(failed)?;
        let max_value = usize::try_from(self.max_bytes / 4).unwrap_or(usize::MAX);
        Ok(File::over(Arc::new(Shelves {
            folder: Folder::new(root, owner, self.sync),
            locks: Locks::new(self.operation_timeout),
            presence,
            usage: Usage::new(self.max_bytes),
            health: Health::default(),
            limits: Limits {
                max_value: self.limits.max_value.min(max_value),
                ..self.limits
            },
            time: Time::of(self.clock),
            compare_leases: self.compare_leases,
        })))
    }

    fn check(&self) -> Result<()> {
        if self.max_bytes < LEAST {
            return Err(config("max_bytes is less than 64 KiB: nothing fits in"));
        }
        if self.operation_timeout > LONGEST {
            return Err(config("a lock may be waited for an hour at most"));
        }
        Ok(())
    }
}

/// Makes what the directory needs; answers its path, whatever becomes of the current one.
fn prepare(directory: &Path) -> io::Result<PathBuf> {
    make_folder(directory)?;
    let root = fs::canonicalize(directory)?;
    mark(&root.join(MARKER))?;
    let entries = root.join("entries");
    for folder in [&entries, &root.join("alive")] {
        make_folder(folder)?;
        // A link would lead out of the directory.
        if !fs::symlink_metadata(folder)?.is_dir() {
            return Err(not_a_folder(folder));
        }
    }
    Ok(root)
}

/// Says whose directory it is, or reads that it is ours.
fn mark(path: &Path) -> io::Result<()> {
    if present(fs::symlink_metadata(path))?.is_some() {
        let found = fs::read(path)?;
        // Empty is what a crash, or another process a moment ago, has begun.
        if found.is_empty() || found == FORMAT.as_bytes() {
            return Ok(());
        }
        let what = format!("{} is not of this format", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    match create(path) {
        Ok(mut file) => file.write_all(FORMAT.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}
