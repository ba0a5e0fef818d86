//! Computations that go on when the test says so.
#![allow(dead_code)] // every test file takes what it needs

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

/// Holds runs by their numbers.
#[derive(Clone)]
pub(crate) struct Gate(Arc<watch::Sender<BTreeSet<u64>>>);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::default()))
    }

    /// Lets one run through.
    pub(crate) fn open(&self, run: u64) {
        self.0.send_modify(|open| {
            open.insert(run);
        });
    }

    /// Lets all through, from now on.
    pub(crate) fn open_for_all(&self) {
        self.open(0);
    }

    /// Waits until this run is let through.
    pub(crate) async fn pass(&self, run: u64) {
        let mut open = self.0.subscribe();
        let open = open.wait_for(|open| open.contains(&run) || open.contains(&0));
        drop(open.await.expect("the gate is there"));
    }
}

/// Lets the tasks of this thread go on until something holds.
pub(crate) async fn comes(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..20_000 {
        if holds() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never comes: {what}");
}

/// Lets the tasks of this thread go on as far as they can.
pub(crate) async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
