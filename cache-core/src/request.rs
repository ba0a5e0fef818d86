//! A call, and its key.

use std::ops::Deref;
use std::sync::Arc;

use crate::ambient::{self, Mode};
use crate::cache::Cache;
use crate::changes::Stripe;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::key::Key;
use crate::lookaside::Seen;
use crate::lookaside::packed::Packed;
use crate::parts::{Derived, Parts};
use crate::plan::Lives;
use crate::sip::Short;
use crate::site::{Binding, Place, Site};
use crate::tag::Tags;
use crate::value::Term;

/// A call that asks the cache; empty if the call is not to be cached.
pub struct Request<'a>(pub(crate) Option<Asked<'a>>);

/// A call, what its key is made of, and the engine that serves it.
pub(crate) struct Asked<'a> {
    engine: Served<'a>,
    name: Name<'a>,
    parts: Option<Parts>,
    pub(crate) anew: bool,
}

/// A call whose key is known.
pub(crate) struct Ready<'a> {
    pub(crate) engine: Served<'a>,
    name: Name<'a>,
    derived: Derived,
    /// What is compared by who remembers the call's hits.
    short: Option<Short>,
    pub(crate) anew: bool,
}

/// What the key is called.
enum Name<'a> {
    Function(Binding<'a>),
    Manual(Box<str>),
}

/// The engine that serves a call: the one that it names, or the one of the scope that it is in.
pub(crate) enum Served<'a> {
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

impl<'a> Request<'a> {
    /// Prepares a call of a cached function.
    #[inline]
    pub fn new(
        site: &'a Site,
        place: Place<'_>,
        cache: impl FnOnce() -> &'a Cache,
        before: Before,
        key: impl FnOnce(&mut Parts) -> Result<()>,
    ) -> Self {
        let mode = ambient::mode();
        if before.unless || mode == Mode::Bypass {
            return Self(None);
        }
        let engine = served(site, cache);
        let anew = before.refresh || mode == Mode::Refresh;
        Self(Asked::of(engine, site, place, anew, key))
    }

    /// Whether the call goes past the cache.
    pub fn is_bypass(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the call computes, whatever is kept.
    pub fn is_refresh(&self) -> bool {
        self.0.as_ref().is_some_and(|asked| asked.anew)
    }

    /// Prepares a computation under a manual key.
    pub(crate) fn manual(engine: &'a Arc<Engine>, name: &str) -> Self {
        let mode = ambient::mode();
        if mode == Mode::Bypass {
            return Self(None);
        }
        Self(Some(Asked {
            engine: Served::Named(engine),
            name: Name::Manual(name.into()),
            parts: None,
            anew: mode == Mode::Refresh,
        }))
    }
}

/// Finds the engine for a function of a cache.
#[inline]
fn served<'a>(site: &Site, cache: impl FnOnce() -> &'a Cache) -> Served<'a> {
    match ambient::cache() {
        None => Served::Named(site.engine(cache().engine())),
        Some(scoped) => served_by_scope(site, &scoped),
    }
}

#[cold]
fn served_by_scope<'a>(site: &Site, scoped: &Arc<Engine>) -> Served<'a> {
    Served::Scoped(Arc::clone(site.engine(scoped)))
}

impl<'a> Asked<'a> {
    #[inline]
    fn of(
        engine: Served<'a>,
        site: &'a Site,
        place: Place<'_>,
        anew: bool,
        key: impl FnOnce(&mut Parts) -> Result<()>,
    ) -> Option<Self> {
        let binding = site.bind(&engine, place);
        let mut parts = Parts::new(binding.identity);
        if let Err(error) = key(&mut parts) {
            report(&engine, &binding, &error);
            return None;
        }
        Some(Self {
            engine,
            name: Name::Function(binding),
            parts: Some(parts),
            anew,
        })
    }

    /// A hit that the function remembers.
    #[inline]
    pub(crate) fn recall(&self) -> Option<Packed> {
        let (Name::Function(bound), Some(parts)) = (&self.name, &self.parts) else {
            return None;
        };
        if self.anew {
            return None;
        }
        let engine = &*self.engine;
        bound.lookaside.recall(&parts.short()?, |stripe| {
            engine.changes.number(&engine.realm, &bound.group, stripe)
        })
    }

    /// Notes such a hit.
    #[inline]
    pub(crate) fn note_recalled(&self) {
        if let Name::Function(bound) = &self.name {
            self.engine.note_hit(&bound.group);
        }
    }

    /// Derives the key.
    #[inline]
    pub(crate) fn ready(self) -> Ready<'a> {
        let realm = &self.engine.realm;
        let (short, derived) = match (self.parts, &self.name) {
            (Some(parts), Name::Function(bound)) => (parts.short(), parts.derive(realm, bound)),
            (_, name) => (None, Derived::manual(realm, name.text())),
        };
        Ready {
            engine: self.engine,
            name: self.name,
            derived,
            short,
            anew: self.anew,
        }
    }
}

impl Name<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Function(bound) => bound.group.name(),
            Self::Manual(name) => name,
        }
    }
}

impl Ready<'_> {
    /// What is known before the store is read, by who may remember what it answers.
    #[inline]
    pub(crate) fn seen(&self, packs: bool) -> Option<Seen> {
        let (Name::Function(bound), Some(_), true) = (&self.name, &self.short, packs) else {
            return None;
        };
        let (engine, stripe) = (&*self.engine, Stripe::of(self.derived.id));
        let number = engine.changes.number(&engine.realm, &bound.group, stripe);
        Some(Seen { stripe, number })
    }

    /// Remembers a hit that the store says may be remembered.
    #[inline]
    pub(crate) fn remember(&self, seen: Seen, term: &Term, packed: Option<Packed>) {
        if let (Name::Function(bound), Some(short), Some(packed)) =
            (&self.name, &self.short, packed)
        {
            bound.lookaside.remember(short, &packed, seen, term);
        }
    }

    #[inline]
    pub(crate) fn key(&self) -> Key<'_> {
        let group = match &self.name {
            Name::Function(bound) => Some(&bound.group),
            Name::Manual(_) => None,
        };
        Key {
            realm: &self.engine.realm,
            group,
            name: self.name.text(),
            label: self.derived.label.as_deref(),
            hash: self.derived.hash,
            id: self.derived.id,
            tags: &self.derived.tags,
        }
    }

    pub(crate) fn lives(&self) -> Lives {
        Lives {
            default: self.engine.settings.default_timeout,
            shared: self.engine.profile.shared,
        }
    }
}

/// A key that cannot be derived: the function runs as if it were not cached.
#[cold]
fn report(engine: &Engine, binding: &Binding<'_>, error: &Error) {
    let key = Key {
        realm: &engine.realm,
        group: Some(&binding.group),
        name: binding.group.name(),
        label: None,
        hash: None,
        id: 0,
        tags: &Tags::NONE,
    };
    engine.note_error(&key, error);
}
