//! The body of a response that went through the cache: whole, or as it came.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use pin_project_lite::pin_project;

use crate::keepable::Reason;

pin_project! {
    /// The body of a response that went through the cache.
    pub struct CachedBody<B: Body> {
        #[pin]
        state: State<B>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<B: Body> {
        /// None, where one is described that is not sent: it has no length of its own.
        Absent,
        /// A kept one, or one of which all is here.
        Whole { bytes: Option<Bytes> },
        /// One that nobody looked into.
        Passed { #[pin] body: B },
        /// One that somebody began to read.
        Begun { front: Option<Bytes>, then: Option<Result<Frame<Bytes>, B::Error>>, rest: Option<Pin<Box<B>>> },
    }
}

impl<B: Body<Data = Bytes>> CachedBody<B> {
    /// A body of which all is here.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        let bytes = (!bytes.is_empty()).then_some(bytes);
        Self::of(State::Whole { bytes })
    }

    /// No body, for a response that describes one.
    pub(crate) fn absent() -> Self {
        Self::of(State::Absent)
    }

    /// A body as it came.
    pub(crate) fn passed(body: B) -> Self {
        Self::of(State::Passed { body })
    }

    fn of(state: State<B>) -> Self {
        Self { state }
    }
}

/// A longer body is passed through where nobody says another limit: 1 MiB.
pub(crate) const MAX_BODY: usize = 1 << 20;

/// Reads a body to its end, if its length is known beforehand and not over the limit. The body may
/// know its length, or it is `declared`. Otherwise, or if it turns out to be another, the body goes on as it
/// came, with the reason.
pub(crate) async fn collect<B: Body<Data = Bytes>>(
    body: B,
    limit: usize,
    declared: Option<u64>,
) -> Result<Bytes, (Reason, CachedBody<B>)> {
    let known = body.size_hint().exact();
    let length = match (known.or(declared), declared) {
        (None, _) => return Err((Reason::Streaming, CachedBody::passed(body))),
        (Some(length), Some(declared)) if length != declared => {
            return Err((Reason::Broken, CachedBody::passed(body)));
        }
        (Some(length), _) => usize::try_from(length).unwrap_or(usize::MAX),
    };
    if length > limit {
        return Err((Reason::TooLarge, CachedBody::passed(body)));
    }
    read(Box::pin(body), length).await
}

/// Reads a body of so many bytes.
async fn read<B: Body<Data = Bytes>>(
    mut rest: Pin<Box<B>>,
    length: usize,
) -> Result<Bytes, (Reason, CachedBody<B>)> {
    let mut front = Front::default();
    let (reason, then) = loop {
        match rest.frame().await {
            None if front.len() == length => return Ok(front.join()),
            None => break (Reason::Broken, None),
            Some(Err(error)) => break (Reason::Broken, Some(Err(error))),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) if front.len() + data.len() <= length => front.push(data),
                Ok(data) => break (Reason::Broken, Some(Ok(Frame::data(data)))),
                Err(trailers) => break (Reason::Streaming, Some(Ok(trailers))),
            },
        }
    };
    let state = State::Begun {
        front: Some(front.join()).filter(|front| !front.is_empty()),
        rest: then.is_some().then_some(rest),
        then,
    };
    Err((reason, CachedBody::of(state)))
}

/// What has been read. Mostly it comes in one piece.
#[derive(Default)]
struct Front {
    first: Bytes,
    more: BytesMut,
}

impl Front {
    fn len(&self) -> usize {
        self.first.len() + self.more.len()
    }

    fn push(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.first = data;
            return;
        }
        if self.more.is_empty() {
            self.more
                .extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.more.extend_from_slice(&data);
    }

    fn join(self) -> Bytes {
        if self.more.is_empty() {
            self.first
        } else {
            self.more.freeze()
        }
    }
}

impl<B: Body<Data = Bytes>> Body for CachedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().state.project() {
            Projected::Absent => Poll::Ready(None),
            Projected::Whole { bytes } => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Projected::Passed { body } => body.poll_frame(context),
            Projected::Begun { front, then, rest } => {
                if let Some(front) = front.take() {
                    return Poll::Ready(Some(Ok(Frame::data(front))));
                }
                match then.take() {
                    Some(Err(error)) => {
                        *rest = None;
                        Poll::Ready(Some(Err(error)))
                    }
                    Some(Ok(frame)) => Poll::Ready(Some(Ok(frame))),
                    None => match rest {
                        Some(rest) => rest.as_mut().poll_frame(context),
                        None => Poll::Ready(None),
                    },
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Absent => true,
            State::Whole { bytes } => bytes.is_none(),
            State::Passed { body } => body.is_end_stream(),
            State::Begun { front, then, rest } => {
                let over = rest.as_deref().is_none_or(Body::is_end_stream);
                front.is_none() && then.is_none() && over
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Whole { bytes } => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64)
            }
            State::Passed { body } => body.size_hint(),
            State::Absent | State::Begun { .. } => SizeHint::default(),
        }
    }
}
