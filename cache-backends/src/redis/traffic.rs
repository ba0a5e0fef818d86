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
    /// So many have their answers, but whoever sent them has not come to fetch it.
    unfetched: AtomicU64,
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
        self.rouse();
        Ticket(self)
    }

    /// Wakes who watches: a command is under way, here or beside.
    pub(super) fn rouse(&self) {
        if self.unwatched.load(Ordering::SeqCst) {
            self.unwatched.store(false, Ordering::SeqCst);
            self.attention.notify_one();
        }
    }

    /// Waits until a command is under way, here or beside, or until somebody calls for attention.
    pub(super) async fn busy(&self, idle_beside: impl Fn() -> bool) {
        self.unwatched.store(true, Ordering::SeqCst);
        if self.is_idle() && idle_beside() {
            self.attention.notified().await;
        }
        self.unwatched.store(false, Ordering::SeqCst);
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.sent() <= self.answered()
    }

    /// The server has answered everything that was sent before.
    fn excuse(&self, sent: u64) {
        let unfetched = sent.saturating_sub(self.over.load(Ordering::SeqCst));
        self.unfetched.store(unfetched, Ordering::SeqCst);
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    fn answered(&self) -> u64 {
        self.over.load(Ordering::SeqCst) + self.unfetched.load(Ordering::SeqCst)
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let Traffic {
            over, unfetched, ..
        } = self.0;
        // Whichever it was: counting one too few costs a question to the server, one too many would
        // leave a command without an answer unnoticed.
        if unfetched.load(Ordering::SeqCst) > 0 {
            let fewer = |unfetched: u64| Some(unfetched.saturating_sub(1));
            let _before = unfetched.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
        }
        over.fetch_add(1, Ordering::SeqCst);
    }
}

/// Looks at the traffic every now and then. The server answers in order, so that a command is
/// overdue if fewer are answered now than had been sent a while ago.
pub(super) struct Watch {
    patience: Duration,
    marks: VecDeque<(Instant, u64)>,
}

impl Watch {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            marks: VecDeque::new(),
        }
    }

    /// Between two looks.
    pub(super) fn pause(&self) -> Duration {
        (self.patience / 4).max(Duration::from_millis(1))
    }

    /// Whether a command seems overdue. It may be that its sender is slow to fetch the answer.
    pub(super) fn suspects(&mut self, traffic: &Traffic) -> bool {
        let answered = traffic.answered();
        while self
            .marks
            .front()
            .is_some_and(|(_, sent)| *sent <= answered)
        {
            self.marks.pop_front();
        }
        self.marks.push_back((Instant::now(), traffic.sent()));
        let oldest = self.marks.front().filter(|(_, sent)| *sent > answered);
        oldest.is_some_and(|(since, _)| since.elapsed() >= self.patience)
    }

    /// The server has answered what was sent until the last look.
    pub(super) fn trust(&mut self, traffic: &Traffic) {
        if let Some((_, sent)) = self.marks.back() {
            traffic.excuse(*sent);
        }
        self.marks.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(20);

    #[test]
    fn a_command_without_an_answer_is_suspected_after_a_while() {
        let (traffic, mut watch) = (Traffic::default(), Watch::new(PATIENCE));
        let ticket = traffic.start();
        assert!(!watch.suspects(&traffic));
        std::thread::sleep(PATIENCE);
        assert!(watch.suspects(&traffic));
        drop(ticket);
        assert!(!watch.suspects(&traffic));
    }

    #[test]
    fn a_busy_server_is_not_suspected() {
        let (traffic, mut watch) = (Traffic::default(), Watch::new(PATIENCE));
        let mut last = traffic.start();
        for _ in 0..10 {
            let next = traffic.start();
            assert!(!watch.suspects(&traffic));
            std::thread::sleep(PATIENCE / 4);
            last = next;
        }
        drop(last);
    }

    #[test]
    fn an_answer_that_nobody_fetches_is_excused() {
        let (traffic, mut watch) = (Traffic::default(), Watch::new(PATIENCE));
        let forgotten = traffic.start();
        watch.suspects(&traffic);
        watch.trust(&traffic);
        assert!(traffic.is_idle());
        let ticket = traffic.start();
        assert!(!traffic.is_idle());
        drop((forgotten, ticket));
        assert!(traffic.is_idle());
        let _hung = traffic.start();
        assert!(!traffic.is_idle());
        watch.suspects(&traffic);
        std::thread::sleep(PATIENCE);
        assert!(watch.suspects(&traffic));
    }
}
