//! One Redis server.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::child::Child;
use super::config::Config;
use super::folder::Folder;
use super::resp::{Address, Answer, Client};
use super::{PATIENCE, port, tls, until};

/// A server of one test; killed when it is dropped.
pub(crate) struct RedisServer {
    config: Config,
    folder: Folder,
    port: u16,
    tls_port: u16,
    child: Option<Child>,
}

/// How often a port that somebody took meanwhile is exchanged for another.
const ATTEMPTS: u32 = 5;

impl RedisServer {
    /// Starts a server that keeps nothing on disk.
    pub(crate) fn start() -> Self {
        Self::config().start()
    }

    pub(crate) fn config() -> Config {
        Config::default()
    }

    pub(super) fn run(config: Config) -> Self {
        let mut server = Self {
            config,
            folder: Folder::new(),
            port: 0,
            tls_port: 0,
            child: None,
        };
        if server.config.tls {
            tls::make(&server.folder);
        }
        for _ in 0..ATTEMPTS {
            (server.port, server.tls_port) = (port::free(), port::free());
            server.launch();
            if server.comes_up() {
                return server;
            }
        }
        panic!("no server: {}", server.log());
    }

    /// Puts a file into the server's folder before it starts.
    pub(super) fn run_with(config: Config, name: &str, text: &str) -> Self {
        let mut server = Self {
            config,
            folder: Folder::new(),
            port: port::free(),
            tls_port: 0,
            child: None,
        };
        std::fs::write(server.folder.file(name), text).expect("a file");
        server.launch();
        assert!(server.comes_up(), "no server: {}", server.log());
        server
    }

    /// How to reach it.
    pub(crate) fn url(&self) -> String {
        let guard = self.credentials();
        if self.config.socket {
            let path = self.folder.file("socket");
            return format!("redis+unix://{}", path.display());
        }
        format!("redis://{guard}127.0.0.1:{}/0", self.port)
    }

    /// How to reach it with TLS; the client has to accept a certificate that nobody has signed.
    pub(crate) fn tls_url(&self) -> String {
        let guard = self.credentials();
        format!("rediss://{guard}127.0.0.1:{}/0", self.tls_port)
    }

    /// The certificate, and the authority that signed it.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.file("certificate.pem")
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9`; what was not on disk is lost.
    pub(crate) fn kill9(&mut self) {
        self.child = None;
    }

    /// Starts it again on the same port, with what is on its disk.
    pub(crate) fn restart(&mut self) {
        self.kill9();
        // The port may be in use for a moment, or for good: then nobody comes up.
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

    fn running(&self) -> &Child {
        self.child.as_ref().expect("a server that runs")
    }

    /// A connection of one's own.
    pub(crate) fn client(&self) -> io::Result<Client> {
        let mut client = Client::connect(&self.address())?;
        if let Some(password) = &self.config.password {
            client.ask(["AUTH", password])?;
        }
        Ok(client)
    }

    /// Sends a command over a connection of its own; an error is a failed test.
    #[track_caller]
    pub(crate) fn command<W: AsRef<[u8]>>(&self, words: impl IntoIterator<Item = W>) -> Answer {
        let answer = self.client().and_then(|mut client| client.ask(words));
        match answer {
            Ok(Answer::Error(error)) => panic!("the server refuses: {error}"),
            Ok(answer) => answer,
            Err(error) => panic!("the server does not answer: {error}"),
        }
    }

    /// A section of `INFO`, as names and values.
    #[track_caller]
    pub(crate) fn info(&self, section: &str) -> BTreeMap<String, String> {
        let text = self.command(["INFO", section]).text();
        let pairs = text.lines().filter_map(|line| line.trim().split_once(':'));
        let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        owned.collect()
    }

    /// Ends the replication to the only replica, which does not come to resume it.
    pub(super) fn cut_replication(&self, replica: &Self) {
        // A password that the master does not ask for is an error.
        replica.command(["CONFIG", "SET", "masterauth", "none"]);
        self.command(["CLIENT", "KILL", "TYPE", "replica"]);
    }

    /// How often a command was called, by the server's own count; in lower case.
    #[track_caller]
    pub(crate) fn calls_of(&self, command: &str) -> u64 {
        self.calls().get(command).copied().unwrap_or(0)
    }

    /// How often each command was called since the last [`forget_calls`](Self::forget_calls).
    #[track_caller]
    pub(crate) fn calls(&self) -> BTreeMap<String, u64> {
        let stats = self.info("commandstats");
        let count = |(name, value): (String, String)| {
            let name = name.strip_prefix("cmdstat_")?.to_owned();
            let calls = value.strip_prefix("calls=")?.split(',').next()?;
            Some((name, calls.parse().ok()?))
        };
        stats.into_iter().filter_map(count).collect()
    }

    /// Starts the server's count of commands anew.
    #[track_caller]
    pub(crate) fn forget_calls(&self) {
        self.command(["CONFIG", "RESETSTAT"]);
    }

    /// What it wrote to its log.
    pub(crate) fn log(&self) -> String {
        self.folder.text("log")
    }

    fn address(&self) -> Address {
        if self.config.socket {
            Address::Socket(self.folder.file("socket"))
        } else {
            Address::Port(self.port)
        }
    }

    fn credentials(&self) -> String {
        match (&self.config.user, &self.config.password) {
            (Some((name, password)), _) => format!("{name}:{password}@"),
            (None, Some(password)) => format!(":{password}@"),
            (None, None) => String::new(),
        }
    }

    fn launch(&mut self) {
        let command = self.config.command(self.port, self.tls_port, &self.folder);
        let log = self.folder.file("log");
        self.child = Some(Child::start(&command, &self.folder, &log));
    }

    /// Whether it answers before long, and is not somebody else's server.
    fn comes_up(&self) -> bool {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            if let Some(answers) = self.is_ours() {
                return answers;
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        false
    }

    /// Whether it is our own process that answers, with its data loaded; `None` is to ask again.
    fn is_ours(&self) -> Option<bool> {
        let info = self.client().ok()?.ask(["INFO"]).ok()?.text();
        if info.contains("loading:1") {
            return None;
        }
        let id = |line: &str| Some(line.strip_prefix("process_id:")?.trim().to_owned());
        let id = info.lines().find_map(id)?;
        Some(id == self.running().id().to_string())
    }
}
