//! The one door through which every cached call goes.

use std::marker::PhantomData;
use std::pin::pin;

use crate::ambient::within_some;
use crate::kind::Kind;
use crate::observer::EventKind;
use crate::plan::{Hooks, Lives, Verdict};
use crate::reply::Reply;
use crate::request::{Asked, Ready, Request};
use crate::trip::{Course, End, Look, Taken, Trip, accept, travel};
use crate::value::Kept;

/// Serves a call of a function without `async`.
#[inline]
pub fn call<K: Kind>(
    request: Request<'_>,
    hooks: impl Hooks<K>,
    body: impl FnOnce() -> K::Output,
) -> K::Output {
    let Some(asked) = request.0 else {
        return body();
    };
    match recall(&asked, &hooks) {
        Recalled::Hit(output) => output,
        Recalled::Nothing => call_store(&asked.ready(), hooks, body),
        Recalled::Stale => miss(&asked.ready(), hooks, Look::Rejected(None), body),
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
    let Some(asked) = request.0 else {
        return body.await;
    };
    let is_stale = match recall(&asked, &hooks) {
        Recalled::Hit(output) => return output,
        Recalled::Stale => true,
        Recalled::Nothing => false,
    };
    let ready = asked.ready();
    let looked = if is_stale {
        Err(Look::Rejected(None))
    } else {
        look_now(&ready, &hooks)
    };
    match looked {
        Ok(output) => output,
        // In a box: the way of a miss is long, and a hit should not carry the room for it.
        Err(look) => Box::pin(miss_async(&ready, hooks, look, body)).await,
    }
}

/// Answers a hit, and computes nothing.
pub async fn peek<K: Kind>(request: Request<'_>, hooks: impl Hooks<K>) -> Option<K::Output> {
    let ready = request.0?.ready();
    let answer = match look_now(&ready, &hooks) {
        Ok(output) => return Some(output),
        Err(Look::Later(reply)) => reply.await,
        Err(_) => Ok(None),
    };
    let mut typed = Typed::<K, _, fn() -> K::Output>::new(hooks, None);
    let looked = accept(&ready.engine, &ready.key(), &mut typed, answer);
    if looked.is_err() {
        ready.engine.note(EventKind::Miss, &ready.key());
    }
    typed.output
}

/// What a function remembers.
enum Recalled<T> {
    /// A hit.
    Hit(T),
    /// A hit that the hook finds stale.
    Stale,
    /// Nothing.
    Nothing,
}

/// Uses a hit that the function remembers, unless the hook finds it stale.
#[inline]
fn recall<K: Kind>(asked: &Asked<'_>, hooks: &impl Hooks<K>) -> Recalled<K::Output> {
    if !hooks.packs() {
        return Recalled::Nothing;
    }
    match asked.recall().and_then(|packed| hooks.unpack(&packed)) {
        None => Recalled::Nothing,
        Some(opened) if hooks.finds_stale(&opened) => Recalled::Stale,
        Some(opened) => {
            asked.note_recalled();
            Recalled::Hit(K::restore(opened))
        }
    }
}

/// The call of a function that remembers no hit.
#[inline(never)]
fn call_store<'a, K: Kind>(
    ready: &'a Ready<'a>,
    hooks: impl Hooks<K>,
    body: impl FnOnce() -> K::Output,
) -> K::Output {
    match look_now(ready, &hooks) {
        Ok(output) => output,
        Err(look) => miss(ready, hooks, look, body),
    }
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
    let seen = ready.seen(hooks.packs());
    match engine.backend.read(&key).try_now() {
        Ok(Ok(Some(kept))) => match hooks.open(&kept) {
            Some(opened) if !hooks.finds_stale(&opened) => {
                if let (Some(seen), Kept::Lasting(_, term)) = (seen, &kept) {
                    ready.remember(seen, term, hooks.pack(&opened));
                }
                engine.note(EventKind::Hit, &key);
                Ok(K::restore(opened))
            }
            Some(_) => Err(Look::Rejected(Some(kept))),
            None => Err(foreign(ready, kept)),
        },
        Ok(Ok(None)) => Err(Look::Missed),
        Ok(Err(error)) => Err(Look::Later(Reply::now(Err(error)))),
        Err(later) => Err(Look::Later(later)),
    }
}

/// What is kept is not what the function keeps.
#[cold]
fn foreign<'a>(ready: &Ready<'_>, kept: Kept) -> Look<'a> {
    ready.engine.note(EventKind::Error, &ready.key());
    Look::Rejected(Some(kept))
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
    let trip = Trip::new(ready, hooks.flight_mode(), look);
    let mut typed = Typed::new(hooks, Some(body));
    travel(trip, &mut typed);
    typed.into_output()
}

/// The same, of an `async` function.
///
/// Not an `async fn`: what that is given lies in its future twice.
fn miss_async<'a, K: Kind>(
    ready: &'a Ready<'a>,
    hooks: impl Hooks<K>,
    look: Look<'a>,
    body: impl Future<Output = K::Output>,
) -> impl Future<Output = K::Output> {
    let mut trip = Trip::new(ready, hooks.flight_mode(), look);
    let mut typed = Typed::<K, _, fn() -> K::Output>::new(hooks, None);
    async move {
        let run = loop {
            let offer = trip.next().await;
            match trip.consider(offer, &mut typed) {
                None => {}
                Some(End::Arrived) => return typed.into_output(),
                Some(End::Compute(run)) => break run,
            }
        };
        typed.output = Some(within_some(run.change(), pin!(body)).await);
        let verdict = run.judged(&trip, &typed);
        trip.land(verdict).await;
        typed.into_output()
    }
}

/// The types of a call.
struct Typed<K: Kind, H, B> {
    hooks: H,
    body: Option<B>,
    output: Option<K::Output>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind, H, B> Typed<K, H, B> {
    fn new(hooks: H, body: Option<B>) -> Self {
        Self {
            hooks,
            body,
            output: None,
            kind: PhantomData,
        }
    }

    fn into_output(self) -> K::Output {
        self.output.expect("a trip ends with an output")
    }
}

impl<K: Kind, H: Hooks<K>, B: FnOnce() -> K::Output> Course for Typed<K, H, B> {
    fn take(&mut self, kept: &Kept, ask: bool) -> Taken {
        match self.hooks.open(kept) {
            None => Taken::Foreign,
            Some(opened) if ask && self.hooks.finds_stale(&opened) => Taken::Stale,
            Some(opened) => {
                self.output = Some(K::restore(opened));
                Taken::Used
            }
        }
    }

    fn take_nothing(&mut self) -> bool {
        self.output = K::nothing();
        self.output.is_some()
    }

    fn compute(&mut self) {
        self.output = self.body.take().map(|body| body());
    }

    fn judge(&self, lives: &Lives) -> Verdict {
        match &self.output {
            Some(output) => self.hooks.judge(output, lives),
            None => Verdict::Fail,
        }
    }
}
