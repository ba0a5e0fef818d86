//! Work for a disk: done by who waits for it on a thread of his own, or by the store's thread.
//!
//! A command begins when it is called. On a thread that may be blocked it is over when the call returns.
//! Inside an executor, and where nobody can tell, it goes into a line; whoever waits for it and may block
//! works the line off himself, and a thread of the store does it for all others. The line keeps its order,
//! and what concerns an entry that something in the line concerns goes into it as well: so what the caller
//! does next comes after what he did before, whether or not he has waited for that.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// What a piece of work concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    /// The entry of this number.
    One(u128),
    /// Any entry.
    Any,
}

/// The line of one store.
#[derive(Default)]
pub(super) struct Queue {
    /// How much is in the line or under way: mostly nothing, and then nobody has to look.
    ahead: AtomicUsize,
    line: Mutex<Line>,
    /// Something was put into the line, or came out of it.
    changed: Condvar,
}

#[derive(Default)]
struct Line {
    jobs: VecDeque<(Concern, Job)>,
    /// What is being worked on, and by whom.
    running: Option<(Concern, ThreadId)>,
    /// The thread of the store is there.
    staffed: bool,
}

/// A piece of work, which must not panic.
pub(super) type Job = Box<dyn FnOnce() + Send>;

/// The thread of a store that has nothing to do goes after so long.
const IDLE: Duration = Duration::from_secs(10);

impl Queue {
    /// Puts a piece of work into the line.
    pub(super) fn push(self: &Arc<Self>, concern: Concern, job: Job) {
        self.ahead.fetch_add(1, Ordering::SeqCst);
        let mut line = self.line();
        line.jobs.push_back((concern, job));
        let staffed = line.staffed || self.staff(&mut line);
        drop(line);
        self.changed.notify_all();
        if !staffed {
            // The process may have no more threads: nobody else would do it.
            self.finish();
        }
    }

    /// Whether there is no work in the line.
    pub(super) fn is_empty(&self) -> bool {
        self.ahead.load(Ordering::SeqCst) == 0
    }

    /// Whether nothing in the line concerns an entry.
    pub(super) fn is_clear(&self, concern: Concern) -> bool {
        if self.is_empty() {
            return true;
        }
        let line = self.line();
        let waiting = line.jobs.iter().map(|(concern, _)| *concern);
        let mut ahead = waiting.chain(line.running.map(|(concern, _)| concern));
        ahead.all(|ahead| concern != Concern::Any && ahead != Concern::Any && ahead != concern)
    }

    /// Starts the thread of the store; answers whether there is one.
    fn staff(self: &Arc<Self>, line: &mut Line) -> bool {
        let queue = Arc::clone(self);
        let named = thread::Builder::new().name("larder-file".into());
        line.staffed = named.spawn(move || queue.serve()).is_ok();
        line.staffed
    }

    fn serve(&self) {
        loop {
            self.work_off();
            let line = self.line();
            let idle = |line: &mut Line| line.jobs.is_empty() || line.running.is_some();
            let waited = self.changed.wait_timeout_while(line, IDLE, idle);
            let (mut line, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            if timeout.timed_out() && line.jobs.is_empty() {
                line.staffed = false;
                return;
            }
        }
    }

    /// Does one piece of work after the other, until there is none or somebody else is at it.
    pub(super) fn work_off(&self) {
        while self.work_once() {}
    }

    /// Does the next piece of work; answers whether there was one to do.
    pub(super) fn work_once(&self) -> bool {
        let mut line = self.line();
        if line.running.is_some() {
            return false;
        }
        let Some((concern, job)) = line.jobs.pop_front() else {
            return false;
        };
        line.running = Some((concern, thread::current().id()));
        drop(line);
        job();
        self.line().running = None;
        self.ahead.fetch_sub(1, Ordering::SeqCst);
        self.changed.notify_all();
        true
    }

    /// Waits until everything in the line is done, and helps. Called by what is in the line itself, it
    /// leaves the rest to who works it off.
    pub(super) fn finish(&self) {
        let me = thread::current().id();
        loop {
            self.work_off();
            let line = self.line();
            let mine = line.running.is_some_and(|(_, who)| who == me);
            if mine || line.jobs.is_empty() && line.running.is_none() {
                return;
            }
            let busy = |line: &mut Line| line.running.is_some();
            drop(self.changed.wait_while(line, busy));
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use larder_core::error::Result;
    use larder_core::wait::wait;
    use std::sync::mpsc::channel;

    fn queue() -> Arc<Queue> {
        Arc::default()
    }

    #[test]
    fn inside_a_wait_work_is_done_where_it_is_begun() {
        let here = thread::current().id();
        let queue = queue();
        let by = wait(async {
            let reply = queue.start(Concern::Any, || Ok(thread::current().id()));
            reply.try_now().ok()
        });
        assert_eq!(by.unwrap().unwrap(), here);
        assert!(!queue.line().staffed);
    }

    #[test]
    fn outside_of_one_it_is_done_without_anybody_who_waits() {
        let (tell, told) = channel();
        drop(queue().start(Concern::Any, move || {
            tell.send(thread::current().name().map(str::to_owned)).ok();
            Ok(())
        }));
        assert_eq!(told.recv().unwrap().as_deref(), Some("larder-file"));
    }

    #[test]
    fn the_line_keeps_its_order_whoever_works_it_off() {
        let queue = queue();
        let done = Arc::new(Mutex::new(Vec::new()));
        let push = |number| {
            let done = Arc::clone(&done);
            move || {
                done.lock().unwrap().push(number);
                Ok(())
            }
        };
        for round in 0..50 {
            drop(queue.start(Concern::One(1), push(2 * round)));
            let reply = queue.look(Concern::One(1), push(2 * round + 1));
            reply.wait().unwrap();
        }
        assert_eq!(*done.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn what_concerns_another_entry_is_read_past_the_line() {
        let queue = queue();
        let (tell, told) = channel::<()>();
        drop(queue.start(Concern::One(1), move || {
            told.recv().ok();
            Ok(())
        }));
        let past = queue.look(Concern::One(2), || Ok(()));
        assert!(past.try_now().is_ok());
        for concern in [Concern::One(1), Concern::Any] {
            assert!(queue.look(concern, || Ok(())).try_now().is_err());
        }
        drop(tell);
        queue.finish();
        assert!(queue.is_clear(Concern::Any));
    }

    #[test]
    fn work_that_panics_answers_an_error_and_the_line_goes_on() {
        let queue = queue();
        let panics = || -> Result<()> { std::panic::resume_unwind(Box::new("on purpose")) };
        assert!(queue.start(Concern::Any, panics).wait().is_err());
        assert_eq!(queue.start(Concern::Any, || Ok(7)).wait().unwrap(), 7);
    }
}
