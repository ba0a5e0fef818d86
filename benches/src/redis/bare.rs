//! The client that larder is built on, asking for what a hit of larder asks for.

use super::contender::url;
use redis::Commands;
use redis::aio::MultiplexedConnection;
use std::sync::Arc;
use std::time::Duration;

/// A bare client and the keys of some calls; a clone of it costs two counts.
#[derive(Clone, Debug)]
pub(super) struct Bare {
    client: Arc<redis::Client>,
    keys: Arc<[Vec<String>]>,
}

impl Bare {
    /// Listens to what the server is asked for while so many calls hit.
    pub(super) fn listen(calls: usize, hit: impl Fn(u64)) -> Self {
        let client = redis::Client::open(url()).expect("the address is right");
        let mut monitor = client.get_connection().expect("the server is up");
        let patience = Some(Duration::from_secs(10));
        monitor.set_read_timeout(patience).expect("it is not zero");
        let monitored = redis::cmd("MONITOR").exec(&mut monitor);
        monitored.expect("the server tells what it hears");
        let keys = (0..calls as u64).map(|n| {
            hit(n);
            heard(&mut monitor)
        });
        let keys = keys.collect();
        let client = Arc::new(client);
        Self { client, keys }
    }

    /// How many keys it asks for at a time.
    pub(super) fn width(&self) -> usize {
        self.keys[0].len()
    }

    /// A connection that waits for its answers one by one.
    pub(super) fn connection(&self) -> redis::Connection {
        self.client.get_connection().expect("the server is up")
    }

    /// A connection that many share.
    pub(super) async fn multiplexed(&self) -> MultiplexedConnection {
        let connection = self.client.get_multiplexed_async_connection();
        connection.await.expect("the server is up")
    }

    /// The `MGET` of one call.
    pub(super) fn read(&self, call: u64, connection: &mut redis::Connection) {
        let keys = self.keys_of(call);
        let found: Vec<Vec<u8>> = connection.mget(keys).expect("they are there");
        assert_eq!(found.len(), keys.len());
    }

    /// The same over a shared connection.
    pub(super) async fn read_async(&self, call: u64, connection: &mut MultiplexedConnection) {
        let keys = self.keys_of(call);
        let mget = redis::AsyncCommands::mget(connection, keys);
        let found: Vec<Vec<u8>> = mget.await.expect("they are there");
        assert_eq!(found.len(), keys.len());
    }

    #[allow(clippy::cast_possible_truncation, reason = "a few calls")]
    fn keys_of(&self, call: u64) -> &[String] {
        &self.keys[call as usize]
    }
}

/// The keys of the next `MGET` that the server hears.
fn heard(monitor: &mut redis::Connection) -> Vec<String> {
    loop {
        let line = monitor.recv_response().expect("it is asked for keys");
        let line: String = redis::from_redis_value(line).expect("it is text");
        // 1339518083.107412 [0 127.0.0.1:60866] "MGET" "a key" "a key"
        let mut words = line.split('"').skip(1).step_by(2);
        if words.next() == Some("MGET") {
            return words.map(str::to_owned).collect();
        }
    }
}
