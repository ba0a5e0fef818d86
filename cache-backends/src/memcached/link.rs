//! The servers of one store, and the thread that drives their connections.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use larder_core::error::Result;
use larder_core::reply::Reply;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::failure;
use super::grants::Grants;
use super::hints::Hints;
use super::ring::Ring;
use super::server::Server;
use super::settings::Settings;
use super::turns::Turns;
use crate::errand::Errand;

/// The servers of one store.
pub(super) struct Link {
    pub(super) settings: Settings,
    pub(super) servers: Vec<Server>,
    pub(super) ring: Ring,
    pub(super) turns: Turns,
    pub(super) grants: Grants,
    pub(super) hints: Hints,
    closing: AtomicBool,
    closed: Notify,
    runtime: OnceLock<Option<Handle>>,
    start_thread: StartThread,
}

/// Work under way.
type Work<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// Starts the thread of a store; nothing if the process may have no more.
pub(super) type StartThread = fn(&Arc<Link>) -> Option<Handle>;

impl Link {
    pub(super) fn new(servers: Vec<Server>, settings: Settings, start_thread: StartThread) -> Self {
        Self {
            settings,
            ring: Ring::new(servers.iter().map(|server| &server.address)),
            servers,
            turns: Turns::default(),
            grants: Grants::default(),
            hints: Hints::default(),
            closing: AtomicBool::new(false),
            closed: Notify::new(),
            runtime: OnceLock::new(),
            start_thread,
        }
    }

    /// Starts work that goes on whether or not anybody waits for it.
    ///
    /// Its first commands are in the line when this returns: what the caller does next comes after
    /// them.
    pub(super) fn start<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        self.begin(work, |work, runtime| {
            Reply::later(Errand::new(work, runtime))
        })
    }

    /// The same for work that takes its [turn](super::turns): it goes on by itself from the beginning, as
    /// others wait until it is over, and who waits for them may not be waiting for it.
    pub(super) fn start_turn<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        self.begin(work, |work, runtime| {
            let turn = runtime.spawn(work);
            Reply::later(async move {
                let over = turn.await;
                over.unwrap_or_else(|_| Err(failure::no_thread()))
            })
        })
    }

    /// Begins work; says how what is left of it goes on.
    fn begin<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        go_on: impl FnOnce(Work<T>, &Handle) -> Reply<'static, Result<T>>,
    ) -> Reply<'static, Result<T>> {
        let Some(runtime) = self.runtime() else {
            return Reply::now(Err(failure::no_thread()));
        };
        let mut work: Work<T> = Box::pin(work);
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Reply::now(answer),
            Poll::Pending => go_on(work, runtime),
        }
    }

    /// Nobody has the store any more.
    pub(super) fn end(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.closed.notify_waiters();
        self.servers
            .iter()
            .for_each(|server| server.attention.notify_one());
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Waits until nobody has the store any more.
    pub(super) async fn closed(&self) {
        let mut closed = std::pin::pin!(self.closed.notified());
        closed.as_mut().enable();
        if !self.is_closing() {
            closed.await;
        }
    }

    /// The runtime of this store: one thread, started with the first command.
    fn runtime(self: &Arc<Self>) -> Option<&Handle> {
        let start = || (self.start_thread)(self);
        self.runtime.get_or_init(start).as_ref()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.servers.fmt(f)
    }
}
