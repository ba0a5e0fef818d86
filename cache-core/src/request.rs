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
pub struct Request<'a> {
    /// Who serves it; nobody, if it goes past the cache or owns what it is made of.
    server: Option<Server<'a>>,
    parts: Parts,
    recalled: Recalled,
    /// What the function remembers, if it does.
    packed: Packed,
    /// One under a manual key, that computes anew, or in a scope.
    owning: Option<Owning<'a>>,
    /// What the key is made of, once that was [derived](Request::derive).
    derived: Option<Derived>,
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

/// What an attribute says about a call before its key is known.
#[derive(Clone, Copy, Default)]
pub struct Before {
    /// Run the body, read and keep nothing.
    pub unless: bool,
    /// Do not read, run the body, keep its result.
    pub refresh: bool,
}

impl<'a> Request<'a> {
    /// Prepares a call of a cached function.
    pub fn new(
        site: &'a Site,
        place: Place<'_>,
        cache: impl FnOnce() -> &'a Cache,
        before: Before,
        key: impl FnOnce(&mut Parts) -> error::Result<()>,
    ) -> Self {
        let mut request = Self::past();
        request.ask(site, place, cache, before, key);
        request
    }

    /// Prepares a call of a cached function, in the place of one that goes past the cache: what is not
    /// moved afterwards is not copied.
    #[inline]
    pub fn ask(
        &mut self,
        site: &'a Site,
        place: Place<'_>,
        cache: impl FnOnce() -> &'a Cache,
        before: Before,
        key: impl FnOnce(&mut Parts) -> error::Result<()>,
    ) {
        if self.begin(site, place, cache, before) {
            let gathered = key(&mut self.parts);
            self.settle(gathered);
        }
    }

    /// Finds who serves the call; answers whether anybody does.
    #[inline]
    fn begin(
        &mut self,
        site: &'a Site,
        place: Place<'_>,
        cache: impl FnOnce() -> &'a Cache,
        before: Before,
    ) -> bool {
        let identity = if ambient::is_scoped() || before.unless || before.refresh {
            let mut cache = Some(cache);
            self.find_unusual(site, place, before, &mut || {
                cache.take().map(|cache| cache())
            })
        } else {
            Some(self.find(site, place, cache().engine()))
        };
        if let Some(identity) = identity {
            self.parts.set_identity(identity);
        }
        identity.is_some()
    }

    /// Finds who serves the call; answers the identity of the function.
    #[inline]
    fn find(&mut self, site: &'a Site, place: Place<'_>, engine: &'a Arc<Engine>) -> u128 {
        let engine = site.engine(engine);
        match site.bind(engine, place) {
            Binding::Kept(bound) => {
                self.server = Some(Server { engine, bound });
                bound.identity
            }
            made @ Binding::Made(_) => self.own(Served::Named(engine), made, false),
        }
    }

    /// Finds who serves a call in a scope, or one that looks at nothing; nobody, if it goes past the cache.
    #[inline(never)]
    fn find_unusual(
        &mut self,
        site: &'a Site,
        place: Place<'_>,
        before: Before,
        cache: &mut dyn FnMut() -> Option<&'a Cache>,
    ) -> Option<u128> {
        let mode = ambient::mode();
        if before.unless || mode == Mode::Bypass {
            return None;
        }
        let anew = before.refresh || mode == Mode::Refresh;
        let engine = match ambient::cache() {
            None => Served::Named(site.engine(cache()?.engine())),
            Some(scoped) => Served::Scoped(Arc::clone(site.engine(&scoped))),
        };
        let bound = site.bind(&engine, place);
        Some(self.own(engine, bound, anew))
    }

    #[inline(never)]
    fn own(&mut self, engine: Served<'a>, bound: Binding<'a>, anew: bool) -> u128 {
        let identity = bound.identity;
        let name = Name::Function(bound);
        self.owning = Some(Owning { engine, name, anew });
        identity
    }

    /// A call that goes past the cache.
    #[inline]
    pub fn past() -> Self {
        Self {
            server: None,
            parts: Parts::new(0),
            recalled: Recalled::No,
            packed: Packed::empty(),
            owning: None,
            derived: None,
        }
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
        Self {
            owning: Some(owning),
            ..Self::past()
        }
    }

    /// Looks for what the function remembers, when the parts of the key have been gathered.
    #[inline(never)]
    fn settle(&mut self, gathered: error::Result<()>) {
        if let Err(error) = gathered {
            self.give_up(&error);
        } else if let Some(Server { engine, bound }) = self.server
            && let Some(short) = self.parts.short()
        {
            self.recalled = recall(engine, bound, short, &mut self.packed);
        }
    }

    /// A key that cannot be derived: the function runs as if it were not cached.
    #[cold]
    fn give_up(&mut self, error: &Error) {
        let owning = self.owning.take();
        match (self.server.take(), &owning) {
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
    pub fn is_bypass(&self) -> bool {
        self.server.is_none() && self.owning.is_none()
    }

    /// Whether the call computes, whatever is kept.
    pub fn is_refresh(&self) -> bool {
        self.owning.as_ref().is_some_and(|owning| owning.anew)
    }

    /// A hit that the function remembers.
    #[inline]
    pub(crate) fn recalled(&self) -> Option<&Packed> {
        (self.recalled == Recalled::Yes).then_some(&self.packed)
    }

    /// Notes such a hit.
    #[inline]
    pub(crate) fn note_recalled(&self) {
        if let Some(Server { engine, bound }) = self.server {
            engine.note_hit(&bound.group);
        }
    }

    /// Derives the key.
    pub(crate) fn derive(&mut self) {
        let derived = self.derived.insert(Derived::default());
        if let Some(Server { engine, bound }) = self.server {
            self.parts.derive(&engine.realm, bound, derived);
        } else if let Some(owning) = &self.owning {
            let realm = &owning.engine.realm;
            match &owning.name {
                Name::Function(bound) => self.parts.derive(realm, bound, derived),
                Name::Manual(name) => derived.id = realm.manual_id(name),
            }
        }
    }

    /// The call with its key, once that was derived; nothing if it goes past the cache.
    pub(crate) fn ready(&self) -> Option<Ready<'_>> {
        let derived = self.derived.as_ref()?;
        Some(match (self.server, &self.owning) {
            (Some(Server { engine, bound }), _) => {
                // What is remembered as it is need not be remembered anew.
                let short = self
                    .parts
                    .short()
                    .filter(|_| self.recalled != Recalled::Told);
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
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::past())
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
