//! A Redis Cluster: three masters, and replicas of the first ones.

use std::collections::HashMap;
use std::time::Duration;

use super::resp::{Answer, Client};
use super::server::RedisServer;
use super::{PATIENCE, port, until};

/// Made by hand, which takes a quarter of the time that `redis-cli --cluster create` takes.
pub(crate) struct RedisCluster {
    masters: Vec<RedisServer>,
    /// One for each of the first masters.
    replicas: Vec<RedisServer>,
}

const MASTERS: usize = 3;
const SLOTS: usize = 16_384;

impl RedisCluster {
    /// Starts three masters and so many replicas, and waits until the cluster answers.
    pub(crate) fn start(replicas: usize) -> Self {
        let cluster = Self {
            masters: (0..MASTERS).map(|_| node()).collect(),
            replicas: (0..replicas).map(|_| node()).collect(),
        };
        cluster.deal_slots();
        cluster.introduce();
        cluster.attach_replicas();
        cluster.wait_until_ok();
        cluster
    }

    /// How to reach the masters.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.masters.iter().map(RedisServer::url).collect()
    }

    pub(crate) fn masters(&self) -> &[RedisServer] {
        &self.masters
    }

    /// From now on the replica of the first master does not hear of what that acknowledges.
    pub(crate) fn cut_replication(&self) {
        self.masters[0].cut_replication(&self.replicas[0]);
    }

    /// Kills the first master; answers when its replica has taken over everywhere.
    pub(crate) fn failover(&mut self) -> Duration {
        let heir = self.replicas.remove(0);
        self.masters[0].kill9();
        let took = until("a failover", PATIENCE, || role(&heir) == "master");
        self.masters[0] = heir;
        took + self.wait_until_ok()
    }

    /// Sends a command to the node that has the key.
    #[track_caller]
    pub(crate) fn command(&self, key: &str, words: &[&str]) -> Answer {
        let slot = self.masters[0].command(["CLUSTER", "KEYSLOT", key]);
        let slot = usize::try_from(slot.number()).expect("a slot");
        let owner = (0..MASTERS).find(|n| slots_of(*n).contains(&slot));
        self.masters[owner.expect("dealt to somebody")].command(words)
    }

    fn nodes(&self) -> impl Iterator<Item = &RedisServer> {
        self.masters.iter().chain(&self.replicas)
    }

    fn deal_slots(&self) {
        for (number, master) in self.masters.iter().enumerate() {
            let slots = slots_of(number).map(|slot| slot.to_string());
            let words = ["CLUSTER", "ADDSLOTS"].map(str::to_owned);
            master.command(words.into_iter().chain(slots));
        }
        for (epoch, node) in self.nodes().enumerate() {
            let epoch = (epoch + 1).to_string();
            node.command(["CLUSTER", "SET-CONFIG-EPOCH", &epoch]);
        }
    }

    /// Makes every node known to every other: they pass it on.
    fn introduce(&self) {
        for node in self.nodes().skip(1) {
            let (port, bus) = (node.port(), node.port() + port::BUS);
            let (port, bus) = (port.to_string(), bus.to_string());
            self.masters[0].command(["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
        let all = self.nodes().count().to_string();
        let knows_all = |node: &RedisServer| cluster_info(node)["cluster_known_nodes"] == all;
        until("acquaintance", PATIENCE, || self.nodes().all(knows_all));
    }

    fn attach_replicas(&self) {
        for (master, replica) in self.masters.iter().zip(&self.replicas) {
            let id = master.command(["CLUSTER", "MYID"]).text();
            // A replica has to know of its master what the others told it.
            until("a replica", PATIENCE, || {
                let mut client = replica.client().expect("a connection");
                let answer = client.ask(["CLUSTER", "REPLICATE", &id]);
                answer.is_ok_and(|answer| answer == Answer::Status("OK".to_owned()))
            });
        }
        let synced = |replica: &RedisServer| {
            let link = replica.info("replication");
            link.get("master_link_status").is_some_and(|up| up == "up")
        };
        until("replication", PATIENCE, || self.replicas.iter().all(synced));
    }

    fn wait_until_ok(&self) -> Duration {
        let ok = |node: &RedisServer| cluster_info(node)["cluster_state"] == "ok";
        until("a cluster", PATIENCE, || self.nodes().all(ok))
    }
}

fn node() -> RedisServer {
    RedisServer::config()
        .option("cluster-enabled", "yes")
        .option("cluster-node-timeout", "1000")
        .option("repl-diskless-sync-delay", "0")
        .start()
}

fn slots_of(master: usize) -> std::ops::Range<usize> {
    let from = |master| master * SLOTS / MASTERS;
    from(master)..from(master + 1)
}

fn cluster_info(node: &RedisServer) -> HashMap<String, String> {
    let ask = |mut client: Client| client.ask(["CLUSTER", "INFO"]);
    let text = node.client().and_then(ask).expect("an answer").text();
    let pairs = text.lines().filter_map(|line| line.trim().split_once(':'));
    let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    owned.collect()
}

/// `master` or `slave`; nothing from a server that is just about to change, and closes connections.
pub(super) fn role(server: &RedisServer) -> String {
    let ask = |mut client: Client| client.ask(["ROLE"]);
    let answer = server.client().and_then(ask).unwrap_or(Answer::Nil);
    answer.list().first().map(Answer::text).unwrap_or_default()
}
