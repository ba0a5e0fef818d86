//! One line of a history, in bytes.

use std::fmt;

use super::scope::Scope;

/// The number of a call, a computation or an invalidation; no two in a run have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u64);

/// So many things can happen in one process.
const BITS: u32 = 40;

impl Id {
    pub(crate) fn new(process: u32, number: u64) -> Self {
        Self(u64::from(process) << BITS | number)
    }

    pub(crate) fn process(self) -> u32 {
        u32::try_from(self.0 >> BITS).expect("made of 32 bits")
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.process(), self.0 & ((1 << BITS) - 1))
    }
}

/// What happened at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) time: u64,
    pub(crate) id: Id,
    pub(crate) kind: Kind,
}

/// The beginning or the end of something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A call of a key begins.
    Call(u32),
    /// It ends; a value or an error names the computation that it comes from.
    Called(End, Id),
    /// A computation of a key begins, for a call.
    Compute(u32, Id),
    /// It ends.
    Computed(End),
    /// An invalidation begins, after this version of a key's source was written.
    Invalidate(Scope, u32, u64),
    /// It ends, acknowledged or not.
    Invalidated(bool),
}

/// How a call or a computation ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// With a value made of this version of the source.
    Value(u64),
    /// With an error.
    Error,
    /// Nobody waited for it any more.
    Dropped,
}

/// Of one length, so that the torn end of a file is known by what is missing.
pub(crate) const LENGTH: usize = 48;

/// A record as numbers.
#[derive(Default)]
struct Row {
    kind: u8,
    detail: u8,
    key: u32,
    scope: u32,
    other: u64,
    version: u64,
}

impl Record {
    pub(crate) fn to_bytes(self) -> [u8; LENGTH] {
        let row = self.kind.row();
        let mut bytes = [0; LENGTH];
        bytes[0] = row.kind;
        bytes[1] = row.detail;
        bytes[4..8].copy_from_slice(&row.key.to_le_bytes());
        bytes[8..12].copy_from_slice(&row.scope.to_le_bytes());
        let numbers = [self.id.0, self.time, row.other, row.version];
        for (place, number) in bytes[16..].chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; LENGTH]) -> Option<Self> {
        let short = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let long = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let row = Row {
            kind: bytes[0],
            detail: bytes[1],
            key: short(4)?,
            scope: short(8)?,
            other: long(32)?,
            version: long(40)?,
        };
        Some(Self {
            id: Id(long(16)?),
            time: long(24)?,
            kind: row.kind()?,
        })
    }

    /// At one moment calls begin before anything else, and what ends is last: a tie proves nothing.
    pub(super) fn order(&self) -> (u64, u8) {
        let rank = match self.kind {
            Kind::Call(_) => 0,
            Kind::Compute(..) | Kind::Invalidate(..) => 1,
            Kind::Computed(_) => 2,
            Kind::Called(..) => 3,
            Kind::Invalidated(_) => 4,
        };
        (self.time, rank)
    }
}

impl Kind {
    fn row(self) -> Row {
        let row = Row::default();
        match self {
            Self::Call(key) => Row {
                kind: 1,
                key,
                ..row
            },
            Self::Called(end, from) => Row {
                kind: 2,
                other: from.0,
                ..end.row()
            },
            Self::Compute(key, call) => Row {
                kind: 3,
                key,
                other: call.0,
                ..row
            },
            Self::Computed(end) => Row {
                kind: 4,
                ..end.row()
            },
            Self::Invalidate(scope, key, version) => {
                let (detail, scope) = scope.to_bytes();
                Row {
                    kind: 5,
                    detail,
                    key,
                    scope,
                    version,
                    ..row
                }
            }
            Self::Invalidated(ok) => Row {
                kind: 6,
                detail: ok.into(),
                ..row
            },
        }
    }
}

impl End {
    fn row(self) -> Row {
        let (detail, version) = match self {
            Self::Value(version) => (0, version),
            Self::Error => (1, 0),
            Self::Dropped => (2, 0),
        };
        Row {
            detail,
            version,
            ..Row::default()
        }
    }
}

impl Row {
    fn kind(&self) -> Option<Kind> {
        Some(match self.kind {
            1 => Kind::Call(self.key),
            2 => Kind::Called(self.end()?, Id(self.other)),
            3 => Kind::Compute(self.key, Id(self.other)),
            4 => Kind::Computed(self.end()?),
            5 => {
                let scope = Scope::from_bytes(self.detail, self.scope)?;
                Kind::Invalidate(scope, self.key, self.version)
            }
            6 => Kind::Invalidated(self.detail == 1),
            _ => return None,
        })
    }

    fn end(&self) -> Option<End> {
        Some(match self.detail {
            0 => End::Value(self.version),
            1 => End::Error,
            2 => End::Dropped,
            _ => return None,
        })
    }
}
