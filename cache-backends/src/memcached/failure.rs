//! What went wrong, in larder's words.

use larder_core::error::{Error, ErrorKind};

use super::address::Address;
use super::down::Down;

/// A server that is out of reach.
pub(super) fn down(address: &Address, down: &Down) -> Error {
    Error::new(
        down.kind,
        format!("memcached at {address}: {}", down.reason),
    )
}

/// A configuration that makes no sense.
pub(super) fn config(what: &'static str) -> Error {
    Error::new(ErrorKind::Config, what)
}

/// An invalidation that may not have taken effect.
pub(super) fn not_acknowledged(error: Error) -> Error {
    let what = format!("memcached did not confirm an invalidation: {error}");
    Error::new(ErrorKind::NotAcknowledged, what).with_source(error)
}

/// An answer that does not belong to its command.
pub(super) fn nonsense() -> Error {
    Error::new(
        ErrorKind::Decode,
        "memcached answered what it was not asked for",
    )
}

/// The server has no room.
pub(super) fn refused(why: &str) -> Error {
    Error::new(
        ErrorKind::Refused,
        format!("memcached does not take the value: {why}"),
    )
}

/// A value that the server does not take.
pub(super) fn too_large(bytes: usize, largest: usize) -> Error {
    let what = format!(
        "a value of {bytes} bytes does not fit into memcached, which takes {largest}: start it with `-I` for more"
    );
    Error::new(ErrorKind::Refused, what)
}

/// An entry that others change all the time.
pub(super) fn contended() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "others kept changing the entry in memcached",
    )
}

/// Nothing runs that could ask.
pub(super) fn no_thread() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "memcached: no thread could be started for the store",
    )
}
