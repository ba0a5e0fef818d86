//! A process: what of its flight table and of its memory outlives a call.

use crate::invalidator::Kind;

/// The processes of the largest model.
pub(crate) const PROCESSES: usize = 3;

/// A process.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Process {
    /// The flight that can be joined.
    pub(crate) current: Option<usize>,
    /// An invalidation that the server did not confirm.
    pub(crate) unconfirmed: Option<Kind>,
    /// The version that the invalidations that have returned here promise to later callers here.
    pub(crate) own: u8,
}
