//! Looks up `(u64, String)` without making a `String`.

use equivalent::Equivalent;

/// Borrowed arguments, equal to and hashed like the owned ones.
#[derive(Debug, Hash)]
pub(in crate::hit) struct Borrowed<'a>(pub(in crate::hit) u64, pub(in crate::hit) &'a str);

impl Equivalent<(u64, String)> for Borrowed<'_> {
    fn equivalent(&self, owned: &(u64, String)) -> bool {
        self.0 == owned.0 && self.1 == owned.1
    }
}
