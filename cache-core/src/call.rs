//! The one door through which every cached call goes.

use std::marker::PhantomData;

use crate::ambient;
use crate::errand::{Errand, Turn};
use crate::error::Result;
use crate::kind::Kind;
use crate::observer::EventKind;
use crate::plan::{Hooks, Lives};
use crate::reply::Reply;
use crate::request::{Ready, Request};
use crate::value::Kept;
use crate::wait::wait;

/// Serves a call of a function without `async`.
pub fn call<K: Kind>(
    request: Request<'_>,
    hooks: impl Hooks<K>,
    body: impl FnOnce() -> K::Output,
) -> K::Output {
    let Some(ready) = request.0 else {
        return body();
    };
    let mut flow = Flow::new(&ready, hooks);
    match flow.look_now() {
        Ok(output) => output,
        Err(look) => wait(flow.run(look, async move { body() })),
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
    let mut flow = Flow::new(&ready, hooks);
    match flow.look_now() {
        Ok(output) => output,
        Err(look) => flow.run(look, body).await,
    }
}

/// One call, with its types.
struct Flow<'a, K, H> {
    errand: Errand<'a>,
    lives: Lives,
    hooks: H,
    asked: bool,
    kind: PhantomData<fn() -> K>,
}

/// What is known of the store after the first look.
enum Look<'a> {
    /// Its answer comes later.
    Later(Reply<'a, Result<Option<Kept>>>),
    /// There is nothing to use.
    Missed,
}

impl<'a, K: Kind, H: Hooks<K>> Flow<'a, K, H> {
    #[inline]
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

    /// Looks into the store; a hit in process ends here.
    #[inline]
    fn look_now(&mut self) -> Result<K::Output, Look<'a>> {
        if self.errand.anew {
            return Err(Look::Missed);
        }
        let answer = self.errand.engine.backend.read(&self.errand.key);
        match answer.try_now() {
            Ok(answer) => self.accept_read(answer).ok_or(Look::Missed),
            Err(later) => Err(Look::Later(later)),
        }
    }

    /// Goes on until there is an output.
    async fn run(mut self, look: Look<'a>, body: impl Future<Output = K::Output>) -> K::Output {
        if let Look::Later(reply) = look
            && let Some(output) = self.accept_read(reply.await)
        {
            return output;
        }
        self.errand.note(EventKind::Miss);
        if ambient::leads(self.errand.lead_id()) {
            return body.await;
        }
        loop {
            let output = match self.errand.turn().await {
                Turn::Lead(lead) => {
                    let output = lead.run(body).await;
                    lead.land(self.hooks.judge(&output, &self.lives)).await;
                    return output;
                }
                Turn::Alone => return body.await,
                Turn::Hit(kept) => self.accept(&kept),
                Turn::Share(object) => self.take(&Kept::Object(object)),
                Turn::Nothing => K::nothing(),
            };
            match output {
                Some(output) => return output,
                None => self.errand.reject(),
            }
        }
    }

    #[inline]
    fn accept_read(&mut self, answer: Result<Option<Kept>>) -> Option<K::Output> {
        let kept = self.errand.opened(answer)?;
        let output = self.accept(&kept);
        match output {
            Some(_) => self.errand.note(EventKind::Hit),
            None => self.errand.reject(),
        }
        output
    }

    /// Uses what was kept, unless the hook finds it stale. It is asked once a call.
    #[inline]
    fn accept(&mut self, kept: &Kept) -> Option<K::Output> {
        let kept = self.open(kept)?;
        if !std::mem::replace(&mut self.asked, true) && self.hooks.finds_stale(&kept) {
            return None;
        }
        Some(K::restore(kept))
    }

    fn take(&mut self, kept: &Kept) -> Option<K::Output> {
        self.open(kept).map(K::restore)
    }

    #[inline]
    fn open(&mut self, kept: &Kept) -> Option<K::Kept> {
        let opened = self.hooks.open(kept);
        if opened.is_none() {
            self.errand.note(EventKind::Error);
        }
        opened
    }
}
