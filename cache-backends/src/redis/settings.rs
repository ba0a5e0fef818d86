//! What a user may set.

use std::time::Duration;

use crate::payload::Limits;

/// What a user may set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// How long a command may take.
    pub(super) operation_timeout: Duration,
    /// How long connecting may take.
    pub(super) connect_timeout: Duration,
    pub(super) limits: Limits,
    /// No value lives longer.
    pub(super) max_timeout: Duration,
    /// Reads of a runtime use its own sockets.
    pub(super) callers_sockets: bool,
    /// For the tests of the tests: without it the protocol is unsound.
    pub(super) compare_leases: bool,
}
