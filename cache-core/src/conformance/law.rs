//! What a law is, and how it says that it is broken.

use std::fmt::{Debug, Display};

use super::bench::Bench;
use super::{
    contests, invalidation, keys, leases, lifetimes, races, sharing, tags, user_code, values,
};
use crate::error::Result;

/// One law: a function that panics when the law is broken.
pub(super) struct Law {
    pub(super) name: &'static str,
    pub(super) chapter: Chapter,
    pub(super) needs: Need,
    pub(super) check: fn(&Bench),
}

/// Laws about one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Chapter {
    /// Who may compute and store an entry.
    Leases,
    /// What was invalidated stays invalidated.
    Invalidation,
    /// Values come back as they went in.
    Values,
    /// Entries live as long as they were told to.
    Lifetimes,
    /// The operations on manual keys.
    Keys,
    /// Many threads at once.
    Races,
    /// Values are cloned, dropped, encoded and decoded outside of locks.
    UserCode,
    /// Several caches on one store.
    Sharing,
}

/// What a law asks of a store; a store that does not promise it is not held to the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing.
    Any,
    /// To keep what it is given.
    Keeping,
    /// To keep nothing at all.
    Nothing,
    /// To be one of two over one store.
    Twins,
}

/// All chapters, in the order in which a store should get them right.
pub(super) fn all() -> impl Iterator<Item = &'static Law> {
    let chapters = [
        leases::LAWS,
        invalidation::LAWS,
        tags::LAWS,
        contests::LAWS,
        values::LAWS,
        lifetimes::LAWS,
        keys::LAWS,
        user_code::LAWS,
        races::LAWS,
        sharing::LAWS,
    ];
    chapters.into_iter().flatten()
}

/// Makes the table of a chapter; a law is called what its function is called.
macro_rules! laws {
    ($chapter:ident: $($needs:ident $law:ident,)+) => {
        pub(super) const LAWS: &[$crate::conformance::law::Law] = &[$(
            $crate::conformance::law::Law {
                name: stringify!($law),
                chapter: $crate::conformance::law::Chapter::$chapter,
                needs: $crate::conformance::law::Need::$needs,
                check: $law,
            },
        )+];
    };
}
pub(super) use laws;

/// What stands before the two halves of a broken law's message.
pub(super) const SEEN: &str = "seen:   ";
pub(super) const ADVICE: &str = "\n  advice: ";

/// Breaks the law.
#[track_caller]
pub(super) fn broken(seen: impl Display, advice: &str) -> ! {
    panic!("{SEEN}{seen}{ADVICE}{advice}")
}

/// Breaks the law unless it holds.
#[track_caller]
pub(super) fn require(holds: bool, seen: impl Display, advice: &str) {
    if !holds {
        broken(seen, advice);
    }
}

/// Breaks the law unless the answer is the one that the law wants.
#[track_caller]
pub(super) fn same<T: PartialEq + Debug>(got: &T, want: &T, what: impl Display, advice: &str) {
    require(
        got == want,
        format_args!("{what} answered {got:?}, not {want:?}"),
        advice,
    );
}

/// Takes the answer of a store that is within reach.
#[track_caller]
pub(super) fn answered<T>(answer: Result<T>, what: &str) -> T {
    answer.unwrap_or_else(|error| {
        broken(
            format_args!("`{what}` answered an error: {error} ({error:?})"),
            "an error says that the store failed; what is not there, or not wanted, is an answer",
        )
    })
}
