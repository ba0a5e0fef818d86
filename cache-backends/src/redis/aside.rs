//! Ways beside the line, for reads only.
//!
//! The line is served by a thread of the store, so that an answer of it goes through three threads.
//! Who reads often gets a connection that his own runtime drives, a [`Lane`], or, where he blocks his
//! thread anyway, one of the [`Desk`]s. They lead to the server that the line leads to, are opened
//! after it and closed before it. A read that fails there is sent on the line, which decides what is
//! wrong. Whatever writes is sent on the line.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use larder_core::wait::blocks;
use redis::{Cmd, Value};
use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;

use super::desk::{self, Desks};
use super::greeting::{Server, repeat};
use super::lane::{self, Lane};
use super::link::Link;
use super::wire::Wire;

/// So many reads on the line are worth a connection beside it: who reads a little makes none.
const WORTH: u32 = 32;
/// So many runtimes have lanes.
const MOST: usize = 32;
/// Between the end of a way and the opening of another.
const PAUSE: Duration = Duration::from_secs(1);

/// The ways beside the line of one store.
#[derive(Default)]
pub(super) struct Aside {
    ways: RwLock<Option<Arc<Ways>>>,
    /// Reads on the line since a way was opened last.
    reads: AtomicU32,
    /// When a way that was opened came to nothing.
    failed: RwLock<Option<Instant>>,
    doubted: AtomicBool,
}

/// The ways beside one opening of the line.
pub(super) struct Ways {
    /// The line, while it is open.
    line: Mutex<Option<Wire>>,
    /// The server it leads to.
    pub(super) server: Server,
    pub(super) desks: Desks,
    lanes: RwLock<Vec<(Id, Option<Arc<Lane>>)>>,
    closed: AtomicBool,
    /// Tells those that are being opened.
    closing: Notify,
}

impl Link {
    /// Reads beside the line; nothing if there is no way, or if it failed.
    pub(super) async fn read_aside(self: &Arc<Self>, command: &Cmd) -> Option<Value> {
        // What was sent on the line before has its effect first.
        if !self.traffic.is_idle() {
            return None;
        }
        let may_block = |context: &mut std::task::Context<'_>| blocks(context.waker());
        if std::future::poll_fn(|context| may_block(context).into()).await {
            return self.read_at_desk(command);
        }
        let lane = self.lane()?;
        let _ticket = lane.traffic.start();
        self.traffic.rouse();
        lane.ask(command).await
    }

    fn read_at_desk(self: &Arc<Self>, command: &Cmd) -> Option<Value> {
        let ways = self.aside.ways()?;
        let Some(connection) = ways.desks.take() else {
            if ways.desks.has_room() && self.aside.is_worth_it() {
                desk::open(self, &ways);
            }
            return None;
        };
        let answer = ways.desks.ask(connection, command);
        if answer.is_none() {
            self.aside.fail();
            self.doubt();
        }
        answer
    }

    /// The lane of the runtime that this is polled on.
    fn lane(self: &Arc<Self>) -> Option<Arc<Lane>> {
        let runtime = Handle::try_current().ok()?;
        let ways = self.aside.read();
        let ways = ways.as_ref()?;
        match ways.lane_of(runtime.id()) {
            Some(lane) => lane,
            None if self.aside.is_worth_it() => {
                if let Some(place) = ways.reserve(runtime.id()) {
                    runtime.spawn(lane::keep(Arc::clone(self), place));
                }
                None
            }
            None => None,
        }
    }

    /// Has the session ask the server for a sign of life.
    fn doubt(&self) {
        self.aside.doubted.store(true, Ordering::SeqCst);
        self.traffic.attention.notify_one();
    }
}

/// For the session.
impl Aside {
    /// Lets ways be opened to the server that the line leads to, if it can be told from others.
    pub(super) fn open(&self, line: &Wire, server: Option<&Server>) {
        let ways = server.filter(|server| server.is(server)).map(|server| {
            Arc::new(Ways {
                line: Mutex::new(Some(line.clone())),
                server: server.clone(),
                desks: Desks::default(),
                lanes: RwLock::default(),
                closed: AtomicBool::new(false),
                closing: Notify::new(),
            })
        });
        self.replace(ways);
    }

    /// Fails what is under way beside the line.
    pub(super) fn close(&self) {
        self.replace(None);
    }

    /// Whether nothing is under way in a lane. At a desk everybody watches for himself.
    pub(super) fn is_idle(&self) -> bool {
        let idle = |lane: &Arc<Lane>| lane.traffic.is_idle();
        self.ways().is_none_or(|ways| ways.lanes().iter().all(idle))
    }

    /// Closes the lanes on which an answer is overdue. Answers whether something was, here or at a
    /// desk, since this was asked last.
    pub(super) fn is_doubted(&self, patience: Duration) -> bool {
        let lanes = self.ways().map_or(Vec::new(), |ways| ways.lanes());
        for lane in lanes.iter().filter(|lane| lane.is_overdue(patience)) {
            lane.close();
            self.doubted.store(true, Ordering::SeqCst);
        }
        self.doubted.swap(false, Ordering::SeqCst)
    }

    fn replace(&self, ways: Option<Arc<Ways>>) {
        let mut now = self.ways.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *now, ways);
        drop(now);
        if let Some(before) = before {
            before.close();
        }
    }
}

impl Aside {
    /// Notes that a way came to nothing.
    pub(super) fn fail(&self) {
        let mut failed = self.failed.write().unwrap_or_else(PoisonError::into_inner);
        *failed = Some(Instant::now());
    }

    /// Counts a read for which there was no way; answers whether one is to be opened.
    fn is_worth_it(&self) -> bool {
        if self.reads.fetch_add(1, Ordering::Relaxed) < WORTH {
            return false;
        }
        self.reads.store(0, Ordering::Relaxed);
        let failed = self.failed.read().unwrap_or_else(PoisonError::into_inner);
        failed.is_none_or(|failed| failed.elapsed() > PAUSE)
    }

    fn ways(&self) -> Option<Arc<Ways>> {
        self.read().clone()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Option<Arc<Ways>>> {
        self.ways.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ways {
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Waits until everything has its effect that was sent on the line before; answers whether it
    /// was and is open.
    pub(super) async fn is_behind_line(&self) -> bool {
        let line = self.line().clone();
        match line {
            Some(line) => repeat(&line, Vec::new()).await.is_ok(),
            None => false,
        }
    }

    /// Waits until the ways are closed.
    pub(super) async fn closed(&self) {
        let mut closing = std::pin::pin!(self.closing.notified());
        closing.as_mut().enable();
        if !self.is_closed() {
            closing.await;
        }
    }

    /// The lane of a runtime; nothing inside if it is being opened.
    #[allow(clippy::option_option)] // as it stands in the list
    fn lane_of(&self, runtime: Id) -> Option<Option<Arc<Lane>>> {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let found = lanes.iter().find(|(of, _)| *of == runtime);
        found.map(|(_, lane)| lane.clone())
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Option<Wire>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lanes(&self) -> Vec<Arc<Lane>> {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        lanes.iter().filter_map(|(_, lane)| lane.clone()).collect()
    }

    /// Keeps a place for the lane of a runtime, unless there is one or there are too many.
    fn reserve(self: &Arc<Self>, runtime: Id) -> Option<Place> {
        let mut lanes = self.lanes.write().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() >= MOST || lanes.iter().any(|(of, _)| *of == runtime) {
            return None;
        }
        lanes.push((runtime, None));
        let ways = Arc::clone(self);
        Some(Place { ways, runtime })
    }

    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        *self.line() = None;
        self.desks.close();
        self.lanes().iter().for_each(|lane| lane.close());
        self.closing.notify_waiters();
    }
}

/// The place of a runtime's lane. It is free again when the task is over that drives the lane: at
/// the latest, when the runtime ends.
pub(super) struct Place {
    pub(super) ways: Arc<Ways>,
    runtime: Id,
}

impl Place {
    /// Lets reads through.
    pub(super) fn fill(&self, lane: &Arc<Lane>) {
        let mut lanes = self
            .ways
            .lanes
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mine = lanes.iter_mut().find(|(of, _)| *of == self.runtime);
        if let Some((_, place)) = mine.filter(|_| !self.ways.is_closed()) {
            *place = Some(Arc::clone(lane));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lanes = self
            .ways
            .lanes
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mine = lanes.iter().position(|(of, _)| *of == self.runtime);
        let lane = mine.and_then(|mine| lanes.swap_remove(mine).1);
        drop(lanes);
        if let Some(lane) = lane {
            lane.close();
        }
    }
}
