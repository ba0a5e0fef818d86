//! The first look into the store.

use crate::error::Result;
use crate::reply::Reply;
use crate::value::Kept;

/// What is known of the store after the first look.
pub(crate) enum Look<'a> {
    /// Its answer comes later.
    Later(Reply<'a, Result<Option<Kept>>>),
    /// There is nothing.
    Missed,
    /// There is something that will not do, or that does not count.
    Rejected(Option<Kept>),
    /// It could not be asked.
    Down,
}

impl Look<'_> {
    /// What a store in this process said; nothing of one that has not answered.
    pub(crate) fn settled(self) -> Option<Look<'static>> {
        match self {
            Self::Later(_) => None,
            Self::Missed => Some(Look::Missed),
            Self::Rejected(kept) => Some(Look::Rejected(kept)),
            Self::Down => Some(Look::Down),
        }
    }
}
