//! The store as a backend.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use larder::backends::{
    Acquired, Backend, Claim, Item, Kept, Key, Lease, Profile, Scope, Stored, Term,
};
use larder::{Clock, Error, ErrorKind, Reply, Result, Ttl};
use rusqlite::{ErrorCode, Transaction};

use crate::database::{Database, is_busy};
use crate::rows::{Encoded, Rows};

/// One SQLite file as the cache of all processes of a machine.
///
/// **What it guarantees.** Fresh after invalidate, in every process that has the file open: what is
/// compared and what is written are one transaction. A process may die at any step. A machine may
/// too: an invalidation has reached the disk when it is answered.
///
/// **It blocks.** Commands run on the caller's thread, also where there is async: a read takes some
/// microseconds, a write waits for the disk or for another process, at most 5 s. A store for many tasks
/// gives each command to a thread of its own as soon as it is called (not when its reply is
/// polled), and answers [`Reply::later`] with what comes back.
///
/// **What it lacks.** A bound: entries that never expire stay until they are deleted or written
/// anew, void or not. A breaker: while a process stands still in the middle of a write, each write
/// of another waits its 5 s. And SQLite wants one machine: a network drive is not shared safely.
#[derive(Debug)]
pub struct Sqlite {
    database: Database,
    /// The clock of a test.
    clock: Option<Clock>,
}

impl Sqlite {
    /// Opens a file, and makes it if it is not there, for its owner only.
    ///
    /// # Errors
    ///
    /// Of the kind `Unavailable` or `Timeout` if SQLite cannot open it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::opened(path.as_ref(), None)
    }

    /// The same, with a clock that tests can move.
    ///
    /// # Errors
    ///
    /// As [`open`](Sqlite::open).
    pub fn with_clock(path: impl AsRef<Path>, clock: Clock) -> Result<Self> {
        Self::opened(path.as_ref(), Some(clock))
    }

    fn opened(path: &Path, clock: Option<Clock>) -> Result<Self> {
        let database = Database::open(path).map_err(failed)?;
        Ok(Self { database, clock })
    }

    fn read<T>(&self, run: impl FnOnce(&Rows<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let read = self
            .database
            .read(|transaction| run(&self.rows(transaction)));
        read.map_err(failed)
    }

    fn write<T>(&self, run: impl FnOnce(&Rows<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let written = self.database.write(|transaction| {
            let rows = self.rows(transaction);
            rows.sweep()?;
            run(&rows)
        });
        written.map_err(failed)
    }

    /// The rows now: in a transaction that writes, when the wait for the file is over.
    fn rows<'t>(&self, transaction: &'t Transaction<'t>) -> Rows<'t> {
        let now = self.now();
        Rows { transaction, now }
    }

    /// The machine's clock, which all processes share: nobody's own decides what is in force.
    fn now(&self) -> i64 {
        let real = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.unwrap_or_default().as_millis()
        };
        let now = self
            .clock
            .as_ref()
            .map_or_else(real, |clock| clock.unix().into());
        i64::try_from(now).unwrap_or(i64::MAX)
    }
}

impl Backend for Sqlite {
    fn profile(&self) -> Profile {
        Profile {
            shared: true,   // other processes read and write the same entries
            objects: false, // as bytes
            lends: false,   // so there are no handles
        }
    }

    fn read<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Option<Kept>>> {
        let entry = self.read(|rows| rows.entry(key));
        Reply::now(entry.map(|entry| entry.map(|entry| entry.kept)))
    }

    fn acquire<'a>(&'a self, key: &Key<'_>, claim: Claim) -> Reply<'a, Result<Acquired>> {
        Reply::now(self.write(|rows| rows.acquire(key, claim)))
    }

    fn store<'a>(
        &'a self,
        key: &Key<'_>,
        lease: Lease,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<Stored>> {
        // The user's `Serialize`: before the transaction. It may fail: the lease is gone even so.
        Reply::now(match Encoded::of(&item) {
            Ok(value) => self.write(|rows| rows.store(key, lease, &value, ttl)),
            Err(error) => self.write(|rows| rows.release(key, lease)).and(Err(error)),
        })
    }

    fn extend<'a>(&'a self, key: &Key<'_>, lease: Lease, by: Duration) -> Reply<'a, Result<bool>> {
        Reply::now(self.write(|rows| rows.extend(key, lease, by)))
    }

    fn release<'a>(&'a self, key: &Key<'_>, lease: Lease) -> Reply<'a, Result<()>> {
        let released = self.write(|rows| rows.release(key, lease));
        Reply::now(released.map(drop))
    }

    fn invalidate<'a>(&'a self, scope: &Scope<'_>) -> Reply<'a, Result<u64>> {
        let done = self
            .database
            .write_through(|transaction| self.rows(transaction).invalidate(scope));
        Reply::now(done.map_err(|error| {
            let what = "the file did not confirm an invalidation";
            Error::new(ErrorKind::NotAcknowledged, what).with_source(failed(error))
        }))
    }

    fn read_many<'a>(&'a self, keys: &[Key<'_>]) -> Reply<'a, Result<Vec<Option<Kept>>>> {
        let kept = |rows: &Rows<'_>| {
            let entries = keys.iter().map(|key| rows.entry(key));
            entries
                .map(|entry| Ok(entry?.map(|entry| entry.kept)))
                .collect()
        };
        Reply::now(self.read(kept))
    }

    fn write_many<'a>(
        &'a self,
        entries: Vec<(Key<'_>, Item)>,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<()>> {
        let values = entries.iter().map(|(_, item)| Encoded::of(item));
        let values: Result<Vec<_>> = values.collect();
        let write = |rows: &Rows<'_>, values: &[Encoded]| {
            let mut entries = entries.iter().zip(values);
            entries.try_for_each(|((key, _), value)| rows.put(key, value, rows.end(ttl)))
        };
        Reply::now(values.and_then(|values| self.write(|rows| write(rows, &values))))
    }

    fn add<'a>(
        &'a self,
        key: &Key<'_>,
        item: Item,
        ttl: Option<Duration>,
    ) -> Reply<'a, Result<bool>> {
        let value = Encoded::of(&item);
        Reply::now(value.and_then(|value| self.write(|rows| rows.add(key, &value, ttl))))
    }

    fn incr<'a>(&'a self, key: &Key<'_>, by: i64, ttl: Option<Duration>) -> Reply<'a, Result<i64>> {
        let sum = self.write(|rows| rows.incr(key, by, ttl));
        Reply::now(sum.and_then(|sum| sum.ok_or_else(not_a_counter)))
    }

    /// Others write to the file: what was read may be void a moment later.
    fn term(&self, _: &Key<'_>, _: &Kept) -> Option<Term> {
        None
    }

    fn ttl<'a>(&'a self, key: &Key<'_>) -> Reply<'a, Result<Ttl>> {
        Reply::now(self.read(|rows| rows.ttl(key)))
    }
}

/// SQLite's error in larder's words: reads go on without the store, whatever it was.
fn failed(error: rusqlite::Error) -> Error {
    let kind = match error.sqlite_error_code() {
        _ if is_busy(&error) => ErrorKind::Timeout,
        Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::TooBig) => ErrorKind::Refused,
        _ => ErrorKind::Unavailable,
    };
    Error::new(kind, "the file failed").with_source(error)
}

fn not_a_counter() -> Error {
    let what = "the value under the key is not a counter, or full";
    Error::new(ErrorKind::Decode, what)
}
