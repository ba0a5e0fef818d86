//! One connection: what is written to it, and who waits for what comes back.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use larder_core::error::ErrorKind;
use tokio::sync::Notify;
use tokio::time::sleep_until;

use super::down::Down;
use super::request::{Answered, Request};
use super::socket::Socket;
use super::wire::{Answer, Answers, Batch};

/// One connection. The server answers in order, so that commands do not wait for each other's answers.
///
/// Nobody waits longer for an answer than the patience lasts, but for who has to know that his invalidation
/// was heard: he waits as long as the server gives signs of life. The connection is given up only when
/// the server has given no sign of life for so long: a large value may take its time.
#[derive(Debug)]
pub(super) struct Pipe {
    socket: Socket,
    patience: Duration,
    out: Vec<u8>,
    written: usize,
    under_way: VecDeque<Request>,
    /// Answers to the first request, which are not all here yet.
    gathered: Vec<Answer>,
    answers: Answers,
    /// When the server gave the last sign of life.
    moved: Instant,
    /// Where bytes lie that were just read.
    room: Box<[u8]>,
}

/// So much is read at once.
const ROOM: usize = 32 << 10;

impl Pipe {
    pub(super) fn new(socket: Socket, patience: Duration) -> Self {
        Self {
            socket,
            patience,
            out: Vec::new(),
            written: 0,
            under_way: VecDeque::new(),
            gathered: Vec::new(),
            answers: Answers::default(),
            moved: Instant::now(),
            room: vec![0; ROOM].into(),
        }
    }

    pub(super) fn push(&mut self, mut request: Request) {
        if request.answers == 0 {
            return request.end(Ok(Vec::new()));
        }
        let behind = self
            .under_way
            .front()
            .is_some_and(|first| !first.is_awaited());
        if behind && !request.insists {
            // Answers that nobody waits for any more are not piled up.
            return request.end(Err(self.late()));
        }
        if self.is_idle() {
            self.moved = Instant::now();
        }
        // Whoever waited for the connection has his whole budget from now on.
        request.since = Instant::now();
        self.out.append(&mut request.bytes);
        self.under_way.push_back(request);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Writes and reads what can be without waiting.
    pub(super) fn advance(&mut self) -> Result<(), Down> {
        self.write().map_err(|error| Down::lost(&error))?;
        self.read()?;
        self.dismiss();
        if !self.is_idle() && self.moved.elapsed() >= self.patience {
            return Err(self.late());
        }
        Ok(())
    }

    /// Waits until something can be written or read, somebody calls for attention, or some patience is
    /// over.
    pub(super) async fn rest(&self, attention: &Notify) {
        let mut called = pin!(attention.notified());
        let mut end = pin!(self.end().map(|end| sleep_until(end.into())));
        poll_fn(|context| {
            let ready = self.socket.poll_readable(context).is_ready()
                || self.written < self.out.len() && self.socket.poll_writable(context).is_ready()
                || called.as_mut().poll(context).is_ready()
                || (end.as_mut().as_pin_mut()).is_some_and(|end| end.poll(context).is_ready());
            if ready {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Sends commands before anybody else's, and waits for the answers.
    pub(super) async fn ask(&mut self, batch: Batch) -> Answered {
        let (request, mut answered) = Request::new(batch);
        self.push(request);
        let nobody = Notify::new();
        loop {
            self.advance()?;
            if let Ok(answer) = answered.try_recv() {
                return answer;
            }
            self.rest(&nobody).await;
        }
    }

    /// Everybody who waits learns that there is no answer.
    pub(super) fn fail(mut self, down: &Down) {
        for request in &mut self.under_way {
            request.end(Err(down.clone()));
        }
    }

    fn late(&self) -> Down {
        Down::late("answering", self.patience)
    }

    /// When some patience is over next.
    fn end(&self) -> Option<Instant> {
        let silence = (!self.is_idle()).then_some(self.moved);
        let ends = |request: &&Request| request.is_awaited() && !request.insists;
        let awaited = self.under_way.iter().find(ends);
        let since = silence
            .into_iter()
            .chain(awaited.map(|request| request.since));
        since.min().map(|since| since + self.patience)
    }

    /// Lets those go whose patience is over. What is answered to them later is read and left.
    fn dismiss(&mut self) {
        let late = Down::late("answering", self.patience);
        let overdue = |request: &&mut Request| request.since.elapsed() >= self.patience;
        let overdue = self.under_way.iter_mut().take_while(overdue);
        for request in overdue.filter(|request| !request.insists) {
            request.end(Err(late.clone()));
        }
    }

    fn write(&mut self) -> io::Result<()> {
        // Bytes that find no room at once are a sign of life when they do: others may go nowhere.
        let was_full = self.written > 0;
        while self.written < self.out.len() {
            match self.socket.write(&self.out[self.written..])? {
                Some(bytes) => self.written += bytes,
                None => return Ok(()),
            }
            if was_full {
                self.moved = Instant::now();
            }
        }
        self.out.clear();
        self.out.shrink_to(ROOM);
        self.written = 0;
        Ok(())
    }

    fn read(&mut self) -> Result<(), Down> {
        loop {
            let read = self.socket.read(&mut self.room);
            match read.map_err(|error| Down::lost(&error))? {
                None => return Ok(()),
                Some(0) => return Err(Down::new(ErrorKind::Unavailable, CLOSED)),
                Some(bytes) => self.answers.feed(&self.room[..bytes]),
            }
            self.moved = Instant::now();
            self.deliver()?;
        }
    }

    /// Gives answers to those who wait for them.
    fn deliver(&mut self) -> Result<(), Down> {
        let confused = |said: &str| Down::confused(said);
        while let Some(answer) = self.answers.take().map_err(|said| confused(&said.0))? {
            let Some(first) = self.under_way.front_mut() else {
                return Err(confused("an answer to nothing"));
            };
            self.gathered.push(answer);
            if self.gathered.len() == first.answers {
                first.end(Ok(std::mem::take(&mut self.gathered)));
                self.under_way.pop_front();
            }
        }
        Ok(())
    }
}

/// Why a connection ended that the server has closed.
pub(super) const CLOSED: &str = "the server closed the connection";
