//! What a copy says about itself, in one word.

use super::{Seen, Spot, Terms};
use crate::changes::Stripe;

/// The lengths of its key and its value, 8 bits each, its stripe, 7, whether the store wants to hear of hits,
/// 1, and when its term is over, the others.
#[derive(Clone, Copy)]
pub(super) struct Head(pub(super) u64);

const UNTIL: u32 = 24;

impl Head {
    pub(super) fn of(spot: &Spot<'_>, length: u8) -> Self {
        let Spot {
            key, seen, term, ..
        } = spot;
        let lengths = key.length | u64::from(length) << 8;
        let until = term.until.min((1 << (64 - UNTIL)) - 1);
        let stripe = u64::from(seen.stripe.0) << 16 | u64::from(term.heard) << 23;
        Self(lengths | stripe | until << UNTIL)
    }

    #[inline]
    pub(super) fn key_length(self) -> u64 {
        self.0 & 0xff
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // a byte of the head
    pub(super) fn value_length(self) -> u8 {
        (self.0 >> 8) as u8
    }

    #[inline]
    pub(super) fn is_over(self, now: u64) -> bool {
        self.0 >> UNTIL <= now
    }

    /// Whether there is no copy.
    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    /// What the copy depends on, with the number that was written with it.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // bits of the head
    pub(super) fn terms(self, number: u32) -> Terms {
        let stripe = Stripe((self.0 >> 16) as u8 & 0x7f);
        Terms {
            seen: Seen { stripe, number },
            heard: self.0 >> 23 & 1 == 1,
        }
    }
}
