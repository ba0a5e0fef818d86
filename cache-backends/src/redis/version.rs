//! Versions: random, never counted.

use larder_core::random::random;

/// How long a version lives under which nothing was written yet, in milliseconds. What is written
/// makes it live longer than that.
pub(super) const LIFE: i64 = 3_600_000;

/// The same of a version that was made for a computation, of which perhaps nothing is written: many are
/// made where strangers ask for what is not there. A computation that takes longer is not kept.
pub(super) const LIFE_OF_A_CLAIM: i64 = 600_000;

/// So many new versions, one behind the other.
pub(super) fn fresh(count: usize) -> Vec<u8> {
    let words = (0..count * 2).map(|_| random().to_le_bytes());
    words.flatten().collect()
}
