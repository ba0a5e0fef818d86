//! Ways beside the line, for reads only.
//!
//! The line is served by a thread of the store, so that an answer of it goes through three threads.
//! Who reads often gets a connection that his own runtime drives, a [`Lane`], or, where he blocks his
//! thread anyway, one of the [`Desk`]s. They lead to the server that the line leads to, are opened
//! after it and closed before it. A read that fails there is sent on the line, which decides what is
//! wrong. Whatever writes is sent on the line.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use super::greeting::Server;
use super::lane::Lane;
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

    /// Notes that the server may be out of reach.
    pub(super) fn doubt(&self) {
        self.doubted.store(true, Ordering::SeqCst);
    }

    /// Counts a read for which there was no way; answers whether one is to be opened.
    pub(super) fn is_worth_it(&self) -> bool {
        if self.reads.fetch_add(1, Ordering::Relaxed) < WORTH {
            return false;
        }
        self.reads.store(0, Ordering::Relaxed);
        let failed = self.failed.read().unwrap_or_else(PoisonError::into_inner);
        failed.is_none_or(|failed| failed.elapsed() > PAUSE)
    }

    pub(super) fn ways(&self) -> Option<Arc<Ways>> {
        self.read().clone()
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Option<Arc<Ways>>> {
        self.ways.read().unwrap_or_else(PoisonError::into_inner)
    }
}
