//! A call whose key is known.

use std::ops::Deref;
use std::sync::Arc;

use crate::ambient::{self, Mode};
use crate::cache::Cache;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::key::{Key, KeyHasher, KeyPart};
use crate::plan::Lives;
use crate::site::{Binding, Place, Site};

/// A call whose key is known; empty if the call is not to be cached.
pub struct Request<'a>(pub(crate) Option<Ready<'a>>);

/// The key, and the engine that serves it.
pub(crate) struct Ready<'a> {
    pub(crate) engine: Served<'a>,
    name: Name,
    label: Option<String>,
    hash: Option<u128>,
    id: u128,
    pub(crate) anew: bool,
}

/// What the key is called.
enum Name {
    Function(Binding),
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
    pub fn part<T: KeyPart + ?Sized>(&mut self, argument: &T) -> Result<()> {
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
    pub(crate) fn key(&self) -> Key<'_> {
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

    pub(crate) fn lives(&self) -> Lives {
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
