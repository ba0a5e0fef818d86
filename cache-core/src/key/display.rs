//! Feeding what only knows how to be displayed, without a string of its own.

use std::fmt::{self, Display, Write as _};

use super::hasher::KeyHasher;

/// Feeds the length of a text and the text.
pub(super) fn feed(hasher: &mut KeyHasher, value: &(impl Display + ?Sized)) -> fmt::Result {
    let mut length = Length(0);
    write!(length, "{value}")?;
    hasher.word(length.0);
    write!(Feed(hasher), "{value}")
}

/// Counts what is written to it.
struct Length(u64);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

/// Feeds what is written to it into the hash.
struct Feed<'a>(&'a mut KeyHasher);

impl fmt::Write for Feed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.bytes(text.as_bytes());
        Ok(())
    }
}
