//! The one door through which every cached call goes.

use std::marker::PhantomData;

use crate::ambient::{self, Change};
use crate::engine::Engine;
use crate::errand::{Errand, Turn};
use crate::error::Result;
use crate::key::Key;
use crate::kind::Kind;
use crate::observer::EventKind;
use crate::plan::{Hooks, Lives};
use crate::reply::Reply;
use crate::request::{Ready, Request};
use crate::value::Kept;
use crate::wait::wait;

/// Serves a call of a function without `async`.
#[inline]
pub fn call<K: Kind>(
    request: Request<'_>,
    hooks: impl Hooks<K>,
    body: impl FnOnce() -> K::Output,
) -> K::Output {
    let Some(ready) = request.0 else {
        return body();
    };
    match look_now(&ready, &hooks) {
        Ok(output) => output,
        Err(look) => miss(&ready, hooks, look, body),
    }
}

/// Serves a call of an `async` function.
///
/// # Cancel safety
///
/// Dropping the future of a call that computes hands the computation over to a caller that waits
/// for it; dropping one that waits costs the others nothing.
pub async fn call_async<K: Kind>(
    request: Request<'_>,
    hooks: impl Hooks<K>,
    body: impl Future<Output = K::Output>,
) -> K::Output {
    let Some(ready) = request.0 else {
        return body.await;
    };
    match look_now(&ready, &hooks) {
        Ok(output) => output,
        // In a box: the way of a miss is long, and a hit should not carry the room for it.
        Err(look) => Box::pin(Flow::new(&ready, hooks).run(look, body)).await,
    }
}

/// Answers a hit, and computes nothing.
pub async fn peek<K: Kind>(request: Request<'_>, hooks: impl Hooks<K>) -> Option<K::Output> {
    let ready = request.0?;
    let looked = match look_now(&ready, &hooks) {
        Err(Look::Later(reply)) => accept(&ready.engine, &ready.key(), &hooks, reply.await),
        looked => looked,
    };
    if looked.is_err() {
        ready.engine.note(EventKind::Miss, &ready.key());
    }
    looked.ok()
}

/// Everything but a hit in process, out of the way of those.
#[cold]
#[inline(never)]
fn miss<'a, K: Kind>(
    ready: &'a Ready<'a>,
    hooks: impl Hooks<K>,
    look: Look<'a>,
    body: impl FnOnce() -> K::Output,
) -> K::Output {
    wait(Flow::new(ready, hooks).run(look, async move { body() }))
}

/// What is known of the store after the first look.
enum Look<'a> {
    /// Its answer comes later.
    Later(Reply<'a, Result<Option<Kept>>>),
    /// There is nothing.
    Missed,
    /// There is something that will not do, or that does not count.
    Rejected(Option<Kept>),
    /// It could not be asked.
    Down,
}

/// Looks into the store; a hit in process ends here.
#[inline]
fn look_now<'a, K: Kind>(
    ready: &'a Ready<'a>,
    hooks: &impl Hooks<K>,
) -> Result<K::Output, Look<'a>> {
    if ready.anew {
        return Err(Look::Missed);
    }
    let (engine, key) = (&*ready.engine, ready.key());
    if engine.is_void(&key) {
        return Err(Look::Rejected(None));
    }
    match engine.backend.read(&key).try_now() {
        Ok(answer) => accept(engine, &key, hooks, answer),
        Err(later) => Err(Look::Later(later)),
    }
}

/// Uses what the store answered, unless it is not what the function keeps or the hook finds it
/// stale.
#[inline]
fn accept<'a, K: Kind>(
    engine: &Engine,
    key: &Key<'_>,
    hooks: &impl Hooks<K>,
    answer: Result<Option<Kept>>,
) -> Result<K::Output, Look<'a>> {
    match answer {
        Ok(Some(kept)) => match hooks.open(&kept) {
            Some(opened) if hooks.finds_stale(&opened) => Err(Look::Rejected(Some(kept))),
            Some(opened) => {
                engine.note(EventKind::Hit, key);
                Ok(K::restore(opened))
            }
            None => {
                engine.note(EventKind::Error, key);
                Err(Look::Rejected(Some(kept)))
            }
        },
        Ok(None) => Err(Look::Missed),
        Err(error) => {
            engine.note_error(key, &error);
            Err(if error.is_outage() {
                Look::Down
            } else {
                Look::Missed
            })
        }
    }
}

/// One call that was no hit in process, with its types.
struct Flow<'a, K, H> {
    errand: Errand<'a>,
    lives: Lives,
    hooks: H,
    asked: bool,
    kind: PhantomData<fn() -> K>,
}

impl<'a, K: Kind, H: Hooks<K>> Flow<'a, K, H> {
    fn new(ready: &'a Ready<'a>, hooks: H) -> Self {
        let mode = hooks.flight_mode();
        Self {
            errand: Errand::new(&ready.engine, ready.key(), mode, ready.anew),
            lives: ready.lives(),
            hooks,
            asked: false,
            kind: PhantomData,
        }
    }

    /// Goes on until there is an output.
    async fn run(mut self, mut look: Look<'a>, body: impl Future<Output = K::Output>) -> K::Output {
        if let Look::Later(reply) = look {
            let (engine, key) = (self.errand.engine, self.errand.key);
            match accept(engine, &key, &self.hooks, reply.await) {
                Ok(output) => return output,
                Err(other) => look = other,
            }
        }
        match look {
            Look::Rejected(kept) => {
                self.asked = true;
                self.errand.reject(kept);
            }
            Look::Down => self.errand.give_up_the_store(),
            Look::Later(_) | Look::Missed => {}
        }
        self.errand.note(EventKind::Miss);
        if ambient::leads(self.errand.lead_id()) {
            return body.await;
        }
        self.compute(body).await
    }

    /// Waits for this call's turn, and computes if it is.
    async fn compute(mut self, body: impl Future<Output = K::Output>) -> K::Output {
        loop {
            let output = match self.errand.turn().await {
                Turn::Lead(lead) => {
                    let output = lead.run(body).await;
                    lead.land(self.hooks.judge(&output, &self.lives)).await;
                    return output;
                }
                Turn::Alone => {
                    let lead = Change::Lead(self.errand.lead_id());
                    return ambient::within(lead, body).await;
                }
                Turn::Hit(kept) => {
                    let output = self.take_unless_stale(&kept);
                    output.ok_or(Some(kept))
                }
                Turn::Share(object) => self.take(&Kept::Object(object)).ok_or(None),
                Turn::Nothing => K::nothing().ok_or(None),
            };
            match output {
                Ok(output) => return output,
                Err(kept) => self.errand.reject(kept),
            }
        }
    }

    /// The hook is asked once a call.
    fn take_unless_stale(&mut self, kept: &Kept) -> Option<K::Output> {
        let kept = self.open(kept)?;
        if !std::mem::replace(&mut self.asked, true) && self.hooks.finds_stale(&kept) {
            return None;
        }
        Some(K::restore(kept))
    }

    fn take(&self, kept: &Kept) -> Option<K::Output> {
        self.open(kept).map(K::restore)
    }

    fn open(&self, kept: &Kept) -> Option<K::Kept> {
        let opened = self.hooks.open(kept);
        if opened.is_none() {
            self.errand.note(EventKind::Error);
        }
        opened
    }
}
