//! Random numbers that nobody has to guess right: tokens, versions, jitter.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Returns 64 random bits: SipHash of a counter under keys that the system drew. The process is in it,
/// because a child that was forked has the keys of its parent.
pub fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// Returns a number from 0 up to 1.
#[allow(clippy::cast_precision_loss)] // 53 bits fit
pub(crate) fn fraction() -> f64 {
    (random() >> 11) as f64 / (1_u64 << 53) as f64
}
