//! Why a line is down.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use larder_core::error::ErrorKind;

/// Why the line to a server is down.
#[derive(Clone, Debug)]
pub(super) struct Down {
    pub(super) kind: ErrorKind,
    pub(super) reason: Arc<str>,
}

impl Down {
    pub(super) fn new(kind: ErrorKind, reason: impl Into<Arc<str>>) -> Self {
        Self {
            kind,
            reason: reason.into(),
        }
    }

    /// The connection broke, or there is none.
    pub(super) fn lost(error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::InvalidInput => ErrorKind::Config,
            _ => ErrorKind::Unavailable,
        };
        Self::new(kind, error.to_string())
    }

    /// The server took too long.
    pub(super) fn late(what: &str, after: Duration) -> Self {
        Self::new(
            ErrorKind::Timeout,
            format!("it took longer than {after:?} for {what}"),
        )
    }

    /// The server said what it was not asked for.
    pub(super) fn confused(said: &str) -> Self {
        Self::new(
            ErrorKind::Decode,
            format!("it answered `{}`", said.escape_debug()),
        )
    }

    /// Nobody drives the connection any more.
    pub(super) fn ended() -> Self {
        Self::new(ErrorKind::Unavailable, "the store is closed")
    }
}
