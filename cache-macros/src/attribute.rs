//! Which of the two attributes it is. They differ in what may be kept, and in nothing else.

/// An attribute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    /// `#[memoize]`: values.
    Memoize,
    /// `#[cached]`: values and responses.
    Cached,
}
