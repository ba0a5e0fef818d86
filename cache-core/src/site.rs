//! A cached function: who it is, and how its calls find their group without looking it up.

use std::any::type_name;
use std::ops::Deref;
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, OnceLock};

use crate::backend::MakeLocal;
use crate::engine::Engine;
use crate::freshness::{Group, Realm};
use crate::key::KeyHasher;
use crate::lookaside::Lookaside;
use crate::path;

/// The static of one cached function.
pub struct Site {
    spec: Spec,
    first: OnceLock<Box<Node>>,
}

/// What is known of a function when it is compiled.
#[derive(Clone, Copy)]
pub struct Spec {
    name: &'static str,
    alias: Option<&'static str>,
    prefix: Option<&'static str>,
    signature: &'static str,
    version: u64,
    /// Whether calls can have different keys.
    keyed: bool,
    /// Where the attribute stands.
    place: &'static Location<'static>,
    local: Option<MakeLocal>,
}

impl Spec {
    /// A function: its name as written, and the types of what is part of the key and of the output.
    #[track_caller]
    pub const fn new(name: &'static str, signature: &'static str) -> Self {
        Self {
            name,
            alias: None,
            prefix: None,
            signature,
            version: 0,
            keyed: true,
            place: Location::caller(),
            local: None,
        }
    }

    /// The argument `name`, which replaces its path.
    #[must_use]
    pub const fn alias(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }

    /// The literal `key_prefix`, which names its group.
    #[must_use]
    pub const fn prefix(mut self, prefix: &'static str) -> Self {
        self.prefix = Some(prefix);
        self
    }

    /// The argument `version`.
    #[must_use]
    pub const fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// All its calls have one key.
    #[must_use]
    pub const fn unkeyed(mut self) -> Self {
        self.keyed = false;
        self
    }

    /// It is `local`: the store that serves it beside one that needs bytes.
    #[must_use]
    pub const fn local(mut self, make: MakeLocal) -> Self {
        self.local = Some(make);
        self
    }
}

/// Where a call happens: the path that the compiler knows, and the generic arguments.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The type name of a closure inside the function.
    pub path: &'static str,
    /// Names of the function's own generic arguments, asked for once.
    pub generics: Generics<'a>,
}

impl<'a> Place<'a> {
    /// The place of a closure: the compiler names it by the function around it.
    #[inline]
    pub fn of<F>(_: &F, generics: Generics<'a>) -> Self {
        let path = type_name::<F>();
        Self { path, generics }
    }
}

/// The names of generic arguments, asked for when a function is bound.
pub type Generics<'a> = &'a dyn Fn() -> Vec<String>;

/// No generic arguments.
pub const NOT_GENERIC: Generics<'static> = &Vec::new;

/// A function as one cache knows it.
pub(crate) struct Bound {
    pub(crate) group: Arc<Group>,
    /// The identity of the function, the key of the hash of its arguments.
    pub(crate) identity: u128,
    /// For a function that is its whole group: the entry's number.
    pub(crate) whole: Option<u128>,
    /// Its latest hits.
    pub(crate) lookaside: Lookaside,
}

/// A function and a cache that met before.
struct Node {
    path: &'static str,
    realm: u64,
    bound: Bound,
    next: OnceLock<Box<Node>>,
}

/// So many instances of a function (generic ones, and caches) are found without a look-up.
const NODES: usize = 16;

/// A borrowed or an owned [`Bound`].
pub(crate) enum Binding<'s> {
    Kept(&'s Bound),
    Made(Box<Bound>),
}

impl Deref for Binding<'_> {
    type Target = Bound;

    #[inline]
    fn deref(&self) -> &Bound {
        match self {
            Self::Kept(bound) => bound,
            Self::Made(bound) => bound,
        }
    }
}

impl Node {
    #[inline]
    fn is(&self, engine: &Engine, path: &'static str) -> bool {
        self.realm == engine.realm.id()
            && ptr::eq(self.path.as_ptr(), path.as_ptr())
            && self.path.len() == path.len()
    }
}

#[inline(never)]
fn local(engine: &Arc<Engine>, make: MakeLocal) -> &Arc<Engine> {
    engine.local(make).unwrap_or(engine)
}

impl Site {
    /// Makes the static of a function.
    pub const fn new(spec: Spec) -> Self {
        let first = OnceLock::new();
        Self { spec, first }
    }

    /// Whether other functions, local or not, with arguments or without, may be in its group.
    pub(crate) fn shares_group(&self) -> bool {
        self.spec.prefix.is_some()
    }

    /// The engine of a cache that serves this function.
    #[inline]
    pub(crate) fn engine<'a>(&self, engine: &'a Arc<Engine>) -> &'a Arc<Engine> {
        match self.spec.local {
            None => engine,
            Some(make) => local(engine, make),
        }
    }

    /// What the cache knows of the function: a comparison or two for a function that is not
    /// generic and has one cache.
    #[inline]
    pub(crate) fn bind(&self, engine: &Engine, place: Place<'_>) -> Binding<'_> {
        match self.first.get() {
            Some(node) if node.is(engine, place.path) => Binding::Kept(&node.bound),
            _ => self.search(engine, place.path, place.generics),
        }
    }

    #[inline(never)]
    fn search(&self, engine: &Engine, path: &'static str, generics: Generics<'_>) -> Binding<'_> {
        let place = Place { path, generics };
        let mut cell = &self.first;
        for _ in 0..NODES {
            let node = cell.get_or_init(|| Box::new(self.node(engine, place)));
            if node.is(engine, place.path) {
                return Binding::Kept(&node.bound);
            }
            cell = &node.next;
        }
        Binding::Made(Box::new(self.bound(engine, place)))
    }

    #[cold]
    fn node(&self, engine: &Engine, place: Place<'_>) -> Node {
        Node {
            path: place.path,
            realm: engine.realm.id(),
            bound: self.bound(engine, place),
            next: OnceLock::new(),
        }
    }

    #[cold]
    fn bound(&self, engine: &Engine, place: Place<'_>) -> Bound {
        let group = engine.realm.group(&self.group_name(place.path));
        let generics = self.generics(place);
        let identity = self.identity(engine.realm.seed(), group.name(), &generics);
        let identity = self.unique(&engine.realm, identity, group.name());
        let whole = (self.is_whole_group() && generics.is_empty())
            .then(|| engine.realm.manual_id(group.name()));
        Bound {
            group,
            identity,
            whole,
            lookaside: Lookaside::default(),
        }
    }

    /// The literal `key_prefix`, or the `name`, or the path.
    fn group_name(&self, path: &str) -> String {
        match self.spec.prefix.or(self.spec.alias) {
            Some(name) => name.to_owned(),
            None => path::function(path, self.spec.name),
        }
    }

    /// What distinguishes instances: the function's own generic arguments; and, if the path does
    /// not name the function, the generic arguments around it.
    fn generics(&self, place: Place<'_>) -> Vec<String> {
        let mut generics = (place.generics)();
        if self.spec.prefix.or(self.spec.alias).is_some() {
            let outer = path::outer_generics(&path::function(place.path, self.spec.name));
            generics.extend((!outer.is_empty()).then_some(outer));
        }
        generics
    }

    /// Whether the function's only entry is named by its `key_prefix` alone.
    fn is_whole_group(&self) -> bool {
        self.spec.prefix.is_some()
            && !self.spec.keyed
            && self.spec.alias.is_none()
            && self.spec.version == 0
    }

    /// Keeps functions apart that the compiler gives one path: two of one name in two blocks of one
    /// function. The first keeps its identity, the other gets its place in the source into it.
    fn unique(&self, realm: &Realm, identity: u128, group: &str) -> u128 {
        let named = self.spec.prefix.or(self.spec.alias).is_some();
        if named || realm.claims(identity, self.spec.place) {
            return identity;
        }
        log::warn!("two functions are called `{group}`: give one of them a `name`");
        let mut hasher = KeyHasher::new(identity);
        hasher.text(&self.spec.place.to_string());
        hasher.finish()
    }

    fn identity(&self, seed: u128, group: &str, generics: &[String]) -> u128 {
        let mut hasher = KeyHasher::new(seed);
        hasher.text("function");
        hasher.text(group);
        hasher.text(self.spec.alias.unwrap_or_default());
        hasher.text(self.spec.signature);
        hasher.run(&self.spec.version.to_le_bytes());
        for generic in generics {
            hasher.text(generic);
        }
        hasher.finish()
    }
}
