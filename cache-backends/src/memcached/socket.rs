//! A connection, as bytes.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use tokio::net::{TcpStream, UnixStream, lookup_host};

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
                let addresses = lookup_host(host).await?.collect::<Vec<_>>();
                let stream = TcpStream::connect(&*one_server(addresses)?).await?;
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

/// The addresses of a name, if they may be one server's: it may have one of each kind.
///
/// A name that has several is several servers. Whoever found one of them out of reach would go to another,
/// without a word, and what he invalidated there would be found again in the first.
fn one_server(mut addresses: Vec<SocketAddr>) -> io::Result<Vec<SocketAddr>> {
    addresses.sort_unstable();
    addresses.dedup();
    let sixes = addresses.iter().filter(|address| address.is_ipv6()).count();
    if sixes > 1 || addresses.len() - sixes > 1 {
        let what = "the name has several addresses: name each server by itself";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::one_server;

    #[test]
    fn a_name_of_several_servers_is_refused() {
        let server = |addresses: &[&str]| {
            one_server(
                addresses
                    .iter()
                    .map(|address| address.parse().unwrap())
                    .collect(),
            )
        };
        for one in [
            &["10.0.0.1:1"][..],
            &["10.0.0.1:1", "10.0.0.1:1"],
            &["[::1]:1", "127.0.0.1:1"],
        ] {
            assert!(server(one).is_ok(), "{one:?}");
        }
        for several in [["10.0.0.1:1", "10.0.0.2:1"], ["[::1]:1", "[::2]:1"]] {
            let error = server(&several).unwrap_err();
            assert!(error.to_string().contains("name each server"), "{error}");
        }
    }
}
