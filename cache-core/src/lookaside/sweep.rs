//! Lets go of handles whose term is over, so that no value outlives the store's entry for long.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::background;

/// A table of handles.
pub(super) trait Sweep: Send + Sync {
    /// Lets go of what is over; answers whether there is something else.
    fn sweep(&self) -> bool;
}

static TABLES: Mutex<Vec<Weak<dyn Sweep>>> = Mutex::new(Vec::new());
static SWEEPING: AtomicBool = AtomicBool::new(false);

/// As often as terms end.
const PERIOD: Duration = Duration::from_secs(1);

/// Sees to it that a table is swept.
pub(super) fn register(table: Weak<dyn Sweep>) {
    tables().push(table);
}

/// Starts to sweep, unless somebody does. To be called after a handle was put into a table.
#[inline]
pub(super) fn start() {
    if !SWEEPING.load(Ordering::SeqCst) && !SWEEPING.swap(true, Ordering::SeqCst) {
        background::finish(run());
    }
}

/// Sweeps every now and then, as long as there is something.
async fn run() {
    let mut sweeping = Sweeping;
    loop {
        futures_timer::Delay::new(PERIOD).await;
        if sweep() {
            continue;
        }
        drop(sweeping);
        // What came since the last look found somebody who sweeps.
        if !sweep() || SWEEPING.swap(true, Ordering::SeqCst) {
            return;
        }
        sweeping = Sweeping;
    }
}

/// Says so, until it ends in any way: a value's own `Drop` may panic.
struct Sweeping;

impl Drop for Sweeping {
    fn drop(&mut self) {
        SWEEPING.store(false, Ordering::SeqCst);
    }
}

/// Sweeps all tables; answers whether something is left. No lock is held while values are dropped.
fn sweep() -> bool {
    let mut registered = tables();
    registered.retain(|table| table.strong_count() > 0);
    let all: Vec<_> = registered.iter().filter_map(Weak::upgrade).collect();
    drop(registered);
    all.iter().fold(false, |left, table| table.sweep() | left)
}

fn tables() -> MutexGuard<'static, Vec<Weak<dyn Sweep>>> {
    TABLES.lock().unwrap_or_else(PoisonError::into_inner)
}
