//! The state of a connection.

use std::sync::Arc;

use larder_core::error::{Error, ErrorKind};

use super::wire::Wire;

/// The state of the connection.
pub(super) enum Line {
    /// It is being opened for the first time: a command waits for that.
    Opening,
    Open(Wire, u64),
    Down(Down),
}

/// Why it is down.
#[derive(Clone, Debug)]
pub(super) struct Down {
    pub(super) kind: ErrorKind,
    pub(super) reason: Arc<str>,
}

impl Down {
    /// It is down because of an error.
    pub(super) fn because(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            reason: error.to_string().into(),
        }
    }
}
