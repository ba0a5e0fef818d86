//! Files in a directory, for one machine: one file an entry, kept across restarts.

mod builder;
mod disk;
mod entry;
mod failure;
mod folder;
mod lease;
mod ledger;
mod lock;
mod names;
mod presence;
mod protocol;
mod queue;
mod record;
mod register;
mod shelves;
mod sweep;
mod ticket;
mod turn;
mod versions;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use larder_core::backend::{Acquired, Backend, Claim, Lease, Profile, Scope, Stored};
use larder_core::error::Result;
use larder_core::key::Key;
use larder_core::reply::Reply;
use larder_core::timeout::Ttl;
use larder_core::value::{Item, Kept, Term};
use larder_core::wait::is_waiting;

pub use builder::{Builder, Sync};
use failure::not_acknowledged;
use names::{Names, version_of};
use protocol::Packed;
use queue::{Concern, Queue};
use shelves::Shelves;

use crate::payload::{Framed, NONE, stamp};

/// A store of files in a directory, shared by every process of one machine that opens it with the same
/// `key_prefix`; what is kept survives restarts.
///
/// **What it guarantees.** Fresh after invalidate, across processes, whatever they do: crash at any step,
/// stop for a minute, be slow. One process computes for all; if it dies, another takes over at once. Every
/// file is written aside and renamed, and has a checksum: what is not whole, or not ours, is a miss. The
/// directory must not go back to an older state: what a power cut can do is said at [`Sync`].
///
/// **What it needs.** A local filesystem with advisory locks. Folders are made for their owner only (0700),
/// files too (0600); no text of a key is part of a path, and no link is followed.
///
/// # Examples
///
/// ```
/// use larder_backends::File;
/// use larder_core::cache::Cache;
///
/// # let directory = std::env::temp_dir().join(format!("larder-doc-{}", std::process::id()));
/// let cache = Cache::builder()
///     .backend(File::open(&directory)?)
///     .key_prefix("my_tool_v1:")
///     .build()?;
/// cache.set("greeting", &"hello".to_owned(), 60).wait()?;
/// # drop(cache);
/// # std::fs::remove_dir_all(&directory).unwrap();
/// # Ok::<_, larder_core::error::Error>(())
/// ```
pub struct File {
    shelves: Arc<Shelves>,
    queue: Arc<Queue>,
}

impl File {
    /// Opens a directory, which is made if there is none, with the defaults of the
    /// [builder](File::builder).
    ///
    /// # Errors
    ///
    /// [`Config`](larder_core::error::ErrorKind::Config) if it is no directory, cannot be written, or was
    /// made by a program with another format.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        Self::builder(directory).open()
    }

    /// Starts to configure a store in a directory.
    pub fn builder(directory: impl AsRef<Path>) -> Builder {
        Builder::new(directory.as_ref())
    }

    /// Removes now what has expired and what dead processes have left, and what is above the bound. This
    /// happens by itself, little by little, when values are stored; a program that stores rarely may do it
    /// at its end. Blocks the thread.
    ///
    /// # Errors
    ///
    /// An error if the directory cannot be read or written.
    pub fn sweep(&self) -> Result<()> {
        self.shelves.sweep()
    }

    fn over(shelves: Arc<Shelves>) -> Self {
        let queue = Arc::default();
        Self { shelves, queue }
    }

    /// Starts a command that writes, or that needs a lock.
    fn start<T: Send + 'static>(
        &self,
        concern: Concern,
        work: impl FnOnce(&Shelves) -> Result<T> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        let shelves = Arc::clone(&self.shelves);
        self.queue.start(concern, move || {
            let answer = work(&shelves);
            shelves.health.note(&answer);
            answer
        })
    }

    /// Starts a command that only reads; elsewhere, if that takes long.
    fn look<T: Send + 'static>(
        &self,
        concern: Concern,
        is_long: bool,
        work: impl FnOnce(&Shelves) -> Result<T> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        if is_long {
            return self.start(concern, work);
        }
        let shelves = Arc::clone(&self.shelves);
        self.queue.look(concern, move || work(&shelves))
    }

    /// Whether who asks should not wait while entries are read.
    fn takes_long(&self, entries: &[Names]) -> bool {
        !is_waiting() && self.shelves.are_large(entries)
    }

    /// Starts a command that reads one entry.
    fn look_at<T: Send + 'static>(
        &self,
        key: &Key<'_>,
        work: impl FnOnce(&Shelves, &Names) -> Result<T> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        let names = Names::of(key);
        let is_long = self.takes_long(std::slice::from_ref(&names));
        let concern = Concern::One(names.entry.hash);
        self.look(concern, is_long, move |shelves| work(shelves, &names))
    }

    /// Starts a command on one entry.
    fn start_on<T: Send + 'static>(
        &self,
        key: &Key<'_>,
        work: impl FnOnce(&Shelves, &Names) -> Result<T> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        let names = Names::of(key);
        let concern = Concern::One(names.entry.hash);
        self.start(concern, move |shelves| work(shelves, &names))
    }
}

impl Backend for File {
    fn profile(&self) -> Profile {
        Profile {
            shared: true,
            objects: false,
            lends: false,
        }
    }

    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        self.look_at(key, Shelves::value)
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>> {
        self.start_on(key, move |shelves, names| shelves.acquire(names, &claim))
    }

    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        let Shelves { time, limits, .. } = &*self.shelves;
        let (seen, expires) = (lease.seen.versions().unwrap_or(NONE), time.end_of(ttl));
        let mut frame = match limits.frame(&item, seen, expires) {
            Ok(Framed::Frame(frame)) => frame,
            Ok(Framed::TooLarge(_)) => {
                return self.release(key, lease).map(|_| Ok(Stored::Refused));
            }
            Err(error) => return self.release(key, lease).map(|_| Err(error)),
        };
        stamp(&mut frame, seen, time.now());
        let packed = Packed { frame, expires };
        self.start_on(key, move |shelves, names| {
            shelves.store(names, lease, packed)
        })
    }

    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, by: Duration) -> Reply<'a, Result<bool>> {
        self.start_on(key, move |shelves, names| {
            shelves.extend(&names.entry, lease.token, by)
        })
    }

    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>> {
        self.start_on(key, move |shelves, names| {
            shelves.release(&names.entry, lease.token)
        })
    }

    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        let forgotten = match (scope, version_of(scope)) {
            (_, Some(version)) => self.start(Concern::Any, move |shelves: &Shelves| {
                shelves.forget_version(&version)
            }),
            (Scope::Entries([key]), None) => self.start_on(key, |shelves, names| {
                shelves.forget(std::slice::from_ref(names))
            }),
            (Scope::Entries(keys), None) => {
                let entries: Vec<_> = keys.iter().map(Names::of).collect();
                self.start(Concern::Any, move |shelves| shelves.forget(&entries))
            }
            _ => Reply::now(Ok(0)),
        };
        forgotten.map(|answer| answer.map_err(not_acknowledged))
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        let entries: Vec<_> = keys.iter().map(Names::of).collect();
        let is_long = self.takes_long(&entries);
        self.look(Concern::Any, is_long, move |shelves| {
            entries.iter().map(|names| shelves.value(names)).collect()
        })
    }

    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        let packed = entries
            .iter()
            .map(|(key, item)| Ok((Names::of(key), self.shelves.pack(item, ttl)?)));
        match packed.collect::<Result<Vec<_>>>() {
            Ok(entries) => self.start(Concern::Any, move |shelves| {
                let mut entries = entries.into_iter();
                entries.try_for_each(|(names, packed)| shelves.set(&names, packed))
            }),
            Err(error) => Reply::now(Err(error)),
        }
    }

    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>> {
        match self.shelves.pack(&item, ttl) {
            Ok(packed) => self.start_on(key, move |shelves, names| shelves.add(names, packed)),
            Err(error) => Reply::now(Err(error)),
        }
    }

    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>> {
        self.start_on(key, move |shelves, names| shelves.incr(names, by, ttl))
    }

    fn term(&self, _: &Key<'_>, _: &Kept) -> Option<Term> {
        None
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        self.look_at(key, Shelves::ttl)
    }
}

/// Waits until what was begun is done: a program that ends keeps what it has stored.
impl Drop for File {
    fn drop(&mut self) {
        self.queue.finish();
    }
}

/// Shows where the files are.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("File")
            .field(&self.shelves.folder.root)
            .finish()
    }
}
