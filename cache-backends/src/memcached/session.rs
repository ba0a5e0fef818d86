//! Opens the line to a server, drives its connection, and opens it again: in the store's one thread.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::time::{Instant, sleep, timeout};

use super::down::Down;
use super::greeting::greet;
use super::link::Link;
use super::pipe::Pipe;
use super::server::Server;
use super::settings::Settings;
use super::socket::Socket;
use super::wire::{Answer, Batch};

/// Between the first attempts to connect.
const SHORTEST: Duration = Duration::from_millis(20);
/// Between the later ones: a server that is back is found within this.
const LONGEST: Duration = Duration::from_millis(500);
/// Between two servers in the log that say the same.
const QUIET: Duration = Duration::from_secs(10);

/// Starts the thread; nothing if the process may have no more.
pub(super) fn start(link: &Arc<Link>) -> Option<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build().ok()?;
    let (handle, link) = (runtime.handle().clone(), Arc::clone(link));
    let thread = thread::Builder::new().name("larder-memcached".into());
    let run = move || {
        let servers = 0..link.servers.len();
        let sessions: Vec<_> = servers
            .map(|server| runtime.spawn(sessions(Arc::clone(&link), server)))
            .collect();
        runtime.block_on(async {
            for session in sessions {
                session.await.ok();
            }
        });
    };
    thread.spawn(run).ok().map(|_| handle)
}

/// One connection after the other, until nobody has the store any more.
async fn sessions(link: Arc<Link>, number: usize) {
    let server = &link.servers[number];
    let mut pause = SHORTEST;
    let mut voice = Voice::default();
    while !link.is_closing() {
        let since = Instant::now();
        let down = session(&link, server, &mut voice).await;
        if since.elapsed() > LONGEST * 4 {
            pause = SHORTEST;
        }
        server.close(&down);
        if !link.is_closing() {
            voice.complain(server, &down);
        }
        tokio::select! {
            () = sleep(spread(pause)) => {}
            () = link.closed() => {}
        }
        pause = LONGEST.min(pause * 2);
    }
    server.close(&Down::ended());
}

/// One connection, from its opening to its end; answers why it ended.
async fn session(link: &Link, server: &Server, voice: &mut Voice) -> Down {
    let limit = link.settings.connect_timeout;
    let mut pipe = match timeout(limit, enter(server, &link.settings)).await {
        Ok(Ok(pipe)) => pipe,
        Ok(Err(down)) => return down,
        Err(_) => return Down::late("connecting", limit),
    };
    voice.relax(server);
    loop {
        server.hand_over(&mut pipe);
        if let Err(down) = pipe.advance() {
            pipe.fail(&down);
            return down;
        }
        if link.is_closing() && pipe.is_idle() {
            return Down::ended();
        }
        pipe.rest(&server.attention).await;
    }
}

/// Connects, and lets commands through.
async fn enter(server: &Server, settings: &Settings) -> Result<Pipe, Down> {
    let socket = Socket::connect(&server.address).await;
    let socket = socket.map_err(|error| Down::lost(&error))?;
    let greeting = greet(&socket).await?;
    let mut pipe = Pipe::new(socket, settings.operation_timeout);
    let (keys, repeated) = server.recent.keys(false);
    repeat(&mut pipe, &keys).await?;
    server.open(repeated, greeting.largest);
    Ok(pipe)
}

/// Deletes again what was invalidated without an acknowledgement, before anything is read.
async fn repeat(pipe: &mut Pipe, keys: &[String]) -> Result<(), Down> {
    let mut batch = Batch::default();
    batch.delete_all(keys);
    let answers = pipe.ask(batch).await?;
    let done = |answer: &Answer| matches!(answer, Answer::Done(_) | Answer::Absent);
    if answers.iter().all(done) {
        return Ok(());
    }
    Err(Down::confused("something else than a deletion"))
}

/// What is said in the log of a server: once when it is lost, once when it is back.
#[derive(Default)]
struct Voice {
    out: bool,
    said: Option<Instant>,
}

impl Voice {
    fn complain(&mut self, server: &Server, down: &Down) {
        let (address, reason) = (&server.address, &down.reason);
        if self.out {
            return;
        }
        if self.said.is_some_and(|said| said.elapsed() < QUIET) {
            log::debug!("memcached at {address}: {reason}");
            return;
        }
        log::warn!("memcached at {address}: {reason}: calls go on without it");
        (self.out, self.said) = (true, Some(Instant::now()));
    }

    fn relax(&mut self, server: &Server) {
        if std::mem::take(&mut self.out) {
            log::info!("memcached at {}: it answers again", server.address);
        }
    }
}

/// So that many processes do not come back all at once.
fn spread(pause: Duration) -> Duration {
    #[allow(clippy::cast_possible_truncation)] // less than 1 000
    let part = (larder_core::random::random() % 500) as u32;
    pause / 1_000 * (750 + part)
}
