//! One run: workers, a source, a store to which things happen, and what came of it.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::functions::KEYSPACE;
use crate::history::merged::{History, Laws};
use crate::history::verdict::{Law, Verdict};
use crate::order::Order;
use crate::pantry::Pantry;
use crate::servers::child::Child;
use crate::servers::folder::Folder;
use crate::servers::server::RedisServer;
use crate::servers::until;
use crate::source::Source;
use crate::totals::Totals;

/// Runs take turns: on a machine with two cores a second one would be a fault of its own.
static TURN: Mutex<()> = Mutex::new(());

/// Takes the turn, before the servers of a test are started.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Several processes over one store.
pub(crate) struct Run {
    folder: Folder,
    source: RedisServer,
    pantry: Pantry,
    workers: BTreeMap<u32, Child>,
    killed: Vec<u32>,
    /// What is claimed.
    pub(crate) laws: Laws,
    pub(crate) pause: Duration,
    pub(crate) slowness: Duration,
}

/// What is left of a run.
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) totals: Totals,
    /// Workers that hung or panicked.
    missing: usize,
}

/// After the last fault nothing happens for so long,
const CALM: Duration = Duration::from_millis(2_500);
/// and at the end of that every worker is heard and has hits.
const RECOVERED: Duration = Duration::from_millis(1_200);
/// Where less happens, a machine is too busy to tell anything.
const ENOUGH: u64 = 100;
/// Nothing that a worker does takes longer, unless it hangs.
const HANG: Duration = Duration::from_secs(15);

impl Run {
    pub(crate) fn over(pantry: Pantry) -> Self {
        Self {
            folder: Folder::new(),
            source: RedisServer::start(),
            pantry,
            workers: BTreeMap::new(),
            killed: Vec::new(),
            // That calls may join a computation which runs without the store is documented, and no
            // run has shown it: such a join counts as stale here.
            laws: Laws {
                recovered: Some(RECOVERED),
                ..Laws::default()
            },
            pause: Duration::from_millis(3),
            slowness: Duration::ZERO,
        }
    }

    /// Over the store at a URL, with so many workers.
    pub(crate) fn of(workers: u32, url: String) -> Self {
        let mut run = Self::over(Pantry::One(url));
        run.hire_many(workers);
        run
    }

    pub(crate) fn hire_many(&mut self, workers: u32) {
        for _ in 0..workers {
            self.hire();
        }
    }

    /// Starts another worker; answers its number.
    pub(crate) fn hire(&mut self) -> u32 {
        self.hire_by(Order::command)
    }

    /// Starts a worker for whom every disk is full.
    #[cfg(feature = "file")]
    #[allow(dead_code)] // a server has a disk of its own
    pub(crate) fn hire_without_space(&mut self) -> u32 {
        self.hire_by(Order::command_without_space)
    }

    fn hire_by(&mut self, command: fn(&Order) -> Command) -> u32 {
        let process = u32::try_from(self.workers.len() + self.killed.len()).expect("a few") + 1;
        let order = Order {
            process,
            pantry: self.pantry.clone(),
            source: self.source.port(),
            journal: self.journal(process),
            pause: self.pause,
            slowness: self.slowness,
        };
        let log = self.folder.file(&log(process));
        let child = Child::start(&command(&order), &self.folder, &log);
        self.workers.insert(process, child);
        process
    }

    /// Claims that a key is computed once at a time: no lease expires and no server is lost.
    pub(crate) fn claim_exclusive(&mut self) {
        self.laws.exclusive = true;
    }

    /// Those who are hired from now on have another way to the store.
    pub(crate) fn take_over(&mut self, pantry: Pantry) {
        self.pantry = pantry;
    }

    /// Who has worked for longest.
    pub(crate) fn oldest(&self) -> u32 {
        *self.workers.keys().next().expect("a worker")
    }

    /// `kill -9` of a worker.
    pub(crate) fn kill(&mut self, process: u32) {
        self.workers.remove(&process);
        self.killed.push(process);
    }

    /// A worker, to be stopped and to go on.
    pub(crate) fn worker(&self, process: u32) -> &Child {
        &self.workers[&process]
    }

    /// How many invalidations were acknowledged so far.
    pub(crate) fn heard(&self) -> u64 {
        Source::on(self.source.port()).heard()
    }

    /// Leaves the workers in peace, ends the run, says what happened in it, and checks what was
    /// written down.
    pub(crate) fn end(mut self, name: &str) -> Outcome {
        pass(CALM);
        let (totals, missing) = self.collect();
        let mut history = History::default();
        for process in self.workers.keys().chain(&self.killed) {
            history.read(&self.journal(*process));
        }
        for process in &self.killed {
            history.kill(*process);
        }
        let verdict = history.check(KEYSPACE, &self.laws);
        say(&format!("{name}: {verdict}\n  caches: {totals}"));
        Outcome {
            verdict,
            totals,
            missing,
        }
    }

    /// Four workers to whom nothing happens, with everything claimed: fresh, and one computation of a
    /// key at a time across processes.
    pub(crate) fn require_every_law(mut self, name: &str) {
        self.claim_exclusive();
        self.hire_many(4);
        self.settle();
        pass(Duration::from_millis(2_500));
        let outcome = self.end(name);
        outcome.assert_lawful();
        let prevented = outcome.totals.stale_prevented;
        assert!(
            prevented > 0,
            "no value ever came too late: a run that tests nothing"
        );
    }

    /// The negative proof: a store that does not compare what it saw keeps what comes too late, and the
    /// checker says so. Without this, no finding could mean that nobody looked.
    pub(crate) fn require_a_stale_read(mut self, name: &str) {
        self.pause = Duration::from_millis(1);
        self.hire_many(4);
        self.settle();
        pass(Duration::from_millis(3_500));
        let outcome = self.end(name);
        let stale = outcome.verdict.breaches(Law::Fresh);
        assert!(stale > 0, "{}", outcome.verdict);
    }

    /// Waits for the reports of all workers.
    fn collect(&mut self) -> (Totals, usize) {
        let mut source = Source::on(self.source.port());
        source.end();
        let all = self.workers.len();
        let start = Instant::now();
        while source.reports().len() < all && start.elapsed() < HANG {
            pass(Duration::from_millis(10));
        }
        let reports = source.reports();
        let missing = all - reports.len();
        self.complain(missing);
        let mut totals = Totals::default();
        for report in reports {
            totals += Totals::read(&report);
        }
        (totals, missing)
    }

    /// A worker without a report hangs or has panicked; its journal shows which call.
    fn complain(&self, missing: usize) {
        if missing == 0 {
            return;
        }
        say(&format!("{missing} workers did not report"));
        for process in self.workers.keys() {
            say(&self.folder.text(&log(*process)));
        }
    }

    fn journal(&self, process: u32) -> std::path::PathBuf {
        self.folder.file(&format!("journal-{process}"))
    }

    /// Waits until every worker has begun, so that a fault does not come too early.
    pub(crate) fn settle(&self) {
        let begun = |process: &u32| {
            let journal = std::fs::metadata(self.journal(*process));
            journal.is_ok_and(|journal| journal.len() > 4_000)
        };
        until("workers", HANG, || self.workers.keys().all(begun));
    }
}

impl Outcome {
    /// No law was broken, and enough happened to tell.
    #[track_caller]
    pub(crate) fn assert_lawful(&self) {
        self.verdict.assert_lawful();
        assert_eq!(self.missing, 0, "workers without a report");
        let figures = &self.verdict.figures;
        assert!(figures.acknowledged >= ENOUGH, "too few: {figures}");
        assert!(figures.calls >= ENOUGH, "too few: {figures}");
        assert!(self.totals.hits > 0, "nothing was cached: {}", self.totals);
    }
}

pub(crate) fn pass(time: Duration) {
    thread::sleep(time);
}

/// Does something again and again for a while.
pub(crate) fn again(every: Duration, total: Duration, mut act: impl FnMut()) {
    let start = Instant::now();
    while start.elapsed() + every < total {
        pass(every);
        act();
    }
}

fn log(process: u32) -> String {
    format!("log-{process}")
}

/// Past the capture of the test harness, as figures are for those whose tests pass.
pub(crate) fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").ok();
}
