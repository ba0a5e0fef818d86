//! A small blocking client of our own: what the servers say is not told by the client under test.

use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// Where a server listens.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    Port(u16),
    Socket(PathBuf),
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Nil,
    Status(String),
    Error(String),
    Int(i64),
    Bytes(Vec<u8>),
    List(Vec<Answer>),
}

impl Answer {
    /// The number, of an integer or of digits; 0 for nothing.
    #[track_caller]
    pub(crate) fn number(&self) -> i64 {
        match self {
            Self::Nil => 0,
            Self::Int(number) => *number,
            Self::Bytes(bytes) => {
                let digits = String::from_utf8_lossy(bytes);
                digits.parse().expect("digits")
            }
            other => panic!("not a number: {other:?}"),
        }
    }

    /// The text of a status or of bytes; nothing for anything else.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Status(text) | Self::Error(text) => text.clone(),
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        }
    }

    /// The bytes, if there are any.
    pub(crate) fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The elements of a list; none for anything else.
    pub(crate) fn list(self) -> Vec<Answer> {
        match self {
            Self::List(list) => list,
            _ => Vec::new(),
        }
    }
}

trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

/// One connection; one command at a time.
pub(crate) struct Client(BufReader<Box<dyn Stream>>);

/// A server that takes longer is stopped, or gone.
const SILENCE: Duration = Duration::from_secs(5);

impl Client {
    pub(crate) fn connect(address: &Address) -> io::Result<Self> {
        let stream: Box<dyn Stream> = match address {
            Address::Port(port) => Box::new(tcp(*port)?),
            Address::Socket(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(SILENCE))?;
                Box::new(stream)
            }
        };
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a command and waits for its answer.
    pub(crate) fn ask<W: AsRef<[u8]>>(
        &mut self,
        words: impl IntoIterator<Item = W>,
    ) -> io::Result<Answer> {
        let words: Vec<W> = words.into_iter().collect();
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        for word in &words {
            let word = word.as_ref();
            bytes.extend(format!("${}\r\n", word.len()).bytes());
            bytes.extend_from_slice(word);
            bytes.extend_from_slice(b"\r\n");
        }
        self.0.get_mut().write_all(&bytes)?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let line = self.line()?;
        let (kind, rest) = line.split_at_checked(1).ok_or_else(nonsense)?;
        Ok(match kind {
            "+" => Answer::Status(rest.to_owned()),
            "-" => Answer::Error(rest.to_owned()),
            ":" => Answer::Int(rest.parse().map_err(|_| nonsense())?),
            "$" => self.sized(rest, Self::bulk)?,
            "*" => self.sized(rest, Self::list)?,
            _ => return Err(nonsense()),
        })
    }

    fn sized(
        &mut self,
        length: &str,
        read: fn(&mut Self, usize) -> io::Result<Answer>,
    ) -> io::Result<Answer> {
        if length == "-1" {
            return Ok(Answer::Nil);
        }
        let length = length.parse().map_err(|_| nonsense())?;
        read(self, length)
    }

    fn bulk(&mut self, length: usize) -> io::Result<Answer> {
        let mut bytes = vec![0; length + 2];
        self.0.read_exact(&mut bytes)?;
        bytes.truncate(length);
        Ok(Answer::Bytes(bytes))
    }

    fn list(&mut self, length: usize) -> io::Result<Answer> {
        let answers: io::Result<_> = (0..length).map(|_| self.answer()).collect();
        Ok(Answer::List(answers?))
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }
}

fn tcp(port: u16) -> io::Result<TcpStream> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let stream = TcpStream::connect_timeout(&address, SILENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE))?;
    Ok(stream)
}

fn nonsense() -> Error {
    Error::new(ErrorKind::InvalidData, "no answer of a Redis server")
}
