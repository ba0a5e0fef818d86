//! After a disturbance in a cluster: what was invalidated lately is invalidated again.
//!
//! A server that did not answer may have been replaced by a replica that has not heard of it. Each
//! key is deleted again once its part of the cluster answers; what has been deleted again is left
//! alone until its part is disturbed again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::dial::connect;
use super::link::Link;
use super::wire::Wire;

/// Between the first attempts.
const SHORTEST: Duration = Duration::from_millis(50);
/// Between the later ones.
const LONGEST: Duration = Duration::from_millis(500);

/// What is still to be deleted again.
pub(super) struct Settling {
    due: HashSet<String>,
    /// There was a disturbance, and there are parts that do not answer yet.
    disturbed: bool,
    pause: Duration,
    next: Instant,
}

impl Settling {
    /// Begins with everything: before this connection there may have been another cluster.
    pub(super) fn new(link: &Link) -> Self {
        let mut settling = Self {
            due: HashSet::new(),
            disturbed: false,
            pause: SHORTEST,
            next: Instant::now(),
        };
        if link.is_cluster() {
            settling.begin(link);
        }
        settling
    }

    fn begin(&mut self, link: &Link) {
        self.due = link.recent.keys(true).0.into_iter().collect();
        self.disturbed = true;
        (self.pause, self.next) = (SHORTEST, Instant::now());
    }

    /// Whether there is nothing to do.
    pub(super) fn is_over(&self, link: &Link) -> bool {
        !link.is_cluster() || (!self.disturbed && link.fuses.none_is_blown())
    }

    /// Does what is to be done now.
    pub(super) async fn go_on(&mut self, link: &Arc<Link>, wire: &mut Wire) {
        if self.is_over(link) || Instant::now() < self.next {
            return;
        }
        if !self.disturbed {
            self.begin(link);
        }
        if link.fuses.is_stuck() {
            ask_anew(link, wire).await;
        }
        self.due.extend(disturbed_again(link));
        self.due = delete(link, wire, std::mem::take(&mut self.due)).await;
        self.disturbed = !self.due.is_empty() || !link.fuses.none_is_blown();
        self.next = Instant::now() + self.pause;
        self.pause = LONGEST.min(self.pause * 2);
    }
}

/// Takes another connection, which asks the cluster where its slots are: the old one may have lost
/// its way. What is under way on it goes on.
async fn ask_anew(link: &Arc<Link>, wire: &mut Wire) {
    let limit = link.settings.connect_timeout * 2;
    if let Ok(Ok(another)) = timeout(limit, connect(link, 0)).await {
        link.swap(&another);
        *wire = another;
    }
}

/// What was invalidated lately in the parts that do not answer now.
fn disturbed_again(link: &Link) -> Vec<String> {
    let (keys, _) = link.recent.keys(true);
    keys.into_iter()
        .filter(|key| link.fuses.is_blown(key))
        .collect()
}

/// Deletes the keys side by side; answers those of which the server did not confirm it.
async fn delete(link: &Link, wire: &Wire, keys: HashSet<String>) -> HashSet<String> {
    let mut under_way = JoinSet::new();
    for key in keys {
        let mut wire = wire.clone();
        under_way.spawn(async move {
            let mut unlink = redis::cmd("UNLINK");
            unlink.arg(&key);
            (wire.send(unlink).await.is_ok(), key)
        });
    }
    let mut left = HashSet::new();
    while let Some(Ok((deleted, key))) = under_way.join_next().await {
        if deleted {
            link.fuses.mend(&key);
        } else {
            left.insert(key);
        }
    }
    left
}
