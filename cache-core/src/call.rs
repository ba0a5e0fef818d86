//! The one door through which every cached call goes.

use std::pin::pin;

use crate::ambient::within_some;
use crate::calling::Calling;
use crate::going::Going;
use crate::kind::Kind;
use crate::look::Look;
use crate::lookaside::packed::Packed;
use crate::observer::EventKind;
use crate::parts::Derived;
use crate::plan::Hooks;
use crate::ready::Ready;
use crate::recall::FindsStale;
use crate::remembering::{Borrow, Hit};
use crate::request::Request;
use crate::trip::{Trip, accept, travel};
use crate::typed::{Body, Elsewhere, Typed};
use crate::value::Kept;
use crate::who::Who;

/// Serves a call of a function without `async`.
#[inline]
pub fn call<K: Kind>(
    request: &mut Request<'_>,
    hooks: &impl Hooks<K>,
    body: impl FnOnce() -> K::Output,
) -> K::Output {
    if let Some(output) = recall(request, hooks) {
        return output;
    }
    let mut body = Some(body);
    let body: Running<'_, K> = &mut body;
    let remembering = hooks.remembering();
    if remembering.lends {
        call_lender(request, hooks, remembering.borrow, body)
    } else {
        call_store(request, hooks, body)
    }
}

/// Serves a call of an `async` function. A hit in process is there at once.
///
/// # Cancel safety
///
/// Dropping the future of a call that computes hands the computation over to a caller that waits
/// for it; dropping one that waits costs the others nothing.
#[inline]
pub fn call_async<'a, K, H, B>(
    request: &mut Request<'a>,
    hooks: H,
    body: B,
) -> impl Future<Output = K::Output> + use<'a, K, H, B>
where
    K: Kind,
    H: Hooks<K>,
    B: Future<Output = K::Output>,
{
    if let Some(output) = recall(request, &hooks) {
        return Calling::Answered(Some(output));
    }
    match begin(request, &hooks) {
        Begun::Answered(output) => Calling::Answered(Some(output)),
        // In a box: the way of a miss is long, and a hit should not carry the room for it.
        Begun::Asked(derived, looked) => {
            let rest = go_on(request.take(), derived, looked, hooks, body);
            Calling::UnderWay(Box::pin(rest))
        }
    }
}

/// Answers a hit, and computes nothing.
pub async fn peek<K: Kind>(mut request: Request<'_>, hooks: impl Hooks<K>) -> Option<K::Output> {
    let derived = request.derive();
    let ready = request.ready(&derived)?;
    let answer = match look_now(&ready, &hooks) {
        Ok(output) => return Some(output),
        Err(Look::Later(reply)) => reply.await,
        Err(_) => Ok(None),
    };
    let mut typed = Typed::<K, _, Elsewhere>::new(&hooks, Elsewhere);
    let looked = accept(ready.engine, &ready.key, &mut typed, answer);
    if looked.is_err() {
        ready.engine.note(EventKind::Miss, &ready.key);
    }
    typed.output
}

/// Uses the copy of a small value that the function remembers.
#[inline]
fn recall<K: Kind>(request: &mut Request<'_>, hooks: &impl Hooks<K>) -> Option<K::Output> {
    let remembering = hooks.remembering();
    let (mut packed, certain) = (Packed::empty(), !hooks.asks_for_stale());
    if !remembering.packs || !request.recall(&mut packed, certain) {
        return None;
    }
    let opened = (remembering.unpack)(&packed)?;
    if !certain {
        if hooks.finds_stale(&opened) {
            request.note_stale();
            return None;
        }
        request.note_recalled();
    }
    Some(K::restore(opened))
}

/// Uses the handle of another value that the function remembers.
#[inline]
fn borrow<K: Kind>(
    request: &mut Request<'_>,
    hooks: &impl Hooks<K>,
    borrow: Borrow<K::Kept>,
) -> Option<K::Output> {
    let finds_stale = |value: &K::Kept| hooks.finds_stale(value);
    let asked: FindsStale<'_, K::Kept> = hooks.asks_for_stale().then_some(&finds_stale);
    request.borrow(borrow, asked).map(K::restore)
}

/// The call of a function that may remember the handle of a hit. Its answer is written where it stays: what is
/// moved as soon as it is written, a processor waits for.
#[inline(never)]
fn call_lender<K: Kind, H: Hooks<K>>(
    request: &mut Request<'_>,
    hooks: &H,
    way: Borrow<K::Kept>,
    body: Running<'_, K>,
) -> K::Output {
    match borrow(request, hooks, way) {
        Some(output) => output,
        None => call_store(request, hooks, body),
    }
}

/// The call of a function that remembers no hit: compiled once for all bodies.
#[inline(never)]
fn call_store<K: Kind, H: Hooks<K>>(
    request: &mut Request<'_>,
    hooks: &H,
    body: Running<'_, K>,
) -> K::Output {
    let derived = request.derive();
    let Some(ready) = request.ready(&derived) else {
        return body.run().expect("a body runs once");
    };
    let looked = if request.is_stale() {
        Err(Look::Rejected(None))
    } else {
        look_now(&ready, hooks)
    };
    match looked {
        Ok(output) => output,
        Err(look) => miss(&ready, hooks, look, body),
    }
}

/// A body that runs once.
type Running<'a, K> = &'a mut dyn Body<<K as Kind>::Output>;

/// The beginning of an asynchronous call.
enum Begun<T> {
    Answered(T),
    /// What its key is made of, and what a store in this process said.
    Asked(Derived, Option<Look<'static>>),
}

/// Looks into the store, if it is in this process.
#[inline(never)]
fn begin<K: Kind>(request: &mut Request<'_>, hooks: &impl Hooks<K>) -> Begun<K::Output> {
    let remembering = hooks.remembering();
    if remembering.lends
        && let Some(output) = borrow(request, hooks, remembering.borrow)
    {
        return Begun::Answered(output);
    }
    let derived = request.derive();
    let looked = match request.ready(&derived) {
        None => None,
        Some(_) if request.is_stale() => Some(Look::Rejected(None)),
        Some(ready) if ready.engine.is_remote() => None,
        Some(ready) => match look_now(&ready, hooks) {
            Ok(output) => return Begun::Answered(output),
            Err(look) => look.settled(),
        },
    };
    Begun::Asked(derived, looked)
}

/// Goes on with what was begun.
///
/// Not an `async fn`: what that is given lies in its future twice. And all that does not run the body is
/// elsewhere, as this is compiled for each body.
#[allow(clippy::manual_async_fn)] // as said
fn go_on<K: Kind>(
    who: Who<'_>,
    derived: Derived,
    looked: Option<Look<'static>>,
    hooks: impl Hooks<K>,
    body: impl Future<Output = K::Output>,
) -> impl Future<Output = K::Output> {
    async move {
        let mut way = match set_out(&who, &derived, looked, &hooks) {
            Way::Hit(output) => return output,
            Way::Past => None,
            Way::Missed(going) => Some(going),
        };
        let mut run = None;
        if let Some(going) = &mut way {
            run = going.seek().await;
            if run.is_none() {
                return going.output();
            }
        }
        let change = match (&way, &run) {
            (Some(going), Some(run)) => going.change(run),
            _ => None,
        };
        let output = within_some(change, pin!(body)).await;
        match (&mut way, &run) {
            (Some(going), Some(run)) => going.land(run, output).await,
            _ => output,
        }
    }
}

/// How an asynchronous call goes on.
#[allow(clippy::large_enum_variant)] // it is taken apart where it is made
enum Way<'a, K: Kind, H> {
    Hit(K::Output),
    /// Past the cache.
    Past,
    Missed(Going<'a, K, H>),
}

#[inline(never)]
fn set_out<'a, K: Kind, H: Hooks<K>>(
    who: &'a Who<'_>,
    derived: &'a Derived,
    looked: Option<Look<'static>>,
    hooks: &'a H,
) -> Way<'a, K, H> {
    let Some(ready) = who.ready(derived, None) else {
        return Way::Past;
    };
    match looked.map_or_else(|| look_now(&ready, hooks), Err) {
        Ok(output) => Way::Hit(output),
        Err(look) => Way::Missed(Going::new(&ready, hooks, look)),
    }
}

/// Looks into the store; a hit in process ends here.
#[inline]
fn look_now<'a, K: Kind>(ready: &Ready<'a>, hooks: &impl Hooks<K>) -> Result<K::Output, Look<'a>> {
    let (kept, seen) = ready.look()?;
    match hooks.open(&kept) {
        Some(opened) if !hooks.finds_stale(&opened) => {
            if let Some(seen) = seen {
                (hooks.remembering().remember)(&Hit {
                    kept: &kept,
                    value: &opened,
                    lent: ready.engine.profile.lends,
                    spot: &|| ready.spot(&kept, seen),
                });
            }
            ready.engine.note(EventKind::Hit, &ready.key);
            Ok(K::restore(opened))
        }
        Some(_) => Err(Look::Rejected(Some(kept))),
        None => Err(foreign(ready, kept)),
    }
}

/// What is kept is not what the function keeps.
#[cold]
fn foreign<'a>(ready: &Ready<'_>, kept: Kept) -> Look<'a> {
    ready.engine.note(EventKind::Error, &ready.key);
    Look::Rejected(Some(kept))
}

/// Everything but a hit in process, out of the way of those.
#[cold]
#[inline(never)]
fn miss<'a, K: Kind, H: Hooks<K>>(
    ready: &Ready<'a>,
    hooks: &H,
    look: Look<'a>,
    body: Running<'_, K>,
) -> K::Output {
    let trip = Trip::new(ready, hooks.flight_mode(), look);
    let mut typed = Typed::<K, _, _>::new(hooks, body);
    travel(trip, &mut typed);
    typed.take_output()
}
