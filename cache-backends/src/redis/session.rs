//! Opens the connection, watches it, and opens it again: the one thread of a store.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use larder_core::error::{Error, ErrorKind};
use tokio::runtime::{Builder, Handle};
use tokio::time::{Instant, sleep, timeout};

use super::dial::connect;
use super::greeting::{Server, greet, repeat};
use super::line::Down;
use super::link::Link;
use super::settling::Settling;
use super::traffic::Watch;
use super::wire::Wire;
use crate::outage::{Pause, Voice};

/// Starts the thread; nothing if the process may have no more.
pub(super) fn start(link: &Arc<Link>) -> Option<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build().ok()?;
    let (handle, link) = (runtime.handle().clone(), Arc::clone(link));
    let thread = thread::Builder::new().name("larder-redis".into());
    let run = move || runtime.block_on(sessions(&link));
    thread.spawn(run).ok().map(|_| handle)
}

/// One connection after the other, until nobody has the store any more.
async fn sessions(link: &Arc<Link>) {
    let mut pause = Pause::default();
    let mut known = Known::default();
    while !link.is_closing() {
        let since = Instant::now();
        let down = session(link, &mut known).await;
        known.close(link, down);
        let attention = link.traffic.attention.notified();
        let _either = timeout(pause.after(since.elapsed()), attention).await;
    }
}

/// What outlives a connection.
#[derive(Default)]
pub(super) struct Known {
    /// The server that the last connection led to.
    server: Option<Server>,
    voice: Voice,
    /// How often the line was opened.
    openings: u64,
}

impl Known {
    /// Lets commands through, when everything that was invalidated lately is invalidated again.
    async fn open(&mut self, link: &Link, wire: &Wire, all: bool) -> Result<(), Error> {
        let (keys, repeated) = link.recent.keys(all);
        // In a cluster that goes on part by part, when the line is open.
        if !link.is_cluster() {
            repeat(wire, keys).await?;
        }
        link.open(wire, self.openings, repeated, self.server.as_ref());
        self.voice.relax("redis");
        Ok(())
    }

    /// Lets nothing through, and says why in the log, once for as long as it lasts.
    fn close(&mut self, link: &Link, down: Down) {
        let reason = Arc::clone(&down.reason);
        link.close(down);
        if !link.is_closing() {
            self.voice.complain("redis", &reason);
        }
    }
}

/// One connection, from its opening to its end; answers why it ended.
async fn session(link: &Arc<Link>, known: &mut Known) -> Down {
    let limit = connect_limit(link);
    let mut wire = match timeout(limit, enter(link, known)).await {
        Ok(Ok(wire)) => wire,
        Ok(Err(down)) => return down,
        Err(_) => return late("connecting", limit),
    };
    loop {
        let down = watch(link, &mut wire).await;
        if link.is_closing() {
            finish(link).await;
        }
        if link.is_closing() || link.is_broken() {
            return down;
        }
        // It does not answer. It may only be slow: then this connection goes on.
        known.close(link, down.clone());
        known.openings += 1;
        match timeout(limit, known.open(link, &wire, false)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return down,
        }
    }
}

/// How long connecting may take. A cluster's servers are asked one after the other.
fn connect_limit(link: &Link) -> Duration {
    let each = link.settings.connect_timeout;
    if link.is_cluster() { each * 4 } else { each }
}

/// Connects, and lets commands through.
async fn enter(link: &Arc<Link>, known: &mut Known) -> Result<Wire, Down> {
    known.openings += 1;
    let wire = connect(link, known.openings).await?;
    let mut another = true;
    if !link.is_cluster() {
        let server = greet(&wire, known.server.as_ref()).await;
        let server = server.map_err(|error| Down::because(&error))?;
        another = !known.server.as_ref().is_some_and(|last| last.is(&server));
        known.server = Some(server);
    }
    let opened = known.open(link, &wire, another).await;
    opened.map_err(|error| Down::because(&error))?;
    Ok(wire)
}

/// Watches an open line; answers why it is to be closed.
async fn watch(link: &Arc<Link>, wire: &mut Wire) -> Down {
    let half = link.settings.operation_timeout / 2;
    let mut watch = Watch::new(half);
    let mut settling = Settling::new(link);
    loop {
        if link.is_closing() || link.is_broken() {
            return Down {
                kind: ErrorKind::Unavailable,
                reason: "the connection is lost".into(),
            };
        }
        if settling.is_over(link) {
            link.traffic.busy(|| link.aside.is_idle()).await;
        }
        let _either = timeout(watch.pause(), link.traffic.attention.notified()).await;
        let doubted = link.aside.is_doubted(half);
        if link.is_cluster() {
            settling.go_on(link, wire).await;
        } else if watch.suspects(&link.traffic) || doubted {
            // It answers in order: when this is answered, everything before it was.
            match timeout(half, repeat(wire, Vec::new())).await {
                Ok(Ok(())) => watch.trust(&link.traffic),
                Ok(Err(error)) => return Down::because(&error),
                Err(_) => return late("answering", half * 2),
            }
        }
    }
}

/// What was sent before everybody left still gets through.
async fn finish(link: &Link) {
    let since = Instant::now();
    while !link.traffic.is_idle() && since.elapsed() < link.settings.operation_timeout {
        sleep(Duration::from_millis(1)).await;
    }
}

fn late(what: &str, after: Duration) -> Down {
    Down {
        kind: ErrorKind::Timeout,
        reason: format!("redis took longer than {after:?} for {what}").into(),
    }
}
