//! Runs a law on a thread of its own, so that a panic or a deadlock costs one law.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

use super::bench::Bench;
use super::catalogue;
use super::law::Law;
use super::suite::Suite;
use super::verdict::{ADVICE, SEEN};
use crate::clock::Clock;

impl Suite {
    /// Tests the store.
    ///
    /// # Panics
    ///
    /// Panics if the store breaks a law; the message names every broken one. Panics as well if the
    /// options name a law that does not exist.
    #[track_caller]
    pub fn run(&self) {
        let failures = self.failures();
        if failures.is_empty() {
            return;
        }
        let (store, count) = ((self.make)(Clock::manual()), failures.len());
        let said: Vec<_> = failures.iter().map(ToString::to_string).collect();
        panic!(
            "{store:?} breaks {count} of {} laws{}\n\n{}\n",
            self.laws().count(),
            if count > 1 { BEGIN } else { "" },
            said.join("\n\n")
        );
    }

    /// Tests the store, and answers which laws it breaks.
    ///
    /// # Panics
    ///
    /// Panics if the options name a law that does not exist.
    #[track_caller]
    pub fn failures(&self) -> Vec<Failure> {
        for name in self.excused.iter().chain(&self.only) {
            let known = catalogue::all().any(|law| law.name == *name);
            assert!(known, "there is no law called `{name}`");
        }
        self.laws().filter_map(|law| try_law(self, law)).collect()
    }

    /// The laws that the store is held to.
    fn laws(&self) -> impl Iterator<Item = &'static Law> {
        catalogue::all().filter(|law| {
            self.promises(law.needs)
                && self.chapter.is_none_or(|chapter| chapter == law.chapter)
                && self.only.is_none_or(|only| only == law.name)
                && !self.excused.contains(&law.name)
        })
    }
}

/// Laws come in the order in which a store should get them right.
const BEGIN: &str = "; begin with the first: others may follow from it";

/// A law that a store breaks.
#[derive(Clone, Debug)]
pub struct Failure {
    law: &'static str,
    said: String,
}

impl Failure {
    /// The name of the law.
    pub fn law(&self) -> &'static str {
        self.law
    }

    fn new(law: &'static str, seen: &str, advice: &str) -> Self {
        let said = format!("{SEEN}{seen}{ADVICE}{advice}");
        Self { law, said }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "law `{}` is broken\n  {}", self.law, self.said)
    }
}

/// Runs one law. The thread is called as the law is, so that its panic says the name as well.
pub(super) fn try_law(suite: &Suite, law: &'static Law) -> Option<Failure> {
    let bench = Bench::new(suite.clone());
    let (tell, told) = channel();
    let check = move || {
        let ended = catch_unwind(AssertUnwindSafe(|| (law.check)(&bench)));
        // Nobody listens any more once patience has ended.
        let _late = tell.send(ended);
    };
    let spawned = thread::Builder::new().name(law.name.into()).spawn(check);
    if let Err(error) = spawned {
        let seen = format!("no thread could be started: {error}");
        return Some(Failure::new(law.name, &seen, "run fewer tests at once"));
    }
    match told.recv_timeout(suite.patience) {
        Ok(Ok(())) => None,
        Ok(Err(panic)) => Some(panicked(law.name, &*panic)),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            Some(hung(law.name, suite))
        }
    }
}

fn panicked(law: &'static str, panic: &(dyn Any + Send)) -> Failure {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
    let said = said.unwrap_or("a panic without words").to_owned();
    if said.starts_with(SEEN) {
        return Failure { law, said };
    }
    let seen = format!("a panic: {said}");
    Failure::new(law, &seen, "a store answers errors; it does not panic")
}

fn hung(law: &'static str, suite: &Suite) -> Failure {
    let seen = format!("no end after {:?}", suite.patience);
    let advice = "most likely a deadlock: look for a lock that is held while a value is cloned, \
                  dropped, encoded or decoded, for a reply that nobody completes, and for a lease \
                  that nobody is granted; the law's name says what was going on";
    Failure::new(law, &seen, advice)
}
