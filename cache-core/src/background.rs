//! Work that goes on when its caller has left.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use crate::reply::Reply;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Starts work on this thread. What does not end at once ends on a helper thread.
pub(crate) fn finish(work: impl Future<Output = ()> + Send + 'static) {
    resume(Box::pin(work));
}

/// Starts work on this thread and answers what it comes to. Its end does not depend on anybody who
/// waits for the answer.
pub(crate) fn see_through<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Reply<'static, T> {
    let mut work: Work<T> = Box::pin(work);
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Reply::now(answer),
        Poll::Pending => Reply::later(Followed(Some(work))),
    }
}

/// Work whose answer somebody waits for, as long as he does.
struct Followed<T: Send + 'static>(Option<Work<T>>);

impl<T: Send + 'static> Future for Followed<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken out, so that work which panics is over.
        let mut work = self.0.take().expect("an answer is taken once");
        let answer = work.as_mut().poll(context);
        if answer.is_pending() {
            self.0 = Some(work);
        }
        answer
    }
}

impl<T: Send + 'static> Drop for Followed<T> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            resume(Box::pin(async move { drop(work.await) }));
        }
    }
}

fn resume(work: Work<()>) {
    let state = State {
        work: Some(work),
        woken: false,
    };
    Arc::new(Task(Mutex::new(state))).run();
}

struct Task(Mutex<State>);

struct State {
    /// Nothing while it is polled, and when it has ended.
    work: Option<Work<()>>,
    /// It was woken while it was polled.
    woken: bool,
}

impl Task {
    /// Polls the work, and again as long as it is woken meanwhile. No lock is held while it runs.
    fn run(self: &Arc<Self>) {
        let Some(mut work) = self.state().work.take() else {
            return;
        };
        let waker = Waker::from(Arc::clone(self));
        while work
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
        {
            let mut state = self.state();
            if !std::mem::take(&mut state.woken) {
                state.work = Some(work);
                return;
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let mut state = self.state();
        state.woken = state.work.is_none();
        if !state.woken {
            drop(state);
            hand_over(self);
        }
    }
}

/// Hands a task to the helper thread. Where a process may have no more threads, it runs here.
fn hand_over(task: Arc<Task>) {
    static HELPER: OnceLock<Option<Sender<Arc<Task>>>> = OnceLock::new();
    match HELPER.get_or_init(spawn_helper) {
        Some(helper) => drop(helper.send(task)),
        None => task.run(),
    }
}

fn spawn_helper() -> Option<Sender<Arc<Task>>> {
    let (sender, tasks) = channel::<Arc<Task>>();
    let named = thread::Builder::new().name("larder-background".into());
    let run = move || {
        for task in tasks {
            // A panic of a user's code has been reported by the panic hook; the others go on.
            drop(catch_unwind(AssertUnwindSafe(|| task.run())));
        }
    };
    named.spawn(run).ok().map(|_| sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    fn later() -> impl Future<Output = ()> + Send + 'static {
        futures_timer::Delay::new(Duration::from_millis(5))
    }

    fn until(holds: impl Fn() -> bool) {
        while !holds() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn work_starts_where_it_is_handed_in_and_ends_without_its_caller() {
        static STEPS: AtomicU32 = AtomicU32::new(0);
        finish(async {
            STEPS.fetch_add(1, Ordering::SeqCst);
            later().await;
            STEPS.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(STEPS.load(Ordering::SeqCst), 1);
        until(|| STEPS.load(Ordering::SeqCst) == 2);
    }

    #[test]
    fn an_answer_that_nobody_waits_for_comes_all_the_same() {
        static ENDED: AtomicU32 = AtomicU32::new(0);
        let reply = see_through(async {
            later().await;
            ENDED.fetch_add(1, Ordering::SeqCst)
        });
        drop(reply);
        until(|| ENDED.load(Ordering::SeqCst) == 1);
    }

    #[test]
    fn an_answer_is_there_at_once_or_waited_for() {
        assert!(see_through(async { 1 }).try_now().is_ok());
        let late = async {
            later().await;
            2
        };
        assert_eq!(see_through(late).wait(), 2);
    }

    #[test]
    fn a_panic_does_not_end_the_helper() {
        static ENDED: AtomicU32 = AtomicU32::new(0);
        finish(async {
            later().await;
            panic!("on purpose");
        });
        finish(async {
            later().await;
            later().await;
            ENDED.store(1, Ordering::SeqCst);
        });
        until(|| ENDED.load(Ordering::SeqCst) == 1);
    }
}
