//! One memcached server.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use super::child::Child;
use super::folder::Folder;
use super::{PATIENCE, port, until};

/// A server of one test; killed when it is dropped.
pub(crate) struct MemcachedServer {
    options: Vec<String>,
    folder: Folder,
    port: u16,
    child: Option<Child>,
}

/// What lies under a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) flags: u32,
}

/// How often a port that somebody took meanwhile is exchanged for another.
const ATTEMPTS: u32 = 5;

impl MemcachedServer {
    /// Starts a server with 64 MiB that takes values of 1 MiB, as it does by itself.
    pub(crate) fn start() -> Self {
        Self::with([])
    }

    /// Starts a server with options of the command line.
    pub(crate) fn with<'a>(options: impl IntoIterator<Item = &'a str>) -> Self {
        let mut server = Self {
            options: options.into_iter().map(str::to_owned).collect(),
            folder: Folder::new(),
            port: 0,
            child: None,
        };
        for _ in 0..ATTEMPTS {
            server.port = port::free();
            server.launch();
            if server.comes_up() {
                return server;
            }
        }
        panic!("no server: {}", server.folder.text("log"));
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// How to reach it.
    pub(crate) fn url(&self) -> String {
        format!("memcache://{}", self.address())
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9`; what it kept is lost.
    pub(crate) fn kill9(&mut self) {
        self.child = None;
    }

    /// Starts it again on the same port, empty.
    pub(crate) fn restart(&mut self) {
        self.kill9();
        until("a restart", PATIENCE, || {
            self.launch();
            self.comes_up()
        });
    }

    /// `SIGSTOP`: it holds its connections and answers nobody.
    pub(crate) fn stop(&self) {
        self.running().stop();
    }

    /// `SIGCONT`.
    pub(crate) fn cont(&self) {
        self.running().cont();
    }

    /// Says something over a connection of its own; answers the lines up to one that begins with
    /// `until`, which comes with them.
    #[track_caller]
    pub(crate) fn say(&self, words: &str, until: &str) -> Vec<String> {
        self.talk(words, until).expect("a server that answers")
    }

    /// A figure of `stats`.
    #[track_caller]
    pub(crate) fn stat(&self, name: &str) -> u64 {
        let lines = self.say("stats\r\n", "END");
        let value = |line: &String| {
            line.strip_prefix("STAT ")?
                .strip_prefix(name)?
                .trim()
                .parse()
                .ok()
        };
        lines.iter().find_map(value).expect("a figure")
    }

    /// The names of all that it keeps.
    #[track_caller]
    pub(crate) fn keys(&self) -> Vec<String> {
        let lines = self.say("lru_crawler metadump all\r\n", "END");
        let key = |line: &String| {
            let name = line.strip_prefix("key=")?.split(' ').next()?;
            Some(decoded(name))
        };
        lines.iter().filter_map(key).collect()
    }

    /// Puts something under a key.
    #[track_caller]
    pub(crate) fn put(&self, name: &str, stored: &Stored) {
        let Stored { bytes, flags } = stored;
        let mut stream = self.connect().expect("a server that answers");
        let line = format!("ms {name} {} F{flags}\r\n", bytes.len());
        let words = [line.as_bytes(), bytes, b"\r\n"].concat();
        stream.write_all(&words).expect("a server that listens");
        let mut answer = String::new();
        let read = BufReader::new(stream).read_line(&mut answer);
        read.expect("a server that answers");
        assert_eq!(answer, "HD\r\n");
    }

    /// What lies under a key.
    #[track_caller]
    pub(crate) fn get(&self, name: &str) -> Option<Stored> {
        let mut stream = self.connect().expect("a server that answers");
        write!(stream, "mg {name} f v\r\n").expect("a server that listens");
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).expect("a server that answers");
        let mut words = line.strip_prefix("VA ")?.split_whitespace();
        let length = words.next()?.parse().ok()?;
        let flags = words.next()?.strip_prefix('f')?.parse().ok()?;
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes).expect("the whole value");
        Some(Stored { bytes, flags })
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn talk(&self, words: &str, until: &str) -> io::Result<Vec<String>> {
        let mut stream = self.connect()?;
        stream.write_all(words.as_bytes())?;
        let mut lines = Vec::new();
        for line in BufReader::new(stream).lines() {
            let line = line?;
            let last = line.starts_with(until);
            lines.push(line);
            if last {
                return Ok(lines);
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    fn running(&self) -> &Child {
        self.child.as_ref().expect("a server that runs")
    }

    fn launch(&mut self) {
        let mut command = Command::new("memcached");
        // As root it wants to be told whom to run as; otherwise it does not listen.
        command.args([
            "-u",
            "root",
            "-l",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
        ]);
        command.args(&self.options);
        let log = self.folder.file("log");
        self.child = Some(Child::start(&command, &self.folder, &log));
    }

    /// Whether it answers before long, and is not somebody else's server.
    fn comes_up(&self) -> bool {
        let ours = format!("STAT pid {}", self.running().id());
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            if let Ok(lines) = self.talk("stats\r\n", "END") {
                return lines.contains(&ours);
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        false
    }
}

/// A name as the server dumps it, in percent encoding.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = byte.map_or(after, |_| &after[2..]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A server that listens on a socket only.
pub(crate) fn on_socket(path: &str) -> (Child, Folder) {
    let folder = Folder::new();
    let mut command = Command::new("memcached");
    command.args(["-u", "root", "-s", path]);
    (Child::start(&command, &folder, &folder.file("log")), folder)
}
