//! SipHash-1-3 with 128 bits, fed by the canonical encoding.

use crate::sip::{Short, Sip};

/// Turns the arguments of a call into the 128 bits of its key.
///
/// The hash is SipHash-1-3 with a 128-bit result (Aumasson and Bernstein, *SipHash: a fast
/// short-input PRF*, 2012). Its key is the identity of the function, itself the hash of the
/// function's name, signature and generic arguments under the cache's seed, so that functions
/// never share a key and nothing is fed twice.
#[derive(Clone)]
pub struct KeyHasher {
    sip: Sip,
}

impl KeyHasher {
    /// Starts a hash under a 128-bit key.
    #[inline]
    pub fn new(seed: u128) -> Self {
        #[allow(clippy::cast_possible_truncation)] // the two halves of the seed
        let (low, high) = (seed as u64, (seed >> 64) as u64);
        Self {
            sip: Sip::new(low, high),
        }
    }

    /// A hasher under the same key that has seen nothing yet.
    pub(super) fn restart(&self) -> Self {
        Self {
            sip: self.sip.restart(),
        }
    }

    #[inline]
    pub(super) fn byte(&mut self, byte: u8) {
        self.sip.number(u64::from(byte), 8);
    }

    #[inline]
    pub(super) fn word(&mut self, word: u64) {
        self.sip.number(word, 64);
    }

    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.sip.bytes(bytes);
    }

    /// Feeds a run of bytes with its length before it, so that two runs never read as others.
    #[inline]
    pub fn run(&mut self, bytes: &[u8]) {
        self.word(bytes.len() as u64);
        self.bytes(bytes);
    }

    /// Feeds a text, as [`run`](Self::run) does.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.run(text.as_bytes());
    }

    /// All that was fed, if it is short.
    #[inline]
    pub(crate) fn short(&self) -> Option<&Short> {
        self.sip.short()
    }

    /// The hash of what was fed so far.
    #[inline]
    pub fn finish(&self) -> u128 {
        self.sip.finish()
    }
}
