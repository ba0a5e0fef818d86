//! Counters: what is added to, and what cannot be.

use crate::error::{Error, ErrorKind, Result};

/// Adds to a counter.
///
/// # Errors
///
/// [`Refused`](ErrorKind::Refused) if the sum has more than 64 bits.
pub fn add(count: i64, by: i64) -> Result<i64> {
    let what = "the sum does not fit into a counter, which has 64 bits";
    count
        .checked_add(by)
        .ok_or_else(|| Error::new(ErrorKind::Refused, what))
}

/// The error of an `incr` on an entry that is something else.
pub fn not_a_counter() -> Error {
    let what = "the value under the key is not a counter";
    Error::new(ErrorKind::Decode, what)
}
