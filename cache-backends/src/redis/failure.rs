//! What went wrong, in larder's words.

use larder_core::error::{Error, ErrorKind, Result};
use redis::{RedisError, RedisResult, ServerErrorKind};

/// The error of a command.
pub(super) fn of_command(error: RedisError) -> Error {
    let kind = kind(&error);
    let what = match kind {
        ErrorKind::Unavailable => "redis could not be reached",
        ErrorKind::Timeout => "redis did not answer in time",
        ErrorKind::Config => "redis does not let this user in",
        ErrorKind::Decode => "the entry is not a counter",
        _ => "redis refused a command",
    };
    Error::new(kind, format!("{what}: {error}")).with_source(error)
}

/// The error of a configuration. The URL is not in it: it may hold a password.
fn of_configuration(error: &RedisError) -> Error {
    let reason = error.category().to_owned();
    let detail = error.detail().map(|detail| format!(": {detail}"));
    let what = format!(
        "this is not the configuration of a redis server: {reason}{}",
        detail.unwrap_or_default()
    );
    Error::new(ErrorKind::Config, what)
}

/// What the redis crate makes of a configuration.
pub(super) fn checked<T>(made: RedisResult<T>) -> Result<T> {
    made.map_err(|error| of_configuration(&error))
}

/// A configuration that makes no sense.
pub(super) fn config(what: &'static str) -> Error {
    Error::new(ErrorKind::Config, what)
}

/// An invalidation that may not have taken effect.
pub(super) fn not_acknowledged(error: Error) -> Error {
    let what = format!("redis did not confirm an invalidation: {error}");
    Error::new(ErrorKind::NotAcknowledged, what).with_source(error)
}

/// An answer that a script does not give.
pub(super) fn nonsense() -> Error {
    Error::new(
        ErrorKind::Decode,
        "redis answered what it was not asked for",
    )
}

/// Nothing runs any more that could ask.
pub(super) fn ended() -> Error {
    Error::new(ErrorKind::Unavailable, "the connection to redis is closed")
}

/// Whether the server could not be reached, or was too slow.
pub(super) fn is_outage(error: &RedisError) -> bool {
    matches!(kind(error), ErrorKind::Unavailable | ErrorKind::Timeout)
}

/// A command that is not sent: others like it failed a moment ago.
pub(super) fn part_is_down() -> Error {
    let what = "a part of the redis cluster could not be reached a moment ago";
    Error::new(ErrorKind::Unavailable, what)
}

/// Whether the server certainly did not run the command, because its slot is elsewhere or on its way
/// there: such a command can be sent again.
#[cfg(feature = "redis-cluster")]
pub(super) fn was_not_run(error: &RedisError) -> bool {
    matches!(error.code(), Some("MOVED" | "ASK" | "TRYAGAIN"))
}

/// A server that may not write: it would serve what is not in force any more.
pub(super) fn replica() -> Error {
    let what = "the server is a replica, which may lag behind its master";
    Error::new(ErrorKind::Unavailable, what)
}

/// Whether the connection is of no use any more: it is broken, or leads to a server that may not
/// write.
pub(super) fn ends_connection(error: &RedisError) -> bool {
    let server = matches!(
        error.kind(),
        redis::ErrorKind::Server(
            ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading
        )
    );
    server || code(error) == Some("READONLY") || error.is_unrecoverable_error()
}

/// The code of an error; that of a command in a script, where the server (before 7.0) wraps it.
fn code(error: &RedisError) -> Option<&str> {
    let wrapped = |detail: &&str| detail.contains("running script");
    let inner = error.detail().filter(wrapped).and_then(|detail| {
        let (_, inner) = detail.split_once(" -")?;
        inner.split_whitespace().next()
    });
    inner.or(error.code())
}

fn kind(error: &RedisError) -> ErrorKind {
    match code(error) {
        _ if error.is_timeout() => ErrorKind::Timeout,
        _ if error.kind() == redis::ErrorKind::AuthenticationFailed => ErrorKind::Config,
        Some("NOAUTH" | "WRONGPASS") => ErrorKind::Config,
        Some("NOTACOUNTER") => ErrorKind::Decode,
        Some(
            "READONLY" | "LOADING" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" | "MOVED" | "ASK"
            | "BUSY" | "NOREPLICAS",
        )
        | None => ErrorKind::Unavailable,
        Some(_) => ErrorKind::Refused,
    }
}
