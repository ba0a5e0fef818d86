//! Asking a store for a lease, and waiting until it is free.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::backend::{Acquired, Claim};
use crate::background;
use crate::engine::Engine;
use crate::error::Result;
use crate::key::{Key, OwnedKey};
use crate::random::fraction;
use crate::reply::Reply;

/// A claim under way. Dropped before its answer has come, it gives back what is granted.
pub(crate) enum Asking<'a> {
    /// The store is in this process, and answers later all the same.
    Here(Reply<'a, Result<Acquired>>),
    /// The store is elsewhere; nothing is left when its answer has come.
    Elsewhere(Option<Claimed>),
}

/// A claim of which the answer is on its way, and who gives a late grant back.
pub(crate) struct Claimed {
    reply: Reply<'static, Result<Acquired>>,
    engine: Arc<Engine>,
    key: OwnedKey,
}

impl<'a> Asking<'a> {
    /// Asks; answers what the store says, if it says so at once.
    pub(crate) fn start(
        engine: &'a Engine,
        key: &Key<'_>,
        claim: Claim,
    ) -> std::result::Result<Result<Acquired>, Box<Self>> {
        if engine.is_remote() {
            return Err(Box::new(Self::elsewhere(engine, key, claim)));
        }
        let reply = engine.backend.acquire(key, claim);
        reply.try_now().map_err(|later| Box::new(Self::Here(later)))
    }

    fn elsewhere(engine: &Engine, key: &Key<'_>, claim: Claim) -> Self {
        let (engine, key) = (engine.shared(), key.to_owned_in(&engine.realm));
        let (asked, for_key) = (Arc::clone(&engine), key.clone());
        let answer = async move { asked.backend.acquire(&for_key.key(), claim).await };
        Self::Elsewhere(Some(Claimed {
            reply: background::see_through(answer),
            engine,
            key,
        }))
    }
}

impl Future for Asking<'_> {
    type Output = Result<Acquired>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Here(reply) => Pin::new(reply).poll(context),
            Self::Elsewhere(claimed) => {
                // Taken out, so that an answer which panics is over.
                let mut asked = claimed.take().expect("an answer is taken once");
                let answer = Pin::new(&mut asked.reply).poll(context);
                if answer.is_pending() {
                    *claimed = Some(asked);
                }
                answer
            }
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let Self::Elsewhere(Some(claimed)) = self else {
            return;
        };
        let reply = std::mem::replace(&mut claimed.reply, Reply::now(Ok(Acquired::Held)));
        let (engine, key) = (Arc::clone(&claimed.engine), claimed.key.clone());
        background::finish(async move {
            if let Ok(Acquired::Granted(lease)) = reply.await {
                drop(engine.backend.release(&key.key(), lease));
            }
        });
    }
}

/// How a call waits for another process: a little longer each time, and never past its limit.
#[derive(Default)]
pub(crate) struct Patience {
    since: Option<Instant>,
    pauses: u32,
}

const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(100);

impl Patience {
    /// Whether nothing was waited for yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.since.is_none()
    }

    /// The next pause; `None` if it would be past the limit. Spread by half, so that those who wait do
    /// not ask all at once.
    pub(crate) fn pause(&mut self, limit: Duration) -> Option<Pause> {
        let longer = FIRST.saturating_mul(2_u32.saturating_pow(self.pauses));
        let pause = LONGEST.min(longer).mul_f64(1.0 - fraction() / 2.0);
        self.pauses += 1;
        let since = *self.since.get_or_insert_with(Instant::now);
        (since.elapsed() + pause <= limit).then(|| start(pause))
    }
}

/// A wait of some milliseconds.
#[cfg(not(shuttle))]
pub(crate) type Pause = futures_timer::Delay;

#[cfg(not(shuttle))]
fn start(pause: Duration) -> Pause {
    Pause::new(pause)
}

/// An explored schedule has no time.
#[cfg(shuttle)]
pub(crate) type Pause = std::future::Ready<()>;

#[cfg(shuttle)]
fn start(_: Duration) -> Pause {
    std::future::ready(())
}
