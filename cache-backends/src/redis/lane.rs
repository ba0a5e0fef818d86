//! A connection for the reads of one runtime, which drives it.
//!
//! The socket belongs to the store's own runtime, unless the user says that the other one was built
//! with sockets: it cannot be asked.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{Either, select};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ConnectionAddr, RedisConnectionInfo, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::traffic::{Traffic, Watch};
use super::wire::LINE;

/// A connection for reads.
pub(super) struct Lane {
    pub(super) connection: MultiplexedConnection,
    pub(super) traffic: Traffic,
    watch: Mutex<Option<Watch>>,
    driver: Mutex<Option<Driver>>,
    closed: AtomicBool,
    closing: Notify,
}

type Driver = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a connection is made over.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// Opens a socket; there is none where TLS is spoken.
pub(super) async fn connect(address: ConnectionAddr) -> Option<Box<dyn Socket>> {
    match address {
        ConnectionAddr::Tcp(host, port) => {
            let socket = TcpStream::connect((host, port)).await.ok()?;
            socket.set_nodelay(true).ok()?;
            Some(Box::new(socket))
        }
        #[cfg(unix)]
        ConnectionAddr::Unix(path) => {
            let socket = tokio::net::UnixStream::connect(path).await.ok()?;
            Some(Box::new(socket))
        }
        _ => None,
    }
}

impl Lane {
    /// Makes a connection over a socket.
    pub(super) async fn new(
        settings: RedisConnectionInfo,
        socket: Box<dyn Socket>,
    ) -> Option<Self> {
        let (connection, driver) = driver(settings, socket).await?;
        Some(Self {
            connection,
            traffic: Traffic::default(),
            watch: Mutex::default(),
            driver: Mutex::new(Some(driver)),
            closed: AtomicBool::new(false),
            closing: Notify::new(),
        })
    }

    /// Sends a command; nothing if that fails, or if the lane is closed meanwhile.
    pub(super) async fn ask(&self, command: &Cmd) -> Option<Value> {
        let mut connection = self.connection.clone();
        match connection.send_packed_command(command).await {
            Ok(Value::ServerError(_)) | Err(_) => None,
            Ok(answer) => Some(answer),
        }
    }

    /// Whether an answer seems overdue. To be asked every now and then.
    pub(super) fn is_overdue(&self, patience: Duration) -> bool {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let watch = watch.get_or_insert_with(|| Watch::new(patience));
        watch.suspects(&self.traffic)
    }

    /// Fails what is under way: without its driver a connection answers nobody. That does not need
    /// the runtime, which may be blocked.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.sweep();
        self.closing.notify_one();
    }

    /// Drops the driver of a closed lane, unless it is being polled: then that does it.
    fn sweep(&self) {
        let driver = match self.driver.try_lock() {
            Ok(mut driver) => driver.take(),
            Err(TryLockError::Poisoned(driver)) => driver.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        drop(driver);
    }

    /// Drives the connection, until it ends or is closed.
    pub(super) async fn driven(&self) {
        let driven = poll_fn(|context| self.poll_driver(context));
        select(driven, pin!(self.closing.notified())).await;
    }

    fn poll_driver(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(driving) = driver.as_mut() else {
            return Poll::Ready(());
        };
        let over = driving.as_mut().poll(context);
        if over.is_ready() {
            *driver = None;
        }
        drop(driver);
        if self.closed.load(Ordering::SeqCst) {
            self.sweep();
            return Poll::Ready(());
        }
        over
    }
}

/// A connection over a socket, and what drives it.
async fn driver(
    settings: RedisConnectionInfo,
    socket: Box<dyn Socket>,
) -> Option<(MultiplexedConnection, Driver)> {
    let config = AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_pipeline_buffer_size(LINE);
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut driver: Driver = Box::pin(async move {
        // What drives it borrows the settings, although it says that it does not.
        let made = MultiplexedConnection::new_with_config(&settings, socket, config);
        if let Ok((connection, driver)) = made.await
            && tell.send(connection).is_ok()
        {
            driver.await;
        }
    });
    let connection = match select(&mut driver, told).await {
        Either::Left(_) => None,
        Either::Right((connection, _)) => connection.ok(),
    };
    Some((connection?, driver))
}
