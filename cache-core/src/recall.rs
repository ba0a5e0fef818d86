//! What a function remembers of a call, if that still holds.

use crate::engine::Engine;
use crate::lookaside::packed::Packed;
use crate::sip::Short;
use crate::site::Bound;

/// Whether the function remembers a hit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recalled {
    No,
    Yes,
    /// It does, and the store is to hear of this one.
    Told,
}

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
    if certain {
        engine.note_hit(&bound.group);
    }
    Recalled::Yes
}
