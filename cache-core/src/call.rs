//! The one door through which every cached call goes.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use crate::ambient::{self, Mode};
use crate::cache::Cache;
use crate::engine::Engine;
use crate::errand::{Errand, Turn};
use crate::error::{Error, Result};
use crate::key::{Key, KeyHasher};
use crate::kind::Kind;
use crate::observer::EventKind;
use crate::plan::{Hooks, Lives};
use crate::reply::Reply;
use crate::site::{Binding, Place, Site};
use crate::value::Kept;
use crate::wait::wait;

/// A call whose key is known; empty if the call is not to be cached.
pub struct Request<'a>(Option<Ready<'a>>);

pub(crate) struct Ready<'a> {
    engine: Served<'a>,
    name: Name,
    label: Option<String>,
    hash: Option<u128>,
    id: u128,
    anew: bool,
}

/// What the key is called.
enum Name {
    Function(Binding),
    Manual(Box<str>),
}

/// The engine that serves a call: the one that it names, or the one of the scope that it is in.
enum Served<'a> {
    Named(&'a Arc<Engine>),
    Scoped(Arc<Engine>),
}

impl Deref for Served<'_> {
    type Target = Engine;

    #[inline]
    fn deref(&self) -> &Engine {
        match self {
            Self::Named(engine) => engine,
            Self::Scoped(engine) => engine,
        }
    }
}

/// What an attribute says about a call before its key is known.
#[derive(Clone, Copy, Default)]
pub struct Before {
    /// Run the body, read and keep nothing.
    pub unless: bool,
    /// Do not read, run the body, keep its result.
    pub refresh: bool,
}

/// The parts of a key, gathered by the code that an attribute generates.
pub struct Parts {
    hasher: KeyHasher,
    label: Option<String>,
}

impl Parts {
    /// Adds an argument.
    ///
    /// # Errors
    ///
    /// An error if the argument's own `Serialize` fails.
    #[inline]
    pub fn part<T: crate::key::KeyPart + ?Sized>(&mut self, argument: &T) -> Result<()> {
        self.hasher.part(argument)
    }

    /// Adds a label, which is readable in a shared store.
    pub fn label(&mut self, label: impl Into<String>) {
        let label = label.into();
        self.hasher.text(&label);
        self.label = Some(label);
    }
}

impl<'a> Request<'a> {
    /// Prepares a call of a cached function.
    #[inline]
    pub fn new(
        site: &'static Site,
        place: Place<'_>,
        cache: &'a Cache,
        before: Before,
        key: impl FnOnce(&mut Parts) -> Result<()>,
    ) -> Self {
        let mode = ambient::mode();
        if before.unless || mode == Mode::Bypass {
            return Self(None);
        }
        let engine = served(site, cache);
        let anew = before.refresh || mode == Mode::Refresh;
        Self(Ready::derive(engine, site, place, anew, key))
    }

    /// Prepares a computation under a manual key.
    pub(crate) fn manual(engine: &'a Arc<Engine>, name: &str) -> Self {
        let mode = ambient::mode();
        if mode == Mode::Bypass {
            return Self(None);
        }
        Self(Some(Ready {
            id: engine.realm.manual_id(name),
            engine: Served::Named(engine),
            name: Name::Manual(name.into()),
            label: None,
            hash: None,
            anew: mode == Mode::Refresh,
        }))
    }
}

/// Finds the engine for a function of a cache.
fn served<'a>(site: &Site, cache: &'a Cache) -> Served<'a> {
    match ambient::cache() {
        None => Served::Named(site.engine(cache.engine())),
        Some(scoped) => Served::Scoped(Arc::clone(site.engine(&scoped))),
    }
}

impl<'a> Ready<'a> {
    #[inline]
    fn derive(
        engine: Served<'a>,
        site: &'static Site,
        place: Place<'_>,
        anew: bool,
        key: impl FnOnce(&mut Parts) -> Result<()>,
    ) -> Option<Self> {
        let binding = site.bind(&engine, place);
        match hash(&binding, key) {
            Ok((hash, id, label)) => Some(Self {
                engine,
                name: Name::Function(binding),
                label,
                hash,
                id,
                anew,
            }),
            Err(error) => {
                report(&engine, &binding, &error);
                None
            }
        }
    }

    #[inline]
    fn key(&self) -> Key<'_> {
        let (group, name) = match &self.name {
            Name::Function(bound) => (Some(&bound.group), bound.group.name()),
            Name::Manual(name) => (None, &**name),
        };
        Key {
            realm: &self.engine.realm,
            group,
            name,
            label: self.label.as_deref(),
            hash: self.hash,
            id: self.id,
        }
    }

    fn lives(&self) -> Lives {
        Lives {
            default: self.engine.settings.default_timeout,
            shared: self.engine.profile.shared,
        }
    }
}

/// Derives the hash of a key, its number and its label.
#[inline]
pub(crate) fn hash(
    binding: &Binding,
    key: impl FnOnce(&mut Parts) -> Result<()>,
) -> Result<(Option<u128>, u128, Option<String>)> {
    if let Some(whole) = binding.whole {
        return Ok((None, whole, None));
    }
    let mut parts = Parts {
        hasher: KeyHasher::new(binding.identity),
        label: None,
    };
    key(&mut parts)?;
    let hash = parts.hasher.finish();
    Ok((Some(hash), hash, parts.label))
}

/// A key that cannot be derived: the function runs as if it were not cached.
#[cold]
fn report(engine: &Engine, binding: &Binding, error: &Error) {
    let key = Key {
        realm: &engine.realm,
        group: Some(&binding.group),
        name: binding.group.name(),
        label: None,
        hash: None,
        id: 0,
    };
    engine.note_error(&key, error);
}

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
