//! How many commands were sent and are over: a server that stopped answering is noticed without a
//! timer for each command.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// The commands of one store, counted.
#[derive(Default)]
pub(super) struct Traffic {
    sent: AtomicU64,
    over: AtomicU64,
    /// Nobody watches, because nothing was under way.
    unwatched: AtomicBool,
    /// Wakes who watches.
    pub(super) attention: Notify,
}

/// A command under way.
pub(super) struct Ticket<'a>(&'a Traffic);

impl Traffic {
    pub(super) fn start(&self) -> Ticket<'_> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        if self.unwatched.load(Ordering::SeqCst) {
            self.unwatched.store(false, Ordering::SeqCst);
            self.attention.notify_one();
        }
        Ticket(self)
    }

    /// Waits until a command is under way, or until somebody calls for attention.
    pub(super) async fn busy(&self) {
        self.unwatched.store(true, Ordering::SeqCst);
        if self.sent() == self.over() {
            self.attention.notified().await;
        }
        self.unwatched.store(false, Ordering::SeqCst);
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    fn over(&self) -> u64 {
        self.over.load(Ordering::SeqCst)
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.0.over.fetch_add(1, Ordering::SeqCst);
    }
}

/// Looks at the traffic every now and then. The server answers in order, so that a command is
/// overdue if fewer are over now than had been sent a budget ago.
pub(super) struct Watch {
    budget: Duration,
    marks: VecDeque<(Instant, u64)>,
}

impl Watch {
    pub(super) fn new(budget: Duration) -> Self {
        Self {
            budget,
            marks: VecDeque::new(),
        }
    }

    /// Between two looks.
    pub(super) fn pause(&self) -> Duration {
        (self.budget / 5).max(Duration::from_millis(1))
    }

    /// Whether a command is overdue.
    pub(super) fn finds_overdue(&mut self, traffic: &Traffic) -> bool {
        let over = traffic.over();
        while self.marks.front().is_some_and(|(_, sent)| *sent <= over) {
            self.marks.pop_front();
        }
        self.marks.push_back((Instant::now(), traffic.sent()));
        let oldest = self.marks.front().filter(|(_, sent)| *sent > over);
        oldest.is_some_and(|(since, _)| since.elapsed() >= self.budget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_without_an_answer_is_overdue_after_its_budget() {
        let (traffic, mut watch) = (Traffic::default(), Watch::new(Duration::from_millis(20)));
        let ticket = traffic.start();
        assert!(!watch.finds_overdue(&traffic));
        std::thread::sleep(Duration::from_millis(25));
        assert!(watch.finds_overdue(&traffic));
        drop(ticket);
        assert!(!watch.finds_overdue(&traffic));
    }

    #[test]
    fn a_busy_server_is_not_overdue() {
        let (traffic, mut watch) = (Traffic::default(), Watch::new(Duration::from_millis(20)));
        let mut last = traffic.start();
        for _ in 0..10 {
            let next = traffic.start();
            assert!(!watch.finds_overdue(&traffic));
            std::thread::sleep(Duration::from_millis(5));
            last = next;
        }
        drop(last);
    }
}
