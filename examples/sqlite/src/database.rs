//! The file: how it is opened, and how a transaction runs on it.

use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Result, Transaction, TransactionBehavior};

/// Whatever ends is found by its end, to be swept. Keys are any text, with zeros in it too.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS entry (
        key TEXT PRIMARY KEY,
        frame BLOB NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS lease (
        key TEXT PRIMARY KEY,
        token INTEGER NOT NULL,
        seen BLOB NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS version (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires);
    CREATE INDEX IF NOT EXISTS lease_expires ON lease (expires);
    CREATE INDEX IF NOT EXISTS version_expires ON version (expires);
";

/// For how long a command waits for another process to end its transaction. They are short: one
/// that is not over by then belongs to a process that was stopped in the middle of it.
const BUSY: Duration = Duration::from_secs(5);

/// One file, and the connections of this process to it.
pub(crate) struct Database {
    path: PathBuf,
    /// One: SQLite lets one connection write at a time, and a mutex wakes the next thread sooner.
    writer: Mutex<Connection>,
    /// Those that nobody reads with just now: as many as threads have read at once.
    readers: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens the file, and makes it if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        create(path).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let mut writer = connect(path)?;
        write_ahead(&writer)?;
        write(&mut writer, |schema| schema.execute_batch(SCHEMA))?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            readers: Mutex::default(),
        })
    }

    /// Runs a transaction that only reads: it sees one state of the file, and waits for nobody.
    pub(crate) fn read<T>(&self, run: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let idle = lock(&self.readers).pop();
        let mut reader = idle.map_or_else(|| connect(&self.path), Ok)?;
        let answer = run(&reader.transaction()?)?;
        lock(&self.readers).push(reader);
        Ok(answer)
    }

    /// Runs a transaction that writes. `IMMEDIATE` takes the file's lock before it reads: what it
    /// compares is what is there when it writes.
    pub(crate) fn write<T>(&self, run: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        write(&mut lock(&self.writer), run)
    }

    /// The same, and it has reached the disk when this returns.
    pub(crate) fn write_through<T>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut writer = lock(&self.writer);
        writer.pragma_update(None, "synchronous", "FULL")?;
        let answer = write(&mut writer, run);
        writer.pragma_update(None, "synchronous", "NORMAL")?;
        answer
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

fn write<T>(writer: &mut Connection, run: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answer = run(&transaction)?;
    transaction.commit()?;
    Ok(answer)
}

/// Makes the file before SQLite does, which would let everybody read it. The files beside it get
/// the same rights.
fn create(path: &Path) -> io::Result<()> {
    // A process that closes a file loses its locks on it, those of SQLite too: so a file that is
    // there is not opened here, and nobody goes on before a new one is closed.
    static CREATING: Mutex<()> = Mutex::new(());
    let _creating = lock(&CREATING);
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // A process that dies loses nothing; a machine that does may lose what was stored last.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Lets the readers and the writer not wait for each other. The file remembers it; of several
/// processes that say it to a new file at once, SQLite lets all but one fail and not wait.
fn write_ahead(connection: &Connection) -> Result<()> {
    let started = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && started.elapsed() < BUSY => {
                thread::sleep(Duration::from_millis(1));
            }
            done => return done,
        }
    }
}

/// Whether another process was in the way for too long.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    code.is_some_and(|code| matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// A panic in another thread has rolled its transaction back: the connection is as good as before.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
