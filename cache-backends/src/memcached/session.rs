//! Opens the line to a server, drives its connection, and opens it again: in the store's one thread.

use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::time::{Instant, timeout};

use super::down::Down;
use super::greeting::greet;
use super::link::Link;
use super::pipe::Pipe;
use super::server::Server;
use super::settings::Settings;
use super::socket::Socket;
use super::wire::{Answer, Batch};
use crate::outage::{Pause, Voice};

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
    let mut pause = Pause::default();
    let mut voice = Voice::default();
    while !link.is_closing() {
        let since = Instant::now();
        let down = session(&link, server, &mut voice).await;
        server.close(&down);
        if !link.is_closing() {
            voice.complain(named(server), &down.reason);
        }
        let _either = timeout(pause.after(since.elapsed()), link.closed()).await;
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
    voice.relax(named(server));
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

/// How the log calls a server.
fn named(server: &Server) -> String {
    format!("memcached at {}", server.address)
}
