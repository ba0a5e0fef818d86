//! What a key is made of, and what is made of that.

use crate::error;
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
}

impl Parts {
    /// Adds an argument.
    ///
    /// # Errors
    ///
    /// An error if the argument's own `Serialize` fails.
    #[inline]
    pub fn part<T: KeyPart + ?Sized>(&mut self, argument: &T) -> error::Result<()> {
        self.hasher.part(argument)
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
        let hash = self.hasher.finish();
        into.hash = bound.whole.is_none().then_some(hash);
        into.id = bound.whole.unwrap_or(hash);
        if let Some(extra) = self.extra.take() {
            into.label = extra.label;
            into.tags = realm.tags.find(extra.tags);
        }
    }
}

/// What is made of the arguments of a call.
#[derive(Default)]
pub(crate) struct Derived {
    pub(crate) hash: Option<u128>,
    pub(crate) id: u128,
    pub(crate) label: Option<String>,
    pub(crate) tags: Tags,
}

/// Derives what a key is made of.
pub(crate) fn derive(
    realm: &Realm,
    binding: &Binding<'_>,
    key: &dyn Fn(&mut Parts) -> error::Result<()>,
) -> error::Result<Derived> {
    let mut parts = Parts::new(binding.identity);
    key(&mut parts)?;
    let mut derived = Derived::default();
    parts.derive(realm, binding, &mut derived);
    Ok(derived)
}
