//! How a law says that it is broken.

use std::fmt::{Debug, Display};

use crate::error::Result;

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
