//! Bodies as no server should send them.
#![allow(dead_code)] // every test file takes what it needs

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

/// A body of these frames, which says to be so long.
pub(crate) struct Frames {
    frames: VecDeque<io::Result<Frame<Bytes>>>,
    said: SizeHint,
}

impl Frames {
    /// A body that says the truth about its length.
    pub(crate) fn of(pieces: &[&'static str]) -> Self {
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self::saying(SizeHint::with_exact(length), pieces)
    }

    pub(crate) fn saying(said: SizeHint, pieces: &[&'static str]) -> Self {
        let pieces = pieces.iter().map(|piece| Bytes::from(*piece));
        Self {
            frames: pieces.map(|piece| Ok(Frame::data(piece))).collect(),
            said,
        }
    }

    /// A body of which nobody knows the length.
    pub(crate) fn streaming(pieces: &[&'static str]) -> Self {
        Self::saying(SizeHint::default(), pieces)
    }

    /// The same, but it breaks off then.
    pub(crate) fn broken(mut self) -> Self {
        self.frames.push_back(Err(io::Error::other("cut")));
        self
    }

    /// The same, and trailers.
    pub(crate) fn trailed(mut self, trailers: HeaderMap) -> Self {
        self.frames.push_back(Ok(Frame::trailers(trailers)));
        self
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.frames.pop_front())
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.said
    }
}

/// A body that says how long another is.
pub(crate) struct Sized<B> {
    body: B,
    length: u64,
}

impl<B> Sized<B> {
    pub(crate) fn new(body: B, length: u64) -> Self {
        Self { body, length }
    }
}

impl<B: Body + Unpin> Body for Sized<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
