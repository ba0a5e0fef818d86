//! Who serves a call.

use std::sync::Arc;

use crate::ambient::{self, Mode};
use crate::cache::Cache;
use crate::engine::Engine;
use crate::error::Error;
use crate::freshness::Group;
use crate::key::Key;
use crate::parts::{Derived, Parts};
use crate::ready::{Named, Ready};
use crate::served::{Name, Served};
use crate::sip::Short;
use crate::site::{Binding, Bound, Place, Site};
use crate::tag::Tags;

/// Who serves a call.
pub(crate) enum Who<'a> {
    Server(Server<'a>),
    /// The cache of a scope.
    Scoped(Arc<Engine>, &'a Bound),
    /// Anybody else: in a box, as the others are small and most calls theirs.
    Owning(Box<Owning<'a>>),
    /// It goes past the cache.
    Nobody,
}

/// What an attribute says about a call before its key is known.
#[derive(Clone, Copy)]
pub struct Before {
    /// Run the body, read and keep nothing.
    pub unless: bool,
    /// Do not read, run the body, keep its result.
    pub refresh: bool,
}

impl Before {
    /// What most attributes say: neither.
    pub const NOTHING: Self = Self {
        unless: false,
        refresh: false,
    };
}

/// The engine, and what it knows of the function.
#[derive(Clone, Copy)]
pub(crate) struct Server<'a> {
    pub(crate) engine: &'a Arc<Engine>,
    pub(crate) bound: &'a Bound,
}

/// What serves a call that owns it: one under a manual key, or that computes anew.
pub(crate) struct Owning<'a> {
    engine: Served<'a>,
    name: Name<'a>,
    anew: bool,
}

impl<'a> Who<'a> {
    /// The cache of a function that is found in none of the ways that are remembered.
    #[cold]
    pub(crate) fn made(engine: &'a Arc<Engine>, bound: Binding<'a>) -> Self {
        Self::own(Served::Named(engine), bound, false)
    }

    /// Who serves a call in a scope, or one that looks at nothing.
    #[inline(never)]
    pub(crate) fn unusual(
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
        match (site.bind(&engine, place), engine) {
            (Binding::Kept(bound), Served::Scoped(engine)) if !anew => Self::Scoped(engine, bound),
            (bound, engine) => Self::own(engine, bound, anew),
        }
    }

    /// Who serves a computation under a manual key.
    pub(crate) fn manual(engine: &'a Arc<Engine>, name: &str) -> Self {
        let mode = ambient::mode();
        if mode == Mode::Bypass {
            return Self::Nobody;
        }
        Self::Owning(Box::new(Owning {
            engine: Served::Named(engine),
            name: Name::Manual(name.into()),
            anew: mode == Mode::Refresh,
        }))
    }

    #[cold]
    fn own(engine: Served<'a>, bound: Binding<'a>, anew: bool) -> Self {
        let name = Name::Function(bound);
        Self::Owning(Box::new(Owning { engine, name, anew }))
    }

    #[inline]
    pub(crate) fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    /// Whether the call computes, whatever is kept.
    pub(crate) fn computes_anew(&self) -> bool {
        matches!(self, Self::Owning(owning) if owning.anew)
    }

    /// The cache, and what the key is called in it.
    fn served(&self) -> Option<(&Engine, Named<'_>)> {
        match self {
            Self::Server(Server { engine, bound }) => Some((engine, Named::Function(bound))),
            Self::Scoped(engine, bound) => Some((engine, Named::Function(bound))),
            Self::Owning(owning) => Some((&owning.engine, owning.name.named())),
            Self::Nobody => None,
        }
    }

    /// The identity of the function; a manual key has none.
    pub(crate) fn identity(&self) -> u128 {
        match self.served() {
            Some((_, Named::Function(bound))) => bound.identity,
            _ => 0,
        }
    }

    /// Derives the key of what was gathered.
    pub(crate) fn derive(&self, parts: &mut Parts) -> Derived {
        let mut derived = Derived::default();
        match self.served() {
            Some((engine, Named::Function(bound))) => {
                parts.derive(&engine.realm, bound, &mut derived);
            }
            Some((engine, Named::Manual(name))) => derived.id = engine.realm.manual_id(name),
            None => {}
        }
        derived
    }

    /// The call with its key, and what the function may remember it by; nothing if it goes past the cache.
    pub(crate) fn ready<'r>(
        &'r self,
        derived: &'r Derived,
        short: Option<&'r Short>,
    ) -> Option<Ready<'r>> {
        let (engine, named) = self.served()?;
        let memory = match self {
            Self::Server(server) => short.map(|short| (server.bound, short)),
            _ => None,
        };
        Some(Ready {
            anew: self.computes_anew(),
            ..Ready::of(engine, named, derived, memory)
        })
    }

    /// Says that the key of a call cannot be derived.
    #[cold]
    pub(crate) fn report(&self, error: &Error) {
        if let Some((engine, Named::Function(bound))) = self.served() {
            report(engine, &bound.group, error);
        }
    }
}

fn report(engine: &Engine, group: &Arc<Group>, error: &Error) {
    let key = Key {
        realm: &engine.realm,
        group: Some(group),
        name: group.name(),
        label: None,
        is_hash: false,
        id: 0,
        tags: &Tags::NONE,
    };
    engine.note_error(&key, error);
}
