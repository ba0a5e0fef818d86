//! What a function remembers of a call, if that still holds.

use std::sync::Arc;

use crate::engine::Engine;
use crate::lookaside::Terms;
use crate::lookaside::packed::Packed;
use crate::sip::Short;
use crate::site::Bound;
use crate::value::LocalValue;

/// Whether the function remembers a hit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recalled {
    No,
    Yes,
    /// It does, and the store is to hear of this one.
    Told,
    /// It does, and the value will not do.
    Stale,
}

/// The hook that may find a value stale, if there is one.
pub(crate) type FindsStale<'a, T> = Option<&'a dyn Fn(&T) -> bool>;

/// Finds the copy of a hit, if nothing has changed since, and unless the store is to hear of this one. Counts
/// it, if it is a hit for certain.
#[inline(never)]
pub(crate) fn recall(
    engine: &Engine,
    bound: &Bound,
    key: &Short,
    packed: &mut Packed,
    certain: bool,
) -> Recalled {
    let Some(terms) = bound.lookaside.find(key, packed) else {
        return Recalled::No;
    };
    let recalled = check(engine, bound, terms);
    if certain && recalled == Recalled::Yes {
        engine.note_hit(&bound.group);
    }
    recalled
}

/// Finds the handle of a hit in the same way, counts it, and clones the value. What it says about it stands
/// beside the value: together they would be written and read in pieces, for which a processor waits.
#[inline]
pub(crate) fn borrow<T: LocalValue>(
    engine: &Engine,
    bound: &Bound,
    key: &Short,
    finds_stale: FindsStale<'_, T>,
    recalled: &mut Recalled,
) -> Option<T> {
    borrowed(engine, bound, key, finds_stale, recalled, Arc::<T>::as_ref)
}

/// The same of an `Arc`, which is its own handle.
#[inline]
pub(crate) fn borrow_handle<T: Send + Sync + 'static>(
    engine: &Engine,
    bound: &Bound,
    key: &Short,
    finds_stale: FindsStale<'_, Arc<T>>,
    recalled: &mut Recalled,
) -> Option<Arc<T>> {
    borrowed(engine, bound, key, finds_stale, recalled, |handle| handle)
}

#[inline]
fn borrowed<T: Send + Sync + 'static, V: Clone>(
    engine: &Engine,
    bound: &Bound,
    key: &Short,
    finds_stale: FindsStale<'_, V>,
    recalled: &mut Recalled,
    of: impl Fn(&Arc<T>) -> &V,
) -> Option<V> {
    let (loan, terms) = bound.lookaside.borrow::<T>(key)?;
    *recalled = check(engine, bound, terms);
    if *recalled != Recalled::Yes {
        return None;
    }
    let value = of(&loan);
    if finds_stale.is_some_and(|finds_stale| finds_stale(value)) {
        *recalled = Recalled::Stale;
        return None;
    }
    engine.note_hit(&bound.group);
    Some(value.clone())
}

/// Whether what was found, when the store was read, still holds.
#[inline]
fn check(engine: &Engine, bound: &Bound, terms: Terms) -> Recalled {
    let seen = terms.seen;
    let number = engine
        .changes
        .number(&engine.realm, &bound.group, seen.stripe);
    if number != seen.number {
        return Recalled::No;
    }
    if terms.heard && bound.group.counters.hits.is_eighth() {
        return Recalled::Told;
    }
    Recalled::Yes
}
