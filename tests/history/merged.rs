//! The files of all processes, as one history.

use std::collections::HashSet;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use super::errors::Errors;
use super::exclusive::Exclusive;
use super::fresh::Fresh;
use super::record::{Kind, LENGTH, Record};
use super::recovery::Recovery;
use super::scope::Keyspace;
use super::verdict::{Law, Verdict};
use super::world::World;

/// Everything that happened, in the order of time.
#[derive(Default)]
pub(crate) struct History {
    records: Vec<Record>,
    /// Processes that were killed: what they had begun need not end.
    killed: HashSet<u32>,
}

/// What is claimed of a run, beside what always is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Laws {
    /// A key is computed once at a time: while no lease expires and no server is lost.
    pub(crate) exclusive: bool,
    /// Calls may join a computation of their own process that runs without the store.
    pub(crate) degraded: bool,
    /// In this time before its end every process was heard and had a hit.
    pub(crate) recovered: Option<Duration>,
    /// A server was lost that had acknowledged what no other server knows.
    pub(crate) loss: Option<Loss>,
}

/// What is forgiven when a server is lost, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Loss {
    /// What was acknowledged in this time may be forgotten,
    pub(crate) acknowledged: Range<u64>,
    /// by calls that begin until then. By then the processes that had invalidated have done so
    /// again.
    pub(crate) until: u64,
}

impl Loss {
    pub(super) fn covers(&self, acknowledged: u64) -> bool {
        self.acknowledged.contains(&acknowledged)
    }
}

impl History {
    /// Adds the file of a process; its last record may be torn.
    pub(crate) fn read(&mut self, path: &Path) {
        let bytes = fs::read(path).expect("a journal");
        let (rows, _torn) = bytes.as_chunks::<LENGTH>();
        self.extend(rows.iter().filter_map(Record::from_bytes));
    }

    pub(crate) fn extend(&mut self, records: impl IntoIterator<Item = Record>) {
        self.records.extend(records);
    }

    /// A process was killed.
    pub(crate) fn kill(&mut self, process: u32) {
        self.killed.insert(process);
    }

    /// Reads the history once and says what it shows.
    pub(crate) fn check(mut self, keys: Keyspace, laws: &Laws) -> Verdict {
        self.records.sort_by_key(Record::order);
        let mut verdict = Verdict::default();
        let mut world = World::new(keys);
        let mut fresh = Fresh::new(laws);
        let mut exclusive = Exclusive::default();
        let mut recovery = Recovery::default();
        for record in &self.records {
            world.see(record);
            verdict.figures.see(record);
            fresh.see(&world, record, &mut verdict);
            Errors::see(&world, record, &mut verdict);
            exclusive.see(&world, record);
            recovery.see(&world, record);
        }
        exclusive.settle(laws, &mut verdict);
        recovery.settle(laws, &self.killed, &mut verdict);
        self.look_for_ends(&world, &mut verdict);
        self.measure(&mut verdict);
        verdict
    }

    fn look_for_ends(&self, world: &World, verdict: &mut Verdict) {
        for (id, call) in &world.calls {
            if call.end.is_none() && !self.killed.contains(&id.process()) {
                let key = call.key;
                verdict.find(Law::Ends, format!("call {id} of key {key} never ended"));
            }
        }
    }

    fn measure(&self, verdict: &mut Verdict) {
        let begins = |record: &&Record| matches!(record.kind, Kind::Call(_));
        let processes = self.records.iter().filter(begins);
        let processes: HashSet<u32> = processes.map(|record| record.id.process()).collect();
        verdict.figures.processes = processes.len() as u64;
        let first = self.records.first().map_or(0, |record| record.time);
        let last = self.records.last().map_or(0, |record| record.time);
        verdict.figures.seconds = Duration::from_nanos(last - first).as_secs_f64();
    }
}
