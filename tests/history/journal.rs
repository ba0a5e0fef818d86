//! What one process writes down.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::clock::now;
use super::record::{End, Id, Kind, Record};
use super::scope::Scope;

/// A file to which every thread of a process appends.
///
/// A record is one write, so that what a process did up to the moment it was killed is there. What
/// begins is written before it does, what ends after it has.
pub(crate) struct Journal {
    file: File,
    process: u32,
    next: AtomicU64,
}

/// What a body answers: the version of the source that it read, and the computation it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) version: u64,
    pub(crate) computation: u64,
}

/// A call under way, for the body that may run in it.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    journal: &'a Journal,
    id: Id,
    key: u32,
}

impl Journal {
    /// A new file, or a pipe to one; every process of a run has a number of its own.
    pub(crate) fn create(path: &Path, process: u32) -> Self {
        let file = OpenOptions::new().append(true).create(true).open(path);
        Self {
            file: file.expect("a new file"),
            process,
            next: AtomicU64::new(1),
        }
    }

    /// Writes down a call whose function answers a value, and the value.
    pub(crate) fn call<'a>(&'a self, key: u32, call: impl FnOnce(Call<'a>) -> Answer) -> Answer {
        let open = self.begin_call(key);
        let answer = call(open.as_call(key));
        open.end(Ok(answer));
        answer
    }

    /// The same for a function that may fail; an error is the number of its computation.
    pub(crate) fn try_call<'a>(
        &'a self,
        key: u32,
        call: impl FnOnce(Call<'a>) -> Result<Answer, u64>,
    ) {
        let open = self.begin_call(key);
        let answer = call(open.as_call(key));
        open.end(answer);
    }

    /// The same for a function that is waited for, or given up.
    pub(crate) async fn call_async<'a, F: Future<Output = Answer>>(
        &'a self,
        key: u32,
        call: impl FnOnce(Call<'a>) -> F,
    ) -> Answer {
        let open = self.begin_call(key);
        let answer = call(open.as_call(key)).await;
        open.end(Ok(answer));
        answer
    }

    /// Writes down an invalidation, which the write of this version of a key's source precedes.
    pub(crate) fn invalidate(
        &self,
        scope: Scope,
        key: u32,
        version: u64,
        invalidate: impl FnOnce() -> bool,
    ) -> bool {
        let id = self.begin(Kind::Invalidate(scope, key, version));
        let acknowledged = invalidate();
        self.write(id, Kind::Invalidated(acknowledged));
        acknowledged
    }

    fn begin_call(&self, key: u32) -> Open<'_> {
        let id = self.begin(Kind::Call(key));
        Open {
            journal: self,
            id,
            ends: |end, from| Kind::Called(end, from),
        }
    }

    fn begin(&self, kind: Kind) -> Id {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = Id::new(self.process, number);
        self.write(id, kind);
        id
    }

    /// Of a file that was opened to append, a write is one step; the system sees to that.
    fn write(&self, id: Id, kind: Kind) {
        let time = now();
        let record = Record { time, id, kind };
        let written = (&self.file).write(&record.to_bytes());
        written.expect("room for a record");
    }
}

impl<'a> Call<'a> {
    pub(crate) fn key(self) -> u32 {
        self.key
    }

    /// Writes down that the body runs; dropped without an end, it was given up.
    pub(crate) fn compute(self) -> Computation<'a> {
        let id = self.journal.begin(Kind::Compute(self.key, self.id));
        Computation(Open {
            journal: self.journal,
            id,
            ends: |end, _| Kind::Computed(end),
        })
    }
}

/// A body that runs.
pub(crate) struct Computation<'a>(Open<'a>);

impl Computation<'_> {
    /// It answers what it made of this version of the source.
    pub(crate) fn value(self, version: u64) -> Answer {
        let answer = Answer {
            version,
            computation: self.0.id.0,
        };
        self.0.end(Ok(answer));
        answer
    }

    /// It fails; the error is its number.
    pub(crate) fn error(self) -> u64 {
        let computation = self.0.id.0;
        self.0.end(Err(computation));
        computation
    }
}

/// Something that has begun; dropped without an end, nobody waited for it any more.
struct Open<'a> {
    journal: &'a Journal,
    id: Id,
    ends: fn(End, Id) -> Kind,
}

impl<'a> Open<'a> {
    fn as_call(&self, key: u32) -> Call<'a> {
        Call {
            journal: self.journal,
            id: self.id,
            key,
        }
    }

    fn end(self, answer: Result<Answer, u64>) {
        let (end, from) = match answer {
            Ok(answer) => (End::Value(answer.version), answer.computation),
            Err(computation) => (End::Error, computation),
        };
        self.journal.write(self.id, (self.ends)(end, Id(from)));
        std::mem::forget(self);
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let kind = (self.ends)(End::Dropped, Id::default());
        self.journal.write(self.id, kind);
    }
}
