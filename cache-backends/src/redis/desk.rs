//! Connections for reads of threads that wait for the answer: asked and answered on that thread.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redis::{Cmd, Connection, ConnectionLike, Value};

/// So many threads are served at once; the others are served on the line.
const MOST: usize = 16;

/// Connections that answer one command after the other.
#[derive(Default)]
pub(super) struct Desks {
    free: Mutex<Vec<Connection>>,
    /// How many there are, with those that are in use or being opened.
    count: AtomicUsize,
    closed: AtomicBool,
}

impl Desks {
    /// A connection that nobody uses.
    pub(super) fn take(&self) -> Option<Connection> {
        self.free().pop()
    }

    /// Whether one more may be opened.
    pub(super) fn has_room(&self) -> bool {
        self.count.load(Ordering::SeqCst) < MOST
    }

    /// Sends a command and waits for its answer, for half as long as a command may take; nothing if
    /// that fails, and then the connection is gone.
    pub(super) fn ask(&self, mut connection: Connection, command: &Cmd) -> Option<Value> {
        match connection.req_command(command) {
            Ok(Value::ServerError(_)) | Err(_) => {
                self.give_up();
                None
            }
            Ok(answer) => {
                self.put(connection);
                Some(answer)
            }
        }
    }

    /// Closes those that are free, and the others when they are.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.free().clear();
    }

    /// Counts one that is being opened.
    pub(super) fn begin(&self) {
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    /// Counts one less.
    pub(super) fn give_up(&self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }

    /// Takes one that nobody uses.
    pub(super) fn put(&self, connection: Connection) {
        let mut free = self.free();
        if !self.closed.load(Ordering::SeqCst) {
            free.push(connection);
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
