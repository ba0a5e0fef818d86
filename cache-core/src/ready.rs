//! A call whose key is known: what is asked of the store.

use crate::changes::Stripe;
use crate::engine::Engine;
use crate::key::Key;
use crate::look::Look;
use crate::lookaside::{Seen, Spot};
use crate::parts::Derived;
use crate::plan::Lives;
use crate::reply::Reply;
use crate::sip::Short;
use crate::site::Bound;
use crate::value::Kept;

/// A call whose key is known.
#[derive(Clone, Copy)]
pub(crate) struct Ready<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) key: Key<'a>,
    pub(crate) anew: bool,
    /// Who remembers its hits, and what is compared then.
    pub(crate) memory: Option<(&'a Bound, &'a Short)>,
}

/// What the key is called.
#[derive(Clone, Copy)]
pub(crate) enum Named<'a> {
    Function(&'a Bound),
    Manual(&'a str),
}

impl<'a> Ready<'a> {
    pub(crate) fn of(
        engine: &'a Engine,
        named: Named<'a>,
        derived: &'a Derived,
        memory: Option<(&'a Bound, &'a Short)>,
    ) -> Self {
        let (group, name) = match named {
            Named::Function(bound) => (Some(&bound.group), bound.group.name()),
            Named::Manual(name) => (None, name),
        };
        Self {
            engine,
            key: Key {
                realm: &engine.realm,
                group,
                name,
                label: derived.label.as_deref(),
                is_hash: derived.is_hash,
                id: derived.id,
                tags: &derived.tags,
            },
            anew: false,
            memory,
        }
    }

    /// Looks into the store; answers what is kept, and what was known before, if there is somebody who
    /// remembers hits.
    #[inline]
    pub(crate) fn look(&self) -> Result<(Kept, Option<Seen>), Look<'a>> {
        let engine = self.engine;
        if self.anew {
            return Err(Look::Missed);
        }
        if engine.is_void(&self.key) {
            return Err(Look::Rejected(None));
        }
        let seen = self.seen();
        match engine.backend.read(&self.key).try_now() {
            Ok(Ok(Some(kept))) => Ok((kept, seen)),
            Ok(Ok(None)) => Err(Look::Missed),
            Ok(Err(error)) => Err(Look::Later(Reply::now(Err(error)))),
            Err(later) => Err(Look::Later(later)),
        }
    }

    /// What is known before the store is read, by who may remember what it answers.
    fn seen(&self) -> Option<Seen> {
        let (bound, _) = self.memory?;
        let (engine, stripe) = (self.engine, Stripe::of(self.key.id));
        let number = engine.changes.number(&engine.realm, &bound.group, stripe);
        Some(Seen { stripe, number })
    }

    /// Where a hit may be remembered, if the store says that it may be.
    #[inline(never)]
    pub(crate) fn spot(&self, kept: &Kept, seen: Seen) -> Option<Spot<'a>> {
        let (bound, key) = self.memory?;
        Some(Spot {
            lookaside: &bound.lookaside,
            key,
            seen,
            term: self.engine.backend.term(&self.key, kept)?,
        })
    }

    pub(crate) fn lives(&self) -> Lives {
        Lives {
            default: self.engine.settings.default_timeout,
            shared: self.engine.profile.shared,
        }
    }
}
