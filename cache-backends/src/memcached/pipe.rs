//! One connection: what is written to it, and who waits for what comes back.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use larder_core::error::ErrorKind;
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep_until;

use super::server::Down;
use super::socket::Socket;
use super::wire::{Answer, Answers, Batch};

/// Commands under way, and who waits for the answers.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) batch: Batch,
    pub(super) since: Instant,
    pub(super) answer: oneshot::Sender<Result<Vec<Answer>, Down>>,
}

/// One connection. The server answers in order, so that commands do not wait for each other's answers.
#[derive(Debug)]
pub(super) struct Pipe {
    socket: Socket,
    out: Vec<u8>,
    written: usize,
    under_way: VecDeque<Request>,
    /// Answers to the first request, which are not all here yet.
    gathered: Vec<Answer>,
    answers: Answers,
    /// Where bytes lie that were just read.
    room: Box<[u8]>,
}

/// So much is read at once.
const ROOM: usize = 32 << 10;

impl Pipe {
    pub(super) fn new(socket: Socket) -> Self {
        Self {
            socket,
            out: Vec::new(),
            written: 0,
            under_way: VecDeque::new(),
            gathered: Vec::new(),
            answers: Answers::default(),
            room: vec![0; ROOM].into(),
        }
    }

    pub(super) fn push(&mut self, request: Request) {
        if request.batch.answers == 0 {
            request.answer.send(Ok(Vec::new())).ok();
            return;
        }
        self.out.extend_from_slice(&request.batch.bytes);
        self.under_way.push_back(request);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Writes and reads what can be without waiting.
    pub(super) fn advance(&mut self, patience: Duration) -> Result<(), Down> {
        self.write().map_err(|error| Down::lost(&error))?;
        self.read()?;
        let oldest = self.under_way.front().map(|request| request.since);
        match oldest.filter(|since| since.elapsed() >= patience) {
            Some(_) => Err(Down::late("answering", patience)),
            None => Ok(()),
        }
    }

    /// Waits until something can be written or read, somebody calls for attention, or the patience
    /// with the oldest command is over.
    pub(super) async fn rest(&self, attention: &Notify, patience: Duration) {
        let oldest = self.under_way.front().map(|request| request.since);
        let end = oldest.map(|since| since + patience);
        let mut called = pin!(attention.notified());
        let mut end = pin!(end.map(|end| sleep_until(end.into())));
        poll_fn(|context| {
            let ready = self.socket.poll_readable(context).is_ready()
                || self.written < self.out.len() && self.socket.poll_writable(context).is_ready()
                || called.as_mut().poll(context).is_ready()
                || end
                    .as_mut()
                    .as_pin_mut()
                    .is_some_and(|end| end.poll(context).is_ready());
            if ready {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Sends commands before anybody else's, and waits for the answers.
    pub(super) async fn ask(
        &mut self,
        batch: Batch,
        patience: Duration,
    ) -> Result<Vec<Answer>, Down> {
        let (answer, mut answered) = oneshot::channel();
        let since = Instant::now();
        self.push(Request {
            batch,
            since,
            answer,
        });
        let nobody = Notify::new();
        loop {
            self.advance(patience)?;
            if let Ok(answer) = answered.try_recv() {
                return answer;
            }
            self.rest(&nobody, patience).await;
        }
    }

    /// Everybody who waits learns that there is no answer.
    pub(super) fn fail(self, down: &Down) {
        for request in self.under_way {
            request.answer.send(Err(down.clone())).ok();
        }
    }

    fn write(&mut self) -> io::Result<()> {
        while self.written < self.out.len() {
            match self.socket.write(&self.out[self.written..])? {
                Some(bytes) => self.written += bytes,
                None => return Ok(()),
            }
        }
        self.out.clear();
        self.out.shrink_to(ROOM);
        self.written = 0;
        Ok(())
    }

    fn read(&mut self) -> Result<(), Down> {
        loop {
            match self
                .socket
                .read(&mut self.room)
                .map_err(|error| Down::lost(&error))?
            {
                None => return Ok(()),
                Some(0) => {
                    return Err(Down::new(
                        ErrorKind::Unavailable,
                        "the server closed the connection",
                    ));
                }
                Some(bytes) => self.answers.feed(&self.room[..bytes]),
            }
            self.deliver()?;
        }
    }

    /// Gives answers to those who wait for them.
    fn deliver(&mut self) -> Result<(), Down> {
        while let Some(answer) = self
            .answers
            .take()
            .map_err(|nonsense| Down::confused(&nonsense.0))?
        {
            let Some(first) = self.under_way.front() else {
                return Err(Down::confused("an answer to nothing"));
            };
            self.gathered.push(answer);
            if self.gathered.len() < first.batch.answers {
                continue;
            }
            let answers = std::mem::take(&mut self.gathered);
            if let Some(request) = self.under_way.pop_front() {
                request.answer.send(Ok(answers)).ok();
            }
        }
        Ok(())
    }
}
