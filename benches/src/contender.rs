//! A cache as a user has it, filled and asked through four functions.

use crate::body::NAMES;
use crate::random::mix;
use crate::table::Who;
use crate::timing::Pass;

/// What the second kind of function takes.
pub type Named = (u64, &'static str);

/// One way to cache `fn(u64) -> u64`, `fn(u64, &str) -> String`, `fn(u64) -> Vec<u8>` and `fn(u64) -> Page`.
#[derive(Clone, Debug)]
pub struct Contender {
    /// Who it is.
    pub who: Who,
    /// Calls the first.
    pub number: Pass<u64>,
    /// Calls the second.
    pub text: Pass<Named>,
    /// Calls the third.
    pub bytes: Pass<u64>,
    /// Calls the fourth.
    pub page: Pass<u64>,
}

/// How many entries the bound leaves room for, and how many keys are asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Room {
    /// Twice as many as there are keys: every call hits.
    Roomy,
    /// The same for a million keys.
    Huge,
    /// Fewer than there are keys: about one call in twenty evicts.
    Tight,
    /// A quarter more than 10 000 keys, to be weighed.
    Light,
    /// A quarter more than 100 000 keys, to be weighed.
    Heavy,
}

impl Room {
    /// How many keys are asked for.
    pub fn keys(self) -> usize {
        match self {
            Self::Roomy | Self::Light => 10_000,
            Self::Huge => 1_000_000,
            Self::Tight => 13_000,
            Self::Heavy => 100_000,
        }
    }
}

/// The key with this index, as a number.
pub fn key(index: usize) -> u64 {
    mix(index as u64)
}

/// The key with this index, as a number and a name.
pub fn named(index: usize) -> Named {
    (key(index), NAMES[index % NAMES.len()])
}

/// The loop over inputs around one function: `pass!(f)`, `pass!(f, two arguments)`, `pass!(f, async)`.
macro_rules! pass {
    ($function:expr) => {
        |inputs| {
            for input in inputs {
                std::hint::black_box($function(std::hint::black_box(*input)));
            }
        }
    };
    ($function:expr, two arguments) => {
        |inputs| {
            for input in inputs {
                let (number, name) = std::hint::black_box(*input);
                std::hint::black_box($function(number, name));
            }
        }
    };
    ($function:expr, async) => {
        |inputs| {
            futures::executor::block_on(async {
                for input in inputs {
                    std::hint::black_box($function(std::hint::black_box(*input)).await);
                }
            });
        }
    };
}

/// Makes a contender in a module of its own for every room: attributes take literals, and a function has one cache.
macro_rules! rooms {
    ($make:ident) => {
        $make!(roomy, 20_000, $crate::contender::Room::Roomy);
        $make!(huge, 2_000_000, $crate::contender::Room::Huge);
        $make!(tight, 10_000, $crate::contender::Room::Tight);
        $make!(light, 12_500, $crate::contender::Room::Light);
        $make!(heavy, 125_000, $crate::contender::Room::Heavy);

        /// The contender with this much room.
        pub fn at(room: $crate::contender::Room) -> $crate::contender::Contender {
            match room {
                $crate::contender::Room::Roomy => roomy::contender(),
                $crate::contender::Room::Huge => huge::contender(),
                $crate::contender::Room::Tight => tight::contender(),
                $crate::contender::Room::Light => light::contender(),
                $crate::contender::Room::Heavy => heavy::contender(),
            }
        }
    };
}

/// The functions `number`, `text`, `bytes` and `page` in scope as a contender.
macro_rules! contender {
    ($who:expr) => {
        pub(super) fn contender() -> $crate::contender::Contender {
            $crate::contender::Contender {
                who: $who,
                number: $crate::contender::pass!(number),
                text: $crate::contender::pass!(text, two arguments),
                bytes: $crate::contender::pass!(bytes),
                page: $crate::contender::pass!(page),
            }
        }
    };
}

pub(crate) use {contender, pass, rooms};
