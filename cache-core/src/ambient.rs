//! What holds for the code that runs now on this thread: scopes, and the flights it leads.
//!
//! A future carries its ambience with it: the thread has it only while the future is polled.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::engine::Engine;
use crate::sync::thread_local;

/// How cached calls behave in a scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Read, compute on a miss, keep.
    #[default]
    Normal,
    /// Neither read nor keep.
    Bypass,
    /// Do not read, compute, keep.
    Refresh,
}

/// One change of the ambience.
#[derive(Clone)]
pub(crate) enum Change {
    Mode(Mode),
    Cache(Arc<Engine>),
    Lead(LeadId),
}

/// A key of a cache of this process.
pub(crate) type LeadId = (u64, u128);

#[derive(Default)]
struct Ambience {
    mode: Mode,
    cache: Option<Arc<Engine>>,
}

thread_local! {
    static AMBIENCE: RefCell<Ambience> = RefCell::default();
    /// The keys that the running code computes, from the outermost to the innermost.
    static LEADING: RefCell<Vec<LeadId>> = const { RefCell::new(Vec::new()) };
    static SCOPED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the thread is in any scope: what a hit asks.
#[inline]
pub(crate) fn is_scoped() -> bool {
    SCOPED.with(Cell::get)
}

fn set_scoped(scoped: bool) -> bool {
    SCOPED.with(|cell| cell.replace(scoped))
}

fn change_ambience<T>(change: impl FnOnce(&mut Ambience) -> T) -> T {
    AMBIENCE.with(|ambience| change(&mut ambience.borrow_mut()))
}

/// The mode of the innermost scope.
pub(crate) fn mode() -> Mode {
    AMBIENCE.with(|ambience| ambience.borrow().mode)
}

/// The cache of the innermost scope that names one.
pub(crate) fn cache() -> Option<Arc<Engine>> {
    AMBIENCE.with(|ambience| ambience.borrow().cache.clone())
}

/// Whether the running code computes this key already, further out.
pub(crate) fn leads(id: LeadId) -> bool {
    LEADING.with(|leading| leading.borrow().contains(&id))
}

/// Runs a closure under a change.
#[inline]
pub(crate) fn within_sync<T>(change: Change, run: impl FnOnce() -> T) -> T {
    let _restore = Restore::after(change);
    run()
}

/// Runs a future under a change.
pub(crate) async fn within<F: Future>(change: Change, future: F) -> F::Output {
    within_some(Some(change), pin!(future)).await
}

/// The same, under no change if there is none.
///
/// Not an `async fn`: what that is given lies in its future twice.
pub(crate) fn within_some<F: Future>(change: Option<Change>, future: Pin<&mut F>) -> Within<'_, F> {
    Within { change, future }
}

/// A future under a change.
pub(crate) struct Within<'a, F> {
    change: Option<Change>,
    future: Pin<&'a mut F>,
}

impl<F: Future> Future for Within<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _restore = self.change.clone().map(Restore::after);
        self.future.as_mut().poll(context)
    }
}

/// Takes a change back, in a panic as well.
enum Restore {
    Mode(Mode, bool),
    Cache(Option<Arc<Engine>>, bool),
    Lead,
}

impl Restore {
    #[inline]
    fn after(change: Change) -> Self {
        match change {
            Change::Lead(id) => {
                LEADING.with(|leading| leading.borrow_mut().push(id));
                Self::Lead
            }
            Change::Mode(mode) => change_ambience(|ambience| {
                let before = std::mem::replace(&mut ambience.mode, mode);
                Self::Mode(before, set_scoped(true))
            }),
            Change::Cache(cache) => change_ambience(|ambience| {
                let before = ambience.cache.replace(cache);
                Self::Cache(before, set_scoped(true))
            }),
        }
    }
}

impl Drop for Restore {
    #[inline]
    fn drop(&mut self) {
        match self {
            Self::Lead => {
                LEADING.with(|leading| leading.borrow_mut().pop());
            }
            Self::Mode(mode, scoped) => {
                change_ambience(|ambience| ambience.mode = *mode);
                set_scoped(*scoped);
            }
            Self::Cache(cache, scoped) => {
                let before = cache.take();
                set_scoped(*scoped);
                // What was there is dropped outside of the borrow: it may be the last handle of a cache.
                let _outside =
                    change_ambience(|ambience| std::mem::replace(&mut ambience.cache, before));
            }
        }
    }
}
