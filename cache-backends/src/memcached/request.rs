//! Commands under way, and who waits for the answers.

use std::time::Instant;

use tokio::sync::oneshot;

use super::down::Down;
use super::wire::{Answer, Batch};

/// Commands under way, and who waits for the answers.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) bytes: Vec<u8>,
    /// So many answers there will be.
    pub(super) answers: usize,
    pub(super) since: Instant,
    /// Who waits has to know, as long as there is somebody to tell.
    pub(super) insists: bool,
    waiting: Option<oneshot::Sender<Answered>>,
}

/// What comes of a request.
pub(super) type Answered = Result<Vec<Answer>, Down>;

impl Request {
    /// Commands, and where their answers will be.
    pub(super) fn new(batch: Batch) -> (Self, oneshot::Receiver<Answered>) {
        let (answer, answered) = oneshot::channel();
        let request = Self {
            bytes: batch.bytes,
            answers: batch.answers,
            since: Instant::now(),
            insists: batch.insists,
            waiting: Some(answer),
        };
        (request, answered)
    }

    /// Tells who waits; whoever has been told already learns no more.
    pub(super) fn end(&mut self, answered: Answered) {
        if let Some(waiting) = self.waiting.take() {
            waiting.send(answered).ok();
        }
    }

    /// Whether somebody may still wait.
    pub(super) fn is_awaited(&self) -> bool {
        self.waiting.is_some()
    }
}
