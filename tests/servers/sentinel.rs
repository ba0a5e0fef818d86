//! A master, a replica, and three sentinels that watch them.

use std::time::Duration;

use super::cluster::role;
use super::config::Config;
use super::resp::Answer;
use super::server::RedisServer;
use super::{PATIENCE, until};

pub(crate) struct RedisSentinel {
    master: RedisServer,
    replica: RedisServer,
    sentinels: Vec<RedisServer>,
}

impl RedisSentinel {
    /// What the sentinels call the master.
    pub(crate) const NAME: &str = "pantry";

    /// Starts them and waits until the sentinels know each other and the replica.
    pub(crate) fn start() -> Self {
        let master = RedisServer::config()
            .option("repl-diskless-sync-delay", "0")
            .start();
        let replica = RedisServer::config()
            .option("replicaof", format!("127.0.0.1 {}", master.port()))
            .start();
        until("replication", PATIENCE, || {
            replica.info("replication")["master_link_status"] == "up"
        });
        let sentinels: Vec<_> = (0..3).map(|_| sentinel(master.port())).collect();
        let all = Self {
            master,
            replica,
            sentinels,
        };
        until("sentinels", PATIENCE, || {
            all.sentinels.iter().all(is_settled)
        });
        all
    }

    /// How to reach the sentinels.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(RedisServer::url).collect()
    }

    pub(crate) fn master(&self) -> &RedisServer {
        &self.master
    }

    /// From now on the replica does not hear of what the master acknowledges.
    pub(crate) fn cut_replication(&self) {
        self.master.cut_replication(&self.replica);
    }

    /// Kills the master; answers when every sentinel names the former replica.
    pub(crate) fn failover(&mut self) -> Duration {
        self.master.kill9();
        let heir = self.replica.port();
        let named = |sentinel: &RedisServer| named_port(sentinel) == Some(heir);
        until("a failover", PATIENCE, || {
            role(&self.replica) == "master" && self.sentinels.iter().all(named)
        })
    }

    /// Who is the master after a failover.
    pub(crate) fn heir(&self) -> &RedisServer {
        &self.replica
    }
}

fn sentinel(master: u16) -> RedisServer {
    let name = RedisSentinel::NAME;
    let lines = [
        format!("sentinel monitor {name} 127.0.0.1 {master} 2"),
        format!("sentinel down-after-milliseconds {name} 1000"),
        format!("sentinel failover-timeout {name} 6000"),
    ];
    let text = lines.join("\n") + "\n";
    RedisServer::run_with(Config::sentinel(), "sentinel.conf", &text)
}

/// Whether it knows the two other sentinels and the replica.
fn is_settled(sentinel: &RedisServer) -> bool {
    let words = ["SENTINEL", "MASTER", RedisSentinel::NAME];
    let fields: Vec<_> = sentinel.command(words).list();
    let fields: Vec<_> = fields.iter().map(Answer::text).collect();
    let has = |name: &str, value: &str| fields.windows(2).any(|pair| pair == [name, value]);
    has("num-other-sentinels", "2") && has("num-slaves", "1")
}

fn named_port(sentinel: &RedisServer) -> Option<u16> {
    let words = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", RedisSentinel::NAME];
    sentinel.command(words).list().get(1)?.text().parse().ok()
}
