//! Connections for reads of threads that wait for the answer: asked and answered on that thread.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::{Cmd, Connection, ConnectionLike, Value};

use super::greeting::is_at_desk;
use super::link::Link;
use super::ways::Ways;

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
                self.count.fetch_sub(1, Ordering::SeqCst);
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

    fn put(&self, connection: Connection) {
        let mut free = self.free();
        if !self.closed.load(Ordering::SeqCst) {
            free.push(connection);
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens one more, beside whoever asks.
pub(super) fn open(link: &Arc<Link>, ways: &Arc<Ways>) {
    let Some(runtime) = link.handle() else {
        return;
    };
    ways.desks.count.fetch_add(1, Ordering::SeqCst);
    let (link, ways) = (Arc::clone(link), Arc::clone(ways));
    runtime.spawn(async move {
        if let Some(connection) = connect(&link, &ways).await {
            ways.desks.put(connection);
        } else {
            ways.desks.count.fetch_sub(1, Ordering::SeqCst);
            link.aside.fail();
        }
    });
}

/// Connects, and makes sure that it is the server that the line leads to.
async fn connect(link: &Arc<Link>, ways: &Arc<Ways>) -> Option<Connection> {
    let client = link.target.client().await?;
    let (settings, server) = (link.settings, ways.server.clone());
    let connected = tokio::task::spawn_blocking(move || {
        let limit = settings.connect_timeout;
        let mut connection = client.get_connection_with_timeout(limit).ok()?;
        let patience = Some(settings.operation_timeout / 2);
        connection.set_read_timeout(patience).ok()?;
        connection.set_write_timeout(patience).ok()?;
        is_at_desk(&mut connection, &server).then_some(connection)
    });
    let connection = connected.await.ok()??;
    ways.is_behind_line().await.then_some(connection)
}
