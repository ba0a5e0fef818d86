//! A connection, as bytes.

use std::io;
use std::task::{Context, Poll};

use tokio::net::{TcpStream, UnixStream};

use super::address::Address;

/// A connection, as bytes.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Socket {
    pub(super) async fn connect(address: &Address) -> io::Result<Self> {
        match address {
            Address::Host(host) => {
                let stream = TcpStream::connect(host).await?;
                stream.set_nodelay(true)?;
                Ok(Self::Tcp(stream))
            }
            Address::Socket(path) => UnixStream::connect(path).await.map(Self::Unix),
        }
    }

    /// Reads what is there; nothing if there is nothing yet. 0 bytes are the end.
    pub(super) fn read(&self, into: &mut [u8]) -> io::Result<Option<usize>> {
        at_once(match self {
            Self::Tcp(stream) => stream.try_read(into),
            Self::Unix(stream) => stream.try_read(into),
        })
    }

    /// Writes what there is room for; nothing if there is none yet.
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<Option<usize>> {
        at_once(match self {
            Self::Tcp(stream) => stream.try_write(bytes),
            Self::Unix(stream) => stream.try_write(bytes),
        })
    }

    /// Wakes when there is something to read.
    pub(super) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Tcp(stream) => stream.poll_read_ready(context).map(drop),
            Self::Unix(stream) => stream.poll_read_ready(context).map(drop),
        }
    }

    /// Wakes when there is room to write.
    pub(super) fn poll_writable(&self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Tcp(stream) => stream.poll_write_ready(context).map(drop),
            Self::Unix(stream) => stream.poll_write_ready(context).map(drop),
        }
    }
}

fn at_once(done: io::Result<usize>) -> io::Result<Option<usize>> {
    match done {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}
