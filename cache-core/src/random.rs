//! Random numbers that nobody has to guess right: tokens, versions, jitter.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Returns 64 random bits: SipHash of a counter under keys that the system drew.
pub fn random() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// Returns a number from 0 up to 1.
#[allow(clippy::cast_precision_loss)] // 53 bits fit
pub(crate) fn fraction() -> f64 {
    (random() >> 11) as f64 / (1_u64 << 53) as f64
}
