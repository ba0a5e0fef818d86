//! The one error type.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// What the operations of a [`Cache`](crate::cache::Cache) answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An operation on a cache that did not do what was asked.
///
/// A cached function never returns it: reads fail open, so the function's own body answers.
/// [`kind`](Error::kind) says what to do about it, `Display` says what failed and why, and the
/// source chain holds the store's own error.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    what: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The store could not be reached.
    Unavailable,
    /// The store did not answer within its budget.
    Timeout,
    /// A key or a value could not be turned into bytes.
    Encode,
    /// What the store holds is not what was asked for.
    Decode,
    /// A cache or a store was configured wrongly.
    Config,
    /// An invalidation took effect in this process but the store did not confirm it.
    NotAcknowledged,
    /// The store refused, for a reason of its own: full, read-only, too large.
    Refused,
}

impl Error {
    /// Makes an error from what failed, in words: lower case, no full stop.
    pub fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            source: None,
        }))
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Returns what kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the store was out of reach, or too slow: the same may succeed a moment later.
    pub(crate) fn is_outage(&self) -> bool {
        let of_store = |kind| matches!(kind, ErrorKind::Unavailable | ErrorKind::Timeout);
        let source = self.0.source.as_deref();
        let cause = source.and_then(|source| source.downcast_ref::<Self>());
        of_store(self.kind()) || cause.is_some_and(|cause| of_store(cause.kind()))
    }

    pub(crate) fn config(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Config, what)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &self.0.kind)
            .field("what", &self.0.what);
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}
