//! How long a value lives: what users say (`Timeout`) and what is left of it (`Ttl`).

use std::time::Duration;

/// How long a value lives, as the caller of an operation says it.
///
/// Seconds and [`Duration`]s convert: `cache.set("k", &v, 60)`. A timeout of zero keeps nothing;
/// one longer than a store can count is clamped to the longest that it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Timeout {
    /// The cache's default timeout.
    #[default]
    Default,
    /// The value lives until it is invalidated or evicted.
    Never,
    /// The value lives for this long.
    After(Duration),
}

impl Timeout {
    /// Says for how long, with `default` in the place of [`Timeout::Default`]; `None` is for ever.
    pub(crate) fn resolve(self, default: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Default => default,
            Self::Never => None,
            Self::After(duration) => Some(duration),
        }
    }
}

impl From<u64> for Timeout {
    fn from(seconds: u64) -> Self {
        Self::After(Duration::from_secs(seconds))
    }
}

impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        Self::After(duration)
    }
}

/// What a timeout is made of in an attribute. It exists for its error message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a timeout",
    label = "a timeout is a number of seconds (`u64`), a `Duration` or a `Timeout`",
    note = "of another kind of number: `u64::from(seconds)`, or `Duration::from_secs_f64(seconds)`"
)]
pub trait IntoTimeout: Into<Timeout> {}

#[diagnostic::do_not_recommend]
impl<T: Into<Timeout>> IntoTimeout for T {}

/// Makes a timeout of what a hook answered.
#[doc(hidden)]
pub fn timeout(timeout: impl IntoTimeout) -> Option<Timeout> {
    Some(timeout.into())
}

/// How long an entry still lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ttl {
    /// There is no such entry.
    Absent,
    /// The entry does not expire.
    Forever,
    /// The entry lives for this long.
    Remaining(Duration),
}
