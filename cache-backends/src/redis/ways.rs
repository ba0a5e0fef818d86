//! The ways beside one opening of the line.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};

use tokio::runtime::Id;
use tokio::sync::Notify;

use super::desk::Desks;
use super::greeting::{Server, repeat};
use super::lane::Lane;
use super::wire::Wire;

/// So many runtimes have lanes.
const MOST: usize = 32;

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

impl Ways {
    /// Nothing is open yet.
    pub(super) fn new(line: &Wire, server: &Server) -> Self {
        Self {
            line: Mutex::new(Some(line.clone())),
            server: server.clone(),
            desks: Desks::default(),
            lanes: RwLock::default(),
            closed: AtomicBool::new(false),
            closing: Notify::new(),
        }
    }

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
        let mut closing = pin!(self.closing.notified());
        closing.as_mut().enable();
        if !self.is_closed() {
            closing.await;
        }
    }

    /// The lane of a runtime; nothing inside if it is being opened.
    #[allow(clippy::option_option)] // as it stands in the list
    pub(super) fn lane_of(&self, runtime: Id) -> Option<Option<Arc<Lane>>> {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let found = lanes.iter().find(|(of, _)| *of == runtime);
        found.map(|(_, lane)| lane.clone())
    }

    fn line(&self) -> MutexGuard<'_, Option<Wire>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lanes(&self) -> Vec<Arc<Lane>> {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        lanes.iter().filter_map(|(_, lane)| lane.clone()).collect()
    }

    #[allow(clippy::type_complexity)] // as it stands above
    fn lanes_to_change(&self) -> RwLockWriteGuard<'_, Vec<(Id, Option<Arc<Lane>>)>> {
        self.lanes.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a place for the lane of a runtime, unless there is one or there are too many.
    pub(super) fn reserve(self: &Arc<Self>, runtime: Id) -> Option<Place> {
        let mut lanes = self.lanes_to_change();
        if lanes.len() >= MOST || lanes.iter().any(|(of, _)| *of == runtime) {
            return None;
        }
        lanes.push((runtime, None));
        let ways = Arc::clone(self);
        Some(Place { ways, runtime })
    }

    pub(super) fn close(&self) {
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
        let mut lanes = self.ways.lanes_to_change();
        let mine = lanes.iter_mut().find(|(of, _)| *of == self.runtime);
        if let Some((_, place)) = mine.filter(|_| !self.ways.is_closed()) {
            *place = Some(Arc::clone(lane));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lanes = self.ways.lanes_to_change();
        let mine = lanes.iter().position(|(of, _)| *of == self.runtime);
        let lane = mine.and_then(|mine| lanes.swap_remove(mine).1);
        drop(lanes);
        if let Some(lane) = lane {
            lane.close();
        }
    }
}
