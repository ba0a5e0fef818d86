//! What a key is made of, and what is made of that.

use crate::error::{Error, Result};
use crate::freshness::Realm;
use crate::key::{KeyHasher, KeyPart, Label, TagPart};
use crate::sip::Short;
use crate::site::{Binding, Bound};
use crate::tag::Tags;

/// The parts of a key, gathered by the code that an attribute generates.
pub struct Parts {
    hasher: KeyHasher,
    /// What few calls have.
    extra: Option<Box<Extra>>,
}

#[derive(Default)]
struct Extra {
    label: Option<String>,
    tags: Vec<String>,
    /// Why there is no key.
    failure: Option<Error>,
}

impl Parts {
    /// Adds an argument. If its own `Serialize` fails, there is no key: that is asked when all are there, so that
    /// the code that an attribute generates need not.
    #[inline]
    pub fn part<T: KeyPart + ?Sized>(&mut self, argument: &T) {
        if let Err(error) = self.hasher.part(argument) {
            self.fail(error);
        }
    }

    /// Adds a label, which is readable in a shared store.
    pub fn label<T: Label + ?Sized>(&mut self, label: &T) {
        let label = label.to_string();
        self.hasher.text(&label);
        self.extra().label = Some(label);
    }

    /// Adds a tag, which is no part of the key.
    pub fn tag<T: TagPart + ?Sized>(&mut self, tag: &T) {
        self.extra().tags.push(tag.to_string());
    }

    #[inline]
    pub(crate) fn new(identity: u128) -> Self {
        Self {
            hasher: KeyHasher::new(identity),
            extra: None,
        }
    }

    #[cold]
    fn fail(&mut self, error: Error) {
        self.extra().failure.get_or_insert(error);
    }

    /// Whether there is what few calls have: a label, tags, or no key.
    #[inline]
    pub(crate) fn has_extra(&self) -> bool {
        self.extra.is_some()
    }

    /// Takes out why there is no key, if there is none.
    pub(crate) fn failure(&mut self) -> Option<Error> {
        self.extra.as_mut()?.failure.take()
    }

    fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// What is compared by who remembers hits: all of it, if it is short and nothing else.
    #[inline]
    pub(crate) fn short(&self) -> Option<&Short> {
        match self.extra {
            None => self.hasher.short(),
            Some(_) => None,
        }
    }

    /// Derives what a key is made of, in its place: so nothing is copied.
    pub(crate) fn derive(&mut self, realm: &Realm, bound: &Bound, into: &mut Derived) {
        into.is_hash = bound.whole.is_none();
        into.id = bound.whole.unwrap_or_else(|| self.hasher.finish());
        if let Some(extra) = self.extra.take() {
            into.label = extra.label;
            into.tags = realm.tags.find(extra.tags);
        }
    }
}

/// Few calls have something to drop: for the others that is one comparison, where they are.
impl Drop for Parts {
    #[inline]
    fn drop(&mut self) {
        if let Some(extra) = self.extra.take() {
            free(extra);
        }
    }
}

#[inline(never)]
fn free(extra: Box<Extra>) {
    drop(extra);
}

/// What is made of the arguments of a call.
#[derive(Default)]
pub(crate) struct Derived {
    pub(crate) id: u128,
    /// Whether it is the hash of the arguments.
    pub(crate) is_hash: bool,
    pub(crate) label: Option<String>,
    pub(crate) tags: Tags,
}

/// Derives what a key is made of.
pub(crate) fn derive(
    realm: &Realm,
    binding: &Binding<'_>,
    key: &dyn Fn(&mut Parts),
) -> Result<Derived> {
    let mut parts = Parts::new(binding.identity);
    key(&mut parts);
    if let Some(error) = parts.failure() {
        return Err(error);
    }
    let mut derived = Derived::default();
    parts.derive(realm, binding, &mut derived);
    Ok(derived)
}
