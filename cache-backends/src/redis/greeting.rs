//! What is said first on a new connection.

use std::task::{Context, Waker};

use futures_util::future::join3;
use larder_core::error::{Error, ErrorKind, Result};
use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::{Cmd, Connection, ConnectionLike as _, RedisError, RedisResult, Value};
use tokio::task::JoinSet;

use super::failure;
use super::script;
use super::wire::Wire;

/// The server that a connection leads to.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// Another one each time that it starts; nothing if the user may not ask.
    run: Option<String>,
    /// This connection, as the server numbers it.
    client: Option<i64>,
}

/// Scripts need it: `GETRANGE`, `struct`, effects replication, `UNLINK`, `PERSIST` and others are older.
const OLDEST: (u32, u32) = (6, 2);

impl Server {
    /// Whether it is the same server, not restarted since. What cannot be asked is another.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.run.is_some() && self.run == other.run
    }

    /// Whether this server told that of itself.
    fn says(&self, info: RedisResult<Value>) -> bool {
        let info = info.map(text).unwrap_or_default();
        self.run.is_some() && self.run.as_deref() == field(&info, "run_id")
    }
}

/// Whether a connection beside the line leads to this server.
pub(super) async fn is_at(connection: &mut MultiplexedConnection, server: &Server) -> bool {
    let asked = command(&["INFO", "server"]);
    server.says(connection.req_packed_command(&asked).await)
}

/// The same of a connection that blocks.
pub(super) fn is_at_desk(connection: &mut Connection, server: &Server) -> bool {
    server.says(connection.req_command(&command(&["INFO", "server"])))
}

/// Asks who the server is, ends the connection before this one, and loads the scripts.
pub(super) async fn greet(wire: &Wire, before: Option<&Server>) -> Result<Server> {
    let (info, role, client) = join3(
        permitted(wire, command(&["INFO", "server"])),
        permitted(wire, command(&["INFO", "replication"])),
        permitted(wire, command(&["CLIENT", "ID"])),
    )
    .await;
    let (info, role) = (info?.map(text), role?.map(text));
    check_version(info.as_deref().unwrap_or_default())?;
    if field(role.as_deref().unwrap_or_default(), "role") == Some("slave") {
        return Err(failure::replica());
    }
    let server = Server {
        run: field(info.as_deref().unwrap_or_default(), "run_id").map(str::to_owned),
        client: client?.and_then(|client| redis::from_redis_value(client).ok()),
    };
    if let Some(before) = before.filter(|before| before.is(&server)) {
        end_client(wire, before).await?;
    }
    load(wire).await;
    Ok(server)
}

/// Loads the scripts side by side. One that is missing is sent in full when it is called.
async fn load(wire: &Wire) {
    let mut under_way = JoinSet::new();
    for script in script::ALL {
        let (mut wire, load) = (wire.clone(), script.load());
        under_way.spawn(async move { wire.send(load).await.is_ok() });
    }
    while under_way.join_next().await.is_some() {}
}

/// Deletes again what was deleted; without anything to delete, asks for a sign of life.
pub(super) async fn repeat(wire: &Wire, keys: Vec<String>) -> Result<()> {
    let mut command = command(&["PING"]);
    if !keys.is_empty() {
        command = redis::cmd("UNLINK");
        command.arg(keys);
    }
    let answer = wire.clone().send(command).await;
    answer.map(drop).map_err(failure::of_command)
}

/// Puts a deletion in the line before anything that is sent later.
pub(super) fn send_first(wire: &Wire, keys: Vec<String>) {
    let wire = wire.clone();
    let mut deleted = Box::pin(async move { repeat(&wire, keys).await });
    if deleted
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_pending()
    {
        tokio::spawn(deleted);
    }
}

/// Ends the connection that was given up: what it still has to say, such as a `set` that nobody
/// waits for any more, must not take effect after what is said on this one.
async fn end_client(wire: &Wire, before: &Server) -> Result<()> {
    let Some(client) = before.client else {
        return Ok(());
    };
    let mut kill = command(&["CLIENT", "KILL", "ID"]);
    kill.arg(client);
    permitted(wire, kill).await.map(drop)
}

fn command(words: &[&str]) -> Cmd {
    let mut command = Cmd::new();
    command.arg(words);
    command
}

/// Sends a command that does no harm if the user may not use it.
async fn permitted(wire: &Wire, command: Cmd) -> Result<Option<Value>> {
    match wire.clone().send(command).await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_refusal(&error) => Ok(None),
        Err(error) => Err(failure::of_command(error)),
    }
}

fn is_refusal(error: &RedisError) -> bool {
    let mends_itself = matches!(
        error.code(),
        Some("READONLY" | "LOADING" | "MASTERDOWN" | "CLUSTERDOWN" | "NOAUTH" | "WRONGPASS")
    );
    !mends_itself && !failure::ends_connection(error) && !error.is_io_error()
}

fn text(value: Value) -> String {
    redis::from_redis_value(value).unwrap_or_default()
}

fn field<'i>(info: &'i str, name: &str) -> Option<&'i str> {
    let of = |line: &'i str| line.strip_prefix(name)?.strip_prefix(':');
    info.lines().find_map(of).map(str::trim)
}

fn check_version(info: &str) -> Result<()> {
    let Some(version) = field(info, "redis_version") else {
        return Ok(());
    };
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found >= OLDEST {
        return Ok(());
    }
    let (major, minor) = OLDEST;
    Err(Error::new(
        ErrorKind::Config,
        format!("the server is redis {version}; larder needs {major}.{minor} or later"),
    ))
}

#[cfg(test)]
mod tests {
    use super::check_version;

    #[test]
    fn an_old_server_is_refused_by_its_version() {
        let refused = check_version("redis_version:6.0.16\r\n").unwrap_err();
        let said = refused.to_string();
        assert_eq!(
            said,
            "the server is redis 6.0.16; larder needs 6.2 or later"
        );
        check_version("# Server\r\nredis_version:6.2.0\r\n").unwrap();
        check_version("redis_version:10.0.1\r\n").unwrap();
        check_version("").unwrap();
    }
}
