//! A call, and its key.

use std::sync::Arc;

use crate::ambient::{self, Mode};
use crate::cache::Cache;
use crate::engine::Engine;
use crate::error::{self, Error};
use crate::freshness::Group;
use crate::key::Key;
use crate::lookaside::packed::Packed;
use crate::parts::{Derived, Parts};
use crate::ready::{Named, Ready};
use crate::recall::{Recalled, recall};
use crate::served::{Name, Served};
use crate::site::{Binding, Bound, Place, Site};
use crate::tag::Tags;

/// A call that asks the cache.
///
/// Who serves it is known before anything is written down, and it stays where it was made until it is known
/// that there is no hit: so a hit writes down little more than its key.
pub struct Request<'a> {
    /// Who serves it; nobody, if it goes past the cache or owns what it is made of.
    server: Option<Server<'a>>,
    parts: Parts,
    /// The store is to hear of this hit, which the function remembers.
    told: bool,
    /// One under a manual key, that computes anew, or in a scope.
    owning: Option<Box<Owning<'a>>>,
}

/// The engine, and what it knows of the function.
#[derive(Clone, Copy)]
struct Server<'a> {
    engine: &'a Arc<Engine>,
    bound: &'a Bound,
}

/// A call that owns what serves it.
struct Owning<'a> {
    engine: Served<'a>,
    name: Name<'a>,
    anew: bool,
}

/// Who serves a call.
enum Found<'a> {
    Server(Server<'a>),
    Owning(Box<Owning<'a>>),
    /// It goes past the cache.
    Nobody,
}

/// What an attribute says about a call before its key is known.
#[derive(Clone, Copy, Default)]
pub struct Before {
    /// Run the body, read and keep nothing.
    pub unless: bool,
    /// Do not read, run the body, keep its result.
    pub refresh: bool,
}

impl<'a> Request<'a> {
    /// Begins a call of a cached function: finds who serves it.
    #[inline(always)]
    #[allow(clippy::inline_always)] // a third of a hit is spent where it is not
    pub fn begin(
        site: &'a Site,
        place: Place<'_>,
        cache: impl FnOnce() -> &'a Cache,
        before: Before,
    ) -> Self {
        let found = if ambient::is_scoped() || before.unless || before.refresh {
            let mut cache = Some(cache);
            Found::unusual(site, place, before, &mut || {
                cache.take().map(|cache| cache())
            })
        } else {
            Found::of(site, place, cache().engine())
        };
        match found {
            Found::Server(server) => Self::with(Some(server), None, server.bound.identity),
            Found::Owning(owning) => {
                let identity = owning.identity();
                Self::with(None, Some(owning), identity)
            }
            Found::Nobody => Self::past(),
        }
    }

    /// Gathers what the key of a call is made of, unless it goes past the cache. In its place: what is
    /// written in small pieces and moved in large ones, a processor waits for.
    #[inline]
    pub fn gather(&mut self, key: impl FnOnce(&mut Parts) -> error::Result<()>) {
        if self.is_bypass() {
            return;
        }
        if let Err(error) = key(&mut self.parts) {
            self.give_up(&error);
        }
    }

    #[inline]
    fn with(server: Option<Server<'a>>, owning: Option<Box<Owning<'a>>>, identity: u128) -> Self {
        Self {
            server,
            parts: Parts::new(identity),
            told: false,
            owning,
        }
    }

    /// A call that goes past the cache.
    #[inline]
    fn past() -> Self {
        Self::with(None, None, 0)
    }

    /// Prepares a computation under a manual key.
    pub(crate) fn manual(engine: &'a Arc<Engine>, name: &str) -> Self {
        let mode = ambient::mode();
        if mode == Mode::Bypass {
            return Self::past();
        }
        let owning = Owning {
            engine: Served::Named(engine),
            name: Name::Manual(name.into()),
            anew: mode == Mode::Refresh,
        };
        Self::with(None, Some(Box::new(owning)), 0)
    }

    /// A key that cannot be derived: the function runs as if it were not cached.
    #[cold]
    fn give_up(&mut self, error: &Error) {
        let owning = self.owning.take();
        match (self.server.take(), owning.as_deref()) {
            (Some(Server { engine, bound }), _) => report(engine, &bound.group, error),
            (None, Some(owning)) => {
                if let Name::Function(bound) = &owning.name {
                    report(&owning.engine, &bound.group, error);
                }
            }
            (None, None) => {}
        }
    }

    /// Whether the call goes past the cache.
    #[inline]
    pub fn is_bypass(&self) -> bool {
        self.server.is_none() && self.owning.is_none()
    }

    /// Whether the call computes, whatever is kept.
    pub fn is_refresh(&self) -> bool {
        self.owning.as_ref().is_some_and(|owning| owning.anew)
    }

    /// Finds a hit that the function remembers, and counts it if it is one for certain; answers whether there
    /// is one.
    #[inline]
    pub(crate) fn recall(&mut self, packed: &mut Packed, certain: bool) -> bool {
        let (Some(Server { engine, bound }), Some(short)) = (self.server, self.parts.short())
        else {
            return false;
        };
        let recalled = recall(engine, bound, short, packed, certain);
        self.told = recalled == Recalled::Told;
        recalled == Recalled::Yes
    }

    /// Counts such a hit, which was not certain.
    pub(crate) fn note_recalled(&self) {
        if let Some(Server { engine, bound }) = self.server {
            engine.note_hit(&bound.group);
        }
    }

    /// Derives the key, once.
    pub(crate) fn derive(&mut self) -> Derived {
        let mut derived = Derived::default();
        if let Some(Server { engine, bound }) = self.server {
            self.parts.derive(&engine.realm, bound, &mut derived);
        } else if let Some(owning) = &self.owning {
            let realm = &owning.engine.realm;
            match &owning.name {
                Name::Function(bound) => self.parts.derive(realm, bound, &mut derived),
                Name::Manual(name) => derived.id = realm.manual_id(name),
            }
        }
        derived
    }

    /// The call with its key; nothing if it goes past the cache.
    pub(crate) fn ready<'r>(&'r self, derived: &'r Derived) -> Option<Ready<'r>> {
        Some(match (self.server, &self.owning) {
            (Some(Server { engine, bound }), _) => {
                // What is remembered as it is need not be remembered anew.
                let short = self.parts.short().filter(|_| !self.told);
                let memory = short.map(|short| (bound, short));
                Ready::of(engine, Named::Function(bound), derived, memory)
            }
            (None, Some(owning)) => {
                let ready = Ready::of(&owning.engine, owning.name.named(), derived, None);
                Ready {
                    anew: owning.anew,
                    ..ready
                }
            }
            (None, None) => return None,
        })
    }

    /// Takes the call out of its place, which goes past the cache then.
    #[inline(never)]
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::past())
    }
}

impl<'a> Found<'a> {
    #[inline]
    fn of(site: &'a Site, place: Place<'_>, engine: &'a Arc<Engine>) -> Self {
        let engine = site.engine(engine);
        match site.bind(engine, place) {
            Binding::Kept(bound) => Self::Server(Server { engine, bound }),
            made @ Binding::Made(_) => Self::own(Served::Named(engine), made, false),
        }
    }

    /// Finds who serves a call in a scope, or one that looks at nothing.
    #[inline(never)]
    fn unusual(
        site: &'a Site,
        place: Place<'_>,
        before: Before,
        cache: &mut dyn FnMut() -> Option<&'a Cache>,
    ) -> Self {
        let mode = ambient::mode();
        if before.unless || mode == Mode::Bypass {
            return Self::Nobody;
        }
        let anew = before.refresh || mode == Mode::Refresh;
        let engine = match ambient::cache() {
            None => match cache() {
                None => return Self::Nobody,
                Some(cache) => Served::Named(site.engine(cache.engine())),
            },
            Some(scoped) => Served::Scoped(Arc::clone(site.engine(&scoped))),
        };
        let bound = site.bind(&engine, place);
        Self::own(engine, bound, anew)
    }

    #[cold]
    fn own(engine: Served<'a>, bound: Binding<'a>, anew: bool) -> Self {
        let name = Name::Function(bound);
        Self::Owning(Box::new(Owning { engine, name, anew }))
    }
}

impl Owning<'_> {
    /// Of the function; a manual key has none.
    fn identity(&self) -> u128 {
        match &self.name {
            Name::Function(bound) => bound.identity,
            Name::Manual(_) => 0,
        }
    }
}

fn report(engine: &Engine, group: &Arc<Group>, error: &Error) {
    let key = Key {
        realm: &engine.realm,
        group: Some(group),
        name: group.name(),
        label: None,
        hash: None,
        id: 0,
        tags: &Tags::NONE,
    };
    engine.note_error(&key, error);
}
