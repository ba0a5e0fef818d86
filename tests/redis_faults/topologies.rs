//! Servers that take over from each other.
#![cfg(any(feature = "redis-cluster", feature = "redis-sentinel"))]

use std::time::Duration;

use crate::history::clock::now;
use crate::history::merged::Loss;
use crate::pantry::Pantry;
use crate::run::{Run, pass, say, turn};
#[cfg(feature = "redis-cluster")]
use crate::servers::cluster::RedisCluster;
#[cfg(feature = "redis-sentinel")]
use crate::servers::sentinel::RedisSentinel;

/// Replication is asynchronous: what the master acknowledged in its last moments may never have
/// reached the one that takes over. On one machine that is far less than this.
const WINDOW: Duration = Duration::from_millis(300);
/// For so long the replica hears nothing, in the runs in which it is to know less.
const DEAF: Duration = Duration::from_millis(600);
/// When the new master is known everywhere, whoever has invalidated lately does so again.
const REPEATED: Duration = Duration::from_secs(2);

/// Servers of which one can be lost.
trait Group {
    fn pantry(&self) -> Pantry;
    fn cut_replication(&self);
    fn failover(&mut self) -> Duration;
}

#[cfg(feature = "redis-cluster")]
impl Group for RedisCluster {
    fn pantry(&self) -> Pantry {
        Pantry::Cluster(self.urls())
    }

    fn cut_replication(&self) {
        self.cut_replication();
    }

    fn failover(&mut self) -> Duration {
        self.failover()
    }
}

#[cfg(feature = "redis-sentinel")]
impl Group for RedisSentinel {
    fn pantry(&self) -> Pantry {
        Pantry::Sentinel(Self::NAME.to_owned(), self.urls())
    }

    fn cut_replication(&self) {
        self.cut_replication();
    }

    fn failover(&mut self) -> Duration {
        self.failover()
    }
}

/// Lets three workers work, loses the master, and forgives what it had acknowledged last until those
/// who had invalidated have done so again.
fn lose_the_master(name: &str, deaf: bool, mut group: impl Group) {
    let mut run = Run::over(group.pantry());
    run.hire_many(3);
    run.settle();
    pass(Duration::from_millis(1_200));
    let from = now() - nanos(WINDOW);
    if deaf {
        group.cut_replication();
        pass(DEAF);
    }
    // What the master had acknowledged is written down a moment later.
    let acknowledged = from..now() + nanos(WINDOW);
    let took = group.failover();
    let until = now() + nanos(REPEATED);
    run.laws.loss = Some(Loss {
        acknowledged,
        until,
    });
    pass(REPEATED);
    say(&format!("{name}: took {took:?}"));
    run.end(name).assert_lawful();
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).expect("less than centuries")
}

/// **Weakened, as documented**: an invalidation that was acknowledged in the last moments of the
/// lost master may be lost with it; what it covered comes back, until the process that had
/// invalidated it does so again. Every other one holds: those before, those after, and those that
/// were not acknowledged, in their own process.
#[cfg(feature = "redis-cluster")]
#[test]
fn a_cluster_that_fails_over_forgets_no_more_than_the_last_moments() {
    let _turn = turn();
    lose_the_master("cluster failover", false, RedisCluster::start(3));
}

/// **Weakened, as documented**: the same, with a replica that had heard nothing for a while, so that
/// much is lost for sure.
#[cfg(feature = "redis-cluster")]
#[test]
fn what_a_cluster_forgets_is_invalidated_again() {
    let _turn = turn();
    lose_the_master(
        "cluster failover to a deaf replica",
        true,
        RedisCluster::start(3),
    );
}

/// **Weakened, as documented**: as for a cluster.
#[cfg(feature = "redis-sentinel")]
#[test]
fn sentinels_that_fail_over_forget_no_more_than_the_last_moments() {
    let _turn = turn();
    lose_the_master("sentinel failover", false, RedisSentinel::start());
}

/// **Weakened, as documented**: as for a cluster.
#[cfg(feature = "redis-sentinel")]
#[test]
fn what_a_lost_master_forgets_is_invalidated_again() {
    let _turn = turn();
    lose_the_master(
        "sentinel failover to a deaf replica",
        true,
        RedisSentinel::start(),
    );
}
