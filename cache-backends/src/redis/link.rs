//! The connection to the server, from the side of those who send commands.
//!
//! It is open or it is down; while it is down a command fails at once, so that a dead server costs
//! nothing. Opening it is the [session](super::session)'s work, in the background, so that no
//! caller is made to try.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::task::{Context, Poll, Waker};

use larder_core::error::{Error, Result};
use larder_core::reply::Reply;
use redis::{Cmd, RedisError, RedisResult, Value};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::ahead::Ahead;
use super::aside::Aside;
use super::failure;
use super::fuse::Fuses;
use super::greeting::{Server, send_first};
use super::line::{Down, Line};
use super::script::Call;
use super::settings::Settings;
use super::traffic::Traffic;
use super::wire::{Target, Wire};
use crate::errand::Errand;
use crate::recent::Recent;

/// The connection of one store.
pub(super) struct Link {
    pub(super) settings: Settings,
    pub(super) target: Target,
    line: RwLock<Line>,
    /// Tells everybody who waits that the line has changed.
    changed: Notify,
    pub(super) traffic: Traffic,
    pub(super) recent: Recent,
    pub(super) fuses: Fuses,
    pub(super) ahead: Arc<Ahead>,
    pub(super) aside: Aside,
    /// The session is to end the connection, because a command found it broken.
    broken: AtomicBool,
    closing: AtomicBool,
    pub(super) runtime: OnceLock<Option<Handle>>,
    /// Starts the thread that opens the line.
    start_thread: StartThread,
}

/// Starts the thread of a store; nothing if the process may have no more.
pub(super) type StartThread = fn(&Arc<Link>) -> Option<Handle>;

/// How sending a command ended without an answer of the server.
enum Failed {
    Command(RedisError),
    Line,
}

impl Link {
    pub(super) fn new(target: Target, settings: Settings, start_thread: StartThread) -> Self {
        Self {
            settings,
            target,
            line: RwLock::new(Line::Opening),
            changed: Notify::new(),
            traffic: Traffic::default(),
            recent: Recent::default(),
            fuses: Fuses::default(),
            ahead: Arc::default(),
            aside: Aside::default(),
            broken: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            runtime: OnceLock::new(),
            start_thread,
        }
    }

    /// Starts work that goes on whether or not anybody waits for it.
    ///
    /// Its first command is in the line when this returns: what the caller does next comes after
    /// it.
    pub(super) fn start<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        if let Some(error) = self.error() {
            return Reply::now(Err(error));
        }
        let Some(runtime) = self.runtime() else {
            return Reply::now(Err(failure::ended()));
        };
        let mut work: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(work);
        let inside = runtime.enter();
        if let Poll::Ready(answer) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Reply::now(answer);
        }
        drop(inside);
        if !self.is_cluster() {
            return Reply::later(Errand::new(work, runtime));
        }
        // The cluster's connection needs its runtime around it.
        let work = runtime.spawn(work);
        Reply::later(async { work.await.unwrap_or_else(|_| Err(failure::ended())) })
    }

    /// Work that goes on while somebody waits for it.
    pub(super) fn look<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Reply<'static, Result<T>> {
        match self.error() {
            None if self.is_cluster() => self.start(work),
            Some(error) => Reply::now(Err(error)),
            None if self.runtime().is_none() => Reply::now(Err(failure::ended())),
            None => Reply::later(work),
        }
    }

    /// Sends a command, and the whole script to a server that does not know it.
    pub(super) async fn send(&self, call: Call) -> Result<Value> {
        if self.is_cluster() && !self.fuses.lets_through(call.route()) {
            return Err(failure::part_is_down());
        }
        let answer = self.send_or_load(&call).await;
        if self.is_cluster() {
            self.note_in_cluster(&call, &answer);
        }
        answer.map_err(|failed| match failed {
            Failed::Command(error) => failure::of_command(error),
            Failed::Line => self.error().unwrap_or_else(failure::ended),
        })
    }

    async fn send_or_load(&self, call: &Call) -> Result<Value, Failed> {
        let answer = self.exchange(call.command()).await;
        match (&answer, call.in_full()) {
            (Err(Failed::Command(error)), Some(in_full)) if error.code() == Some("NOSCRIPT") => {
                self.exchange(in_full()).await
            }
            _ => answer,
        }
    }

    /// A server of the cluster that does not answer may be replaced by another.
    fn note_in_cluster(&self, call: &Call, answer: &Result<Value, Failed>) {
        match answer {
            Err(Failed::Command(error)) if failure::is_outage(error) => {
                self.fuses.blow(call.route());
                self.traffic.attention.notify_one();
            }
            Err(Failed::Line) => {}
            Ok(_) | Err(Failed::Command(_)) => self.fuses.mend(call.route()),
        }
    }

    /// Sends one command and waits for its answer, as long as the line stays open.
    async fn exchange(&self, command: Cmd) -> Result<Value, Failed> {
        let (mut wire, number) = self.wire().await?;
        let _ticket = self.traffic.start();
        let mut changed = pin!(self.changed.notified());
        changed.as_mut().enable();
        if !self.is_open(number) {
            return Err(Failed::Line);
        }
        let mut answer = pin!(wire.send(command));
        let answer = std::future::poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => changed.as_mut().poll(context).map(|()| None),
        });
        match answer.await {
            Some(answer) => self.judge(answer, number),
            None => Err(Failed::Line),
        }
    }

    /// Sees to the connection if a command found it broken.
    fn judge(&self, answer: RedisResult<Value>, number: u64) -> Result<Value, Failed> {
        answer.map_err(|error| {
            // The connection of a cluster sees to its servers itself.
            if failure::ends_connection(&error) && !self.is_cluster() {
                self.lost(number);
            }
            Failed::Command(error)
        })
    }

    /// The open line, waited for if it is being opened for the first time.
    async fn wire(&self) -> Result<(Wire, u64), Failed> {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            match &*self.line() {
                Line::Open(wire, number) => return Ok((wire.clone(), *number)),
                Line::Down(_) => return Err(Failed::Line),
                Line::Opening => {}
            }
            changed.await;
        }
    }

    /// Waits until the first attempt to open the line has come to something.
    pub(super) async fn first_attempt(&self) -> Result<()> {
        drop(self.wire().await);
        self.error().map_or(Ok(()), Err)
    }

    pub(super) fn is_cluster(&self) -> bool {
        !self.target.answers_in_order()
    }

    /// Why nothing can be sent now, if so.
    pub(super) fn error(&self) -> Option<Error> {
        match &*self.line() {
            Line::Down(down) => Some(Error::new(down.kind, down.reason.to_string())),
            Line::Opening | Line::Open(..) => None,
        }
    }

    fn is_open(&self, number: u64) -> bool {
        matches!(&*self.line(), Line::Open(_, open) if *open == number)
    }

    fn line(&self) -> std::sync::RwLockReadGuard<'_, Line> {
        self.line.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The runtime of this store: one thread, started with the first command.
    fn runtime(self: &Arc<Self>) -> Option<&Handle> {
        let start = || (self.start_thread)(self);
        self.runtime.get_or_init(start).as_ref()
    }
}

/// For the session.
impl Link {
    /// Lets commands through. What was invalidated since the session repeated so many invalidations
    /// could not be sent: it goes first.
    pub(super) fn open(&self, wire: &Wire, number: u64, repeated: u64, server: Option<&Server>) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        let (keys, added) = self.recent.keys(false);
        if added != repeated && !self.is_cluster() {
            send_first(wire, keys);
        }
        self.broken.store(false, Ordering::SeqCst);
        *line = Line::Open(wire.clone(), number);
        drop(line);
        self.aside.open(wire, server);
        self.changed.notify_waiters();
    }

    /// Lets the next commands take another way. Those under way go on.
    pub(super) fn swap(&self, another: &Wire) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        if let Line::Open(wire, _) = &mut *line {
            *wire = another.clone();
        }
    }

    /// Fails what is under way, and lets nothing through.
    pub(super) fn close(&self, down: Down) {
        self.aside.close();
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        *line = Line::Down(down);
        drop(line);
        self.changed.notify_waiters();
    }

    /// Asks the session to end the connection of this number and to open another.
    pub(super) fn lost(&self, number: u64) {
        if self.is_open(number) {
            self.broken.store(true, Ordering::SeqCst);
            self.traffic.attention.notify_one();
        }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }

    /// Nobody has the store any more.
    pub(super) fn end(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.traffic.attention.notify_one();
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(f)
    }
}
