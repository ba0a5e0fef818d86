//! Watching a cache: metrics and traces of one's own.

/// Gets told what a cache does.
///
/// It is called where something happens, on every hit as well: mostly on the caller's thread, and on
/// a helper thread for what a store answers after the caller has left. It should be quick, and must
/// not call the cache that it observes.
pub trait Observer: Send + Sync + 'static {
    /// Is called once for every event.
    fn observe(&self, event: &Event<'_>);
}

/// Something that a cache did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What happened.
    pub kind: EventKind,
    /// The function's path, its `key_prefix`, or the manual key.
    pub group: &'a str,
}

/// What a cache did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A call was answered with a kept value.
    Hit,
    /// A call found nothing to answer with.
    Miss,
    /// A value was kept.
    Store,
    /// An operation of the store failed, or a key or a value could not be encoded or decoded.
    Error,
    /// A call waited for another caller's computation.
    Wait,
    /// A value computed before an invalidation arrived after it, and was refused.
    StalePrevented,
    /// A value was not kept: too large for the store.
    Refused,
    /// A call computed without the store, which was out of reach.
    Degraded,
    /// An entry, a group or everything was invalidated; the group is empty for everything.
    Invalidate,
}

impl<'a> Event<'a> {
    pub(crate) fn new(kind: EventKind, group: &'a str) -> Self {
        Self { kind, group }
    }
}
