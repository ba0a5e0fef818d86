//! Faults that leave a server standing.

use crate::servers::resp::Answer;
use crate::servers::server::RedisServer;

/// Something that is done to a server now and then.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// Every entry, lease and version is gone.
    FlushAll,
    /// Every script is forgotten.
    ScriptFlush,
    /// Every connection is closed.
    ClientKill,
}

impl Trouble {
    pub(crate) fn make(self, server: &RedisServer) -> Answer {
        match self {
            Self::FlushAll => server.command(["FLUSHALL"]),
            Self::ScriptFlush => server.command(["SCRIPT", "FLUSH"]),
            Self::ClientKill => server.command(["CLIENT", "KILL", "TYPE", "normal"]),
        }
    }
}
