//! One server, from the side of those who send commands.
//!
//! The line to it is open or down; while it is down a command fails at once, so that a dead server costs
//! nothing. Opening it is the [session](super::session)'s work, in the background.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use larder_core::error::{Error, Result};
use tokio::sync::{Notify, oneshot};

use super::address::Address;
use super::down::Down;
use super::failure;
use super::pipe::Pipe;
use super::request::{Answered, Request};
use super::wire::{Answer, Batch};
use crate::recent::Recent;

/// One server.
pub(super) struct Server {
    pub(super) address: Address,
    state: Mutex<State>,
    /// Calls who drives the connection.
    pub(super) attention: Notify,
    /// Tells that the first attempt to open it has come to something.
    tried: Notify,
    pub(super) recent: Recent,
    /// What the server takes at most, a key's name with it.
    largest: AtomicUsize,
}

enum State {
    /// It is being opened for the first time: commands wait for that.
    Opening(VecDeque<Request>),
    Open(VecDeque<Request>),
    Down(Down),
}

impl Server {
    pub(super) fn new(address: Address) -> Self {
        Self {
            address,
            state: Mutex::new(State::Opening(VecDeque::new())),
            attention: Notify::new(),
            tried: Notify::new(),
            recent: Recent::default(),
            largest: AtomicUsize::new(usize::MAX),
        }
    }

    /// Sends commands. They are in the line when this returns: what the caller does next comes after
    /// them. That nobody waits for the answers keeps none from being run.
    pub(super) fn ask(
        &self,
        batch: Batch,
    ) -> impl Future<Output = Result<Vec<Answer>>> + Send + 'static + use<> {
        let waiting = self.push(batch);
        let address = self.address.clone();
        async move {
            let answers = match waiting {
                Ok(answered) => answered.await.unwrap_or_else(|_| Err(Down::ended())),
                Err(down) => Err(down),
            };
            answers.map_err(|down| failure::down(&address, &down))
        }
    }

    fn push(&self, batch: Batch) -> Result<oneshot::Receiver<Answered>, Down> {
        let (request, answered) = Request::new(batch);
        match &mut *self.state() {
            State::Opening(queue) | State::Open(queue) => queue.push_back(request),
            State::Down(down) => return Err(down.clone()),
        }
        self.attention.notify_one();
        Ok(answered)
    }

    /// Why nothing can be sent now, if so.
    pub(super) fn error(&self) -> Option<Error> {
        match &*self.state() {
            State::Down(down) => Some(failure::down(&self.address, down)),
            State::Opening(_) | State::Open(_) => None,
        }
    }

    /// Waits until the first attempt to open it has come to something.
    pub(super) async fn first_attempt(&self) -> Result<()> {
        loop {
            let mut tried = std::pin::pin!(self.tried.notified());
            tried.as_mut().enable();
            if !matches!(&*self.state(), State::Opening(_)) {
                return self.error().map_or(Ok(()), Err);
            }
            tried.await;
        }
    }

    /// Whether the server takes a value of so many bytes.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        bytes.saturating_add(OVERHEAD) <= self.largest.load(Ordering::Relaxed)
    }

    /// What the server takes at most.
    pub(super) fn largest(&self) -> usize {
        self.largest
            .load(Ordering::Relaxed)
            .saturating_sub(OVERHEAD)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What memcached adds to a value: its own header, the name, and the end of the server.
const OVERHEAD: usize = 512;

/// For the session.
impl Server {
    /// Lets commands through. What was invalidated since the session repeated so many invalidations goes
    /// first: nobody reads before it.
    pub(super) fn open(&self, repeated: u64, largest: usize) {
        let mut state = self.state();
        self.largest.store(largest, Ordering::Relaxed);
        let (keys, added) = self.recent.keys(false);
        let mut waiting = match &mut *state {
            State::Opening(queue) | State::Open(queue) => std::mem::take(queue),
            State::Down(_) => VecDeque::new(),
        };
        if added != repeated {
            let mut batch = Batch::default();
            batch.delete_all(&keys);
            waiting.push_front(Request::new(batch).0);
        }
        *state = State::Open(waiting);
        drop(state);
        self.tried.notify_waiters();
    }

    /// Hands over what waits to be sent.
    pub(super) fn hand_over(&self, pipe: &mut Pipe) {
        if let State::Open(queue) = &mut *self.state() {
            queue.drain(..).for_each(|request| pipe.push(request));
        }
    }

    /// Fails what waits, and lets nothing through.
    pub(super) fn close(&self, down: &Down) {
        let before = std::mem::replace(&mut *self.state(), State::Down(down.clone()));
        self.tried.notify_waiters();
        let (State::Opening(queue) | State::Open(queue)) = before else {
            return;
        };
        for mut request in queue {
            request.end(Err(down.clone()));
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}
