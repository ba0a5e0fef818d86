//! Ways beside the line, for reads only.
//!
//! The line is served by a thread of the store, so that an answer of it goes through three threads.
//! Who reads often gets a connection that his own runtime drives, a [`Lane`], or, where he blocks his
//! thread anyway, one of the [`Desk`]s. They lead to the server that the line leads to, are opened
//! after it and closed before it. A read that fails there is sent on the line, which decides what is
//! wrong. Whatever writes is sent on the line.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use larder_core::error::Result;
use larder_core::wait::blocks;
use redis::{Cmd, Value};
use tokio::runtime::Handle;

use super::desk;
use super::greeting::Server;
use super::lane::{self, Lane};
use super::link::Link;
use super::script::Call;
use super::ways::Ways;
use super::wire::Wire;

/// So many reads on the line are worth a connection beside it: who reads a little makes none.
const WORTH: u32 = 32;
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

impl Link {
    /// Sends a command that only reads an entry.
    pub(super) async fn read(self: &Arc<Self>, entry: u128, command: Cmd) -> Result<Value> {
        match self.read_aside(entry, &command).await {
            Some(answer) => Ok(answer),
            // In a box: who reads beside the line should not carry the room for it.
            None => Box::pin(self.send(Call::Plain(command, String::new()))).await,
        }
    }

    /// Reads beside the line; nothing if there is no way, or if it failed.
    async fn read_aside(self: &Arc<Self>, entry: u128, command: &Cmd) -> Option<Value> {
        if !self.ahead.is_clear(entry) {
            return None;
        }
        if poll_fn(|context| blocks(context.waker()).into()).await {
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

    /// The runtime of this store, if it has been started.
    pub(super) fn handle(&self) -> Option<&Handle> {
        self.runtime.get()?.as_ref()
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
        let known = server.filter(|server| server.is(server));
        self.replace(known.map(|server| Arc::new(Ways::new(line, server))));
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

    fn read(&self) -> RwLockReadGuard<'_, Option<Arc<Ways>>> {
        self.ways.read().unwrap_or_else(PoisonError::into_inner)
    }
}
