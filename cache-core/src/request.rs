//! A call, and its key.

use std::sync::Arc;

use crate::ambient;
use crate::cache::Cache;
use crate::engine::Engine;
use crate::lookaside::packed::Packed;
use crate::parts::{Derived, Parts};
use crate::ready::Ready;
use crate::recall::{FindsStale, Recalled, recall};
use crate::remembering::Borrow;
use crate::site::{Binding, Place, Site};
use crate::who::{Server, Who};

pub use crate::who::Before;

/// A call that asks the cache.
///
/// Who serves it is known before anything is written down, and it stays where it was made until it is known
/// that there is no hit: so a hit writes down little more than its key.
pub struct Request<'a> {
    who: Who<'a>,
    parts: Parts,
    /// What the function remembers of it.
    recalled: Recalled,
}

impl<'a> Request<'a> {
    /// Begins a call of a cached function: finds who serves it.
    #[cfg_attr(not(debug_assertions), inline(always))] // a third of a hit is spent where it is not
    pub fn begin(
        site: &'a Site,
        place: Place<'_>,
        cache: impl FnOnce() -> &'a Cache,
        before: Before,
    ) -> Self {
        // A value until it is known: what was just written would have to be read back.
        let found = if ambient::is_scoped() || before.unless || before.refresh {
            let mut cache = Some(cache);
            identified(Who::unusual(site, place, before, &mut || {
                cache.take().map(|cache| cache())
            }))
        } else {
            let engine = site.engine(cache().engine());
            match site.bind(engine, place) {
                Binding::Kept(bound) => (Who::Server(Server { engine, bound }), bound.identity),
                made @ Binding::Made(_) => identified(Who::made(engine, made)),
            }
        };
        Self::of(found)
    }

    /// Begins a computation under a manual key.
    pub(crate) fn manual(engine: &'a Arc<Engine>, name: &str) -> Self {
        Self::of(identified(Who::manual(engine, name)))
    }

    #[inline]
    fn of((who, identity): (Who<'a>, u128)) -> Self {
        Self {
            who,
            parts: Parts::new(identity),
            recalled: Recalled::No,
        }
    }

    /// Gathers what the key of a call is made of, unless it goes past the cache. In its place: what is
    /// written in small pieces and moved in large ones, a processor waits for.
    ///
    /// A key that cannot be derived is reported, and the function runs as if it were not cached.
    #[inline]
    pub fn gather(&mut self, key: impl Fn(&mut Parts)) {
        if self.who.is_nobody() {
            return;
        }
        key(&mut self.parts);
        if self.parts.has_extra() {
            self.report_failure();
        }
    }

    #[inline(never)]
    fn report_failure(&mut self) {
        if let Some(error) = self.parts.failure() {
            self.take().report(&error);
        }
    }

    /// Whether the call goes past the cache.
    pub fn is_bypass(&self) -> bool {
        self.who.is_nobody()
    }

    /// Whether the call computes, whatever is kept.
    pub fn is_refresh(&self) -> bool {
        self.who.computes_anew()
    }

    /// Finds a hit that the function remembers, and counts it if it is one for certain; answers whether there
    /// is one.
    #[inline]
    pub(crate) fn recall(&mut self, packed: &mut Packed, certain: bool) -> bool {
        let (Who::Server(Server { engine, bound }), Some(short)) = (&self.who, self.parts.short())
        else {
            return false;
        };
        self.recalled = recall(engine, bound, short, packed, certain);
        self.recalled == Recalled::Yes
    }

    /// Finds a value that the function remembers by its handle, and counts the hit; unless a copy was found that
    /// will not do, which is not asked about twice.
    #[inline]
    pub(crate) fn borrow<T>(
        &mut self,
        borrow: Borrow<T>,
        finds_stale: FindsStale<'_, T>,
    ) -> Option<T> {
        if self.is_stale() {
            return None;
        }
        let (Who::Server(Server { engine, bound }), Some(short)) = (&self.who, self.parts.short())
        else {
            return None;
        };
        borrow(engine, bound, short, finds_stale, &mut self.recalled)
    }

    /// Counts a hit, which was not certain.
    pub(crate) fn note_recalled(&self) {
        if let Who::Server(Server { engine, bound }) = &self.who {
            engine.note_hit(&bound.group);
        }
    }

    /// Notes that what the function remembers will not do.
    pub(crate) fn note_stale(&mut self) {
        self.recalled = Recalled::Stale;
    }

    /// Whether what the function remembers will not do.
    pub(crate) fn is_stale(&self) -> bool {
        self.recalled == Recalled::Stale
    }

    /// Derives the key, once.
    pub(crate) fn derive(&mut self) -> Derived {
        self.who.derive(&mut self.parts)
    }

    /// The call with its key; nothing if it goes past the cache.
    pub(crate) fn ready<'r>(&'r self, derived: &'r Derived) -> Option<Ready<'r>> {
        // What is remembered as it is need not be remembered anew.
        let short = self
            .parts
            .short()
            .filter(|_| self.recalled != Recalled::Told);
        self.who.ready(derived, short)
    }

    /// Takes out who serves the call, which goes past the cache then.
    #[inline(never)]
    pub(crate) fn take(&mut self) -> Who<'a> {
        std::mem::replace(&mut self.who, Who::Nobody)
    }
}

#[cold]
fn identified(who: Who<'_>) -> (Who<'_>, u128) {
    let identity = who.identity();
    (who, identity)
}
