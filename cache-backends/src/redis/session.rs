//! Opens the connection, watches it, and opens it again: the one thread of a store.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use larder_core::error::{Error, ErrorKind};
use tokio::runtime::{Builder, Handle};
use tokio::time::{Instant, sleep, timeout};

use super::failure;
use super::greeting::{Server, greet, repeat};
use super::link::{Down, Link};
use super::traffic::Watch;
use super::wire::Wire;

/// Between the first attempts to connect.
const SHORTEST: Duration = Duration::from_millis(20);
/// Between the later ones: a server that is back is found within this.
const LONGEST: Duration = Duration::from_millis(500);

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
    let mut pause = SHORTEST;
    let mut known = Known::default();
    while !link.is_closing() {
        let since = Instant::now();
        let down = session(link, &mut known).await;
        if since.elapsed() > LONGEST * 4 {
            pause = SHORTEST;
        }
        if link.close(down.clone()) && !link.is_closing() {
            log::warn!("redis: {}: calls go on without it", down.reason);
            known.out = true;
        }
        tokio::select! {
            () = sleep(spread(pause)) => {}
            () = link.traffic.attention.notified() => {}
        }
        pause = LONGEST.min(pause * 2);
    }
}

/// What outlives a connection.
#[derive(Default)]
struct Known {
    /// The server that the last connection led to.
    server: Option<Server>,
    /// It was said that the server is out of reach.
    out: bool,
    /// How often the line was opened.
    openings: u64,
}

impl Known {
    /// Lets commands through, after what was invalidated is invalidated again.
    fn open(&mut self, link: &Link, wire: &Wire) {
        self.openings += 1;
        link.open(wire.clone(), self.openings);
        if std::mem::take(&mut self.out) {
            log::info!("redis: it answers again");
        }
    }
}

/// One connection, from its opening to its end; answers why it ended.
async fn session(link: &Arc<Link>, known: &mut Known) -> Down {
    let mut wire = match timeout(link.settings.connect_timeout, connect(link, known)).await {
        Ok(Ok(wire)) => wire,
        Ok(Err(down)) => return down,
        Err(_) => return late("connecting", link.settings.connect_timeout),
    };
    known.open(link, &wire);
    loop {
        let down = watch(link, &mut wire, known).await;
        if link.is_closing() {
            finish(link).await;
        }
        if link.is_closing() || link.is_broken() {
            return down;
        }
        // It does not answer. It may only be slow: then this connection goes on.
        if link.close(down.clone()) {
            log::warn!("redis: {}: calls go on without it", down.reason);
            known.out = true;
        }
        let probe = repeat(&wire, link.recent.keys(false));
        match timeout(link.settings.connect_timeout, probe).await {
            Ok(Ok(())) => known.open(link, &wire),
            Ok(Err(_)) | Err(_) => return down,
        }
    }
}

async fn connect(link: &Arc<Link>, known: &mut Known) -> Result<Wire, Down> {
    let weak = Arc::downgrade(link);
    let on_loss = move || {
        if let Some(link) = weak.upgrade() {
            link.break_off();
        }
    };
    let connected = link.target.connect(on_loss).await;
    let wire = connected.map_err(|error| because(&failure::of_command(error)))?;
    let server = greet(&wire, known.server.as_ref()).await;
    let server = server.map_err(|error| because(&error))?;
    let another = !known.server.as_ref().is_some_and(|last| last.is(&server));
    let repeated = repeat(&wire, link.recent.keys(another)).await;
    repeated.map_err(|error| because(&error))?;
    known.server = Some(server);
    Ok(wire)
}

/// Watches an open line; answers why it is to be closed.
async fn watch(link: &Arc<Link>, wire: &mut Wire, known: &mut Known) -> Down {
    let half = link.settings.operation_timeout / 2;
    let mut watch = Watch::new(half);
    loop {
        if !link.fuses.is_disturbed() {
            link.traffic.busy().await;
        }
        if link.is_closing() || link.is_broken() {
            return Down {
                kind: ErrorKind::Unavailable,
                reason: "the connection is lost".into(),
            };
        }
        sleep(watch.pause()).await;
        if link.is_cluster() {
            settle(link, wire, known).await;
        } else if watch.suspects(&link.traffic) {
            // It answers in order: when this is answered, everything before it was.
            match timeout(half, repeat(wire, Vec::new())).await {
                Ok(Ok(())) => watch.trust(&link.traffic),
                Ok(Err(error)) => return because(&error),
                Err(_) => return late("answering", half * 2),
            }
        }
    }
}

/// What was sent before everybody left still gets through.
async fn finish(link: &Link) {
    let until = Instant::now() + link.settings.operation_timeout;
    while !link.traffic.is_idle() && Instant::now() < until {
        sleep(Duration::from_millis(1)).await;
    }
}

/// Once all servers of a cluster answer again after a disturbance: what was invalidated lately is
/// invalidated again, for a replica that took over may not have heard of it. While some do not
/// answer, another connection asks the cluster anew where its slots are.
async fn settle(link: &Arc<Link>, wire: &mut Wire, known: &mut Known) {
    if !link.fuses.is_disturbed() {
        return;
    }
    if link.fuses.is_stuck() {
        let another = timeout(link.settings.connect_timeout, connect(link, known));
        if let Ok(Ok(another)) = another.await {
            *wire = another;
            known.open(link, wire);
        }
    }
    link.fuses.calm();
    if repeat(wire, link.recent.keys(true)).await.is_err() {
        link.fuses.disturb();
    }
}

fn late(what: &str, after: Duration) -> Down {
    Down {
        kind: ErrorKind::Timeout,
        reason: format!("redis took longer than {after:?} for {what}").into(),
    }
}

fn because(error: &Error) -> Down {
    Down {
        kind: error.kind(),
        reason: error.to_string().into(),
    }
}

/// So that many processes do not come back all at once.
fn spread(pause: Duration) -> Duration {
    #[allow(clippy::cast_possible_truncation)] // less than 1 000
    let part = (larder_core::random::random() % 500) as u32;
    pause / 1_000 * (750 + part)
}
