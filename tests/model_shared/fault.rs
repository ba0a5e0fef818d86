//! What may go wrong, so many times as a model says.

/// Something that may go wrong once.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Fault {
    /// A leader or a waiter panics, or its future is dropped.
    Drop,
    /// A process dies; calls that have not started start after it is up again.
    Crash,
    /// A connection is cut: whoever waits for an answer gets an error, and the command arrives or not.
    Cut,
    /// A command is sent a second time.
    Resend,
    /// A leader's lease expires.
    Expire,
    /// A key is evicted.
    Evict,
    /// All keys are lost.
    Flush,
    /// A leader extends its lease. (No fault, but nothing that must happen.)
    Beat,
    /// A leader that waits for the lease computes without it.
    GiveUp,
    /// An unconfirmed invalidation is tried again.
    TryAgain,
}

/// Which of the faults have happened: a bit each.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Spent(u8);

impl Spent {
    /// Tells whether the fault may still happen.
    pub(crate) fn allows(self, fault: Fault, faults: &[Fault]) -> bool {
        self.next(fault, faults).is_some()
    }

    /// Notes that the fault has happened.
    pub(crate) fn spend(&mut self, fault: Fault, faults: &[Fault]) {
        let next = self.next(fault, faults);
        self.0 |= 1 << next.expect("only what may happen does");
    }

    /// Tells whether everything has happened that may.
    pub(crate) fn is_all(self, faults: &[Fault]) -> bool {
        usize::try_from(self.0.count_ones()) == Ok(faults.len())
    }

    fn next(self, fault: Fault, faults: &[Fault]) -> Option<usize> {
        let left = |&at: &usize| faults[at] == fault && self.0 & 1 << at == 0;
        (0..faults.len()).find(left)
    }
}
