//! What a cell knows beside its key and its value, in one word.

use std::sync::atomic::{AtomicU64, Ordering};

use larder_core::stamp::Stamp;

use crate::table::NEVER;

/// A word of flags, a count of uses, and a stamp and a deadline; or the number of a [`Rare`] with
/// both in full.
///
/// From the lowest bit: 3 bits of uses, whether the entry is young, whether the rest is a number,
/// 24 bits of the stamp, 35 bits of the deadline in milliseconds. What needs more bits is rare: a
/// deadline more than a year after the clock's start, or the 16 777 216th invalidation of a whole
/// function. Nothing is rounded.
///
/// [`Rare`]: super::cells::Rare
#[derive(Default)]
pub(super) struct Head(AtomicU64);

/// The most uses that are counted.
const MAX_USES: u64 = 7;
const YOUNG: u64 = 1 << 3;
const RARE: u64 = 1 << 4;
const STAMP: u32 = 5;
const DEADLINE: u32 = 29;
const STAMPS: u64 = 1 << (DEADLINE - STAMP);
/// Stands for [`NEVER`].
const NO_DEADLINE: u64 = (1 << (64 - DEADLINE)) - 1;

/// What follows the flags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rest {
    /// The stamp and when the entry expires.
    Plain(Stamp, u64),
    /// The number of what is kept elsewhere.
    Rare(u32),
}

impl Rest {
    /// The stamp and the deadline, if they fit.
    pub(super) fn plain(stamp: Stamp, expires: u64) -> Option<Self> {
        let fits = expires < NO_DEADLINE || expires == NEVER;
        (fits && stamp.to_bits() < STAMPS).then_some(Self::Plain(stamp, expires))
    }

    fn bits(self) -> u64 {
        match self {
            Self::Plain(stamp, expires) => {
                stamp.to_bits() << STAMP | expires.min(NO_DEADLINE) << DEADLINE
            }
            Self::Rare(at) => RARE | u64::from(at) << STAMP,
        }
    }
}

impl Head {
    pub(super) fn new(rest: Rest) -> Self {
        Self(AtomicU64::new(rest.bits()))
    }

    /// Writes another rest under the flags that there are.
    pub(super) fn set_rest(&mut self, rest: Rest) {
        let word = self.0.get_mut();
        *word = *word & (MAX_USES | YOUNG) | rest.bits();
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // a number of 32 bits
    pub(super) fn rest(&self) -> Rest {
        let word = self.0.load(Ordering::Relaxed);
        if word & RARE != 0 {
            return Rest::Rare((word >> STAMP) as u32);
        }
        let deadline = word >> DEADLINE;
        let expires = if deadline == NO_DEADLINE {
            NEVER
        } else {
            deadline
        };
        Rest::Plain(Stamp::from_bits(word >> STAMP & (STAMPS - 1)), expires)
    }

    /// Counts a use, by readers side by side: one may be lost. A full count is not written.
    #[inline]
    pub(super) fn count_use(&self) {
        let word = self.0.load(Ordering::Relaxed);
        if word & MAX_USES < MAX_USES {
            self.0.store(word + 1, Ordering::Relaxed);
        }
    }

    pub(super) fn uses(&self) -> u64 {
        self.0.load(Ordering::Relaxed) & MAX_USES
    }

    /// Takes one use off.
    pub(super) fn discount(&mut self) {
        if self.uses() > 0 {
            *self.0.get_mut() -= 1;
        }
    }

    pub(super) fn is_young(&self) -> bool {
        self.0.load(Ordering::Relaxed) & YOUNG != 0
    }

    pub(super) fn make_young(&mut self) {
        *self.0.get_mut() |= YOUNG;
    }

    pub(super) fn make_old(&mut self) {
        *self.0.get_mut() &= !YOUNG;
    }
}

#[cfg(test)]
mod tests {
    use super::{Head, NO_DEADLINE, Rest, STAMPS};
    use crate::table::NEVER;
    use larder_core::stamp::Stamp;

    #[test]
    fn stamps_and_deadlines_come_out_as_they_went_in_or_do_not_fit() {
        let days = |days: u64| days * 24 * 60 * 60 * 1_000;
        for stamp in [0, 1, STAMPS - 1] {
            for expires in [0, 1, days(49), days(50), days(365), NO_DEADLINE - 1, NEVER] {
                let rest = Rest::plain(Stamp::from_bits(stamp), expires).unwrap();
                assert_eq!(Head::new(rest).rest(), rest);
            }
        }
        let plain = |stamp, expires| Rest::plain(Stamp::from_bits(stamp), expires);
        assert_eq!(plain(STAMPS, 1), None);
        assert_eq!(plain(1, NO_DEADLINE), None);
        assert_eq!(plain(1, NEVER - 1), None);
        let rare = Rest::Rare(u32::MAX);
        assert_eq!(Head::new(rare).rest(), rare);
    }

    #[test]
    fn flags_and_uses_are_apart_from_the_rest() {
        let rest = Rest::plain(Stamp::from_bits(STAMPS - 1), NEVER).unwrap();
        let mut head = Head::new(Rest::Rare(3));
        head.make_young();
        (0..9).for_each(|_| head.count_use());
        head.set_rest(rest);
        assert_eq!((head.uses(), head.is_young(), head.rest()), (7, true, rest));
        head.discount();
        assert_eq!(head.uses(), 6);
        head.make_old();
        assert_eq!((head.uses(), head.is_young()), (6, false));
        (0..9).for_each(|_| head.discount());
        assert_eq!((head.uses(), head.rest()), (0, rest));
    }
}
