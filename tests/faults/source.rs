//! The source of truth: what bodies read, and what is written before it is invalidated.

use std::cell::RefCell;

use crate::servers::resp::{Address, Answer, Client};

/// A connection to the server that nothing happens to.
pub(crate) struct Source(Client);

/// How many invalidations were acknowledged.
const HEARD: &str = "heard";
/// Set when a run is over.
const OVER: &str = "over";
/// What the workers say when they are done.
const DONE: &str = "done";

impl Source {
    pub(crate) fn on(port: u16) -> Self {
        let client = Client::connect(&Address::Port(port));
        Self(client.expect("the source"))
    }

    /// The version of a key's source.
    pub(crate) fn read(&mut self, key: u32) -> u64 {
        let version = self.ask(&["GET", &name(key)]).number();
        version.unsigned_abs()
    }

    /// Writes it; answers the new version.
    pub(crate) fn write(&mut self, key: u32) -> u64 {
        let version = self.ask(&["INCR", &name(key)]).number();
        version.unsigned_abs()
    }

    /// Counts an acknowledged invalidation.
    pub(crate) fn hear(&mut self) {
        self.ask(&["INCR", HEARD]);
    }

    /// How many of them there were.
    pub(crate) fn heard(&mut self) -> u64 {
        self.ask(&["GET", HEARD]).number().unsigned_abs()
    }

    /// Ends a run.
    pub(crate) fn end(&mut self) {
        self.ask(&["SET", OVER, "1"]);
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.ask(&["EXISTS", OVER]) == Answer::Int(1)
    }

    /// A worker is done, and says what its cache did.
    pub(crate) fn report(&mut self, totals: &str) {
        self.ask(&["RPUSH", DONE, totals]);
    }

    pub(crate) fn reports(&mut self) -> Vec<String> {
        let reports = self.ask(&["LRANGE", DONE, "0", "-1"]).list();
        reports.iter().map(Answer::text).collect()
    }

    fn ask(&mut self, words: &[&str]) -> Answer {
        self.0.ask(words).expect("an answer of the source")
    }
}

fn name(key: u32) -> String {
    format!("source:{key}")
}

thread_local! {
    static MINE: RefCell<Option<Source>> = const { RefCell::new(None) };
}

/// Uses this thread's connection.
pub(crate) fn with<T>(port: u16, ask: impl FnOnce(&mut Source) -> T) -> T {
    MINE.with_borrow_mut(|mine| ask(mine.get_or_insert_with(|| Source::on(port))))
}
