//! What lies under an entry's key.

use larder_core::backend::{Token, Versions};

use super::wire::{Found, Put};

/// What lies under an entry's key.
#[derive(Debug)]
pub(super) enum Slot {
    /// The entry's frame, and the seconds that the server will still keep it; -1 has no end.
    Frame(Vec<u8>, i64),
    /// Somebody computes the entry.
    Lease(Holder),
    /// Something that is not ours, or another entry under the same short name.
    Foreign,
}

/// Who computes an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Holder {
    pub(super) token: Token,
    /// The versions that he saw before.
    pub(super) versions: Versions,
}

/// The flags of a frame: which program has put it there, and that it is one.
const FRAME: u32 = 0x4c52_4401;
/// The flags of a lease.
const LEASE: u32 = 0x4c52_4402;

impl Slot {
    /// Reads what was found. `guard` stands before what belongs to a name that was shortened.
    pub(super) fn read(found: Found, guard: &[u8]) -> Self {
        let Found {
            mut value,
            flags,
            left,
            ..
        } = found;
        if !value.starts_with(guard) {
            return Self::Foreign;
        }
        match flags {
            FRAME => {
                value.drain(..guard.len());
                Self::Frame(value, left)
            }
            LEASE => Holder::read(&value[guard.len()..]).map_or(Self::Foreign, Self::Lease),
            _ => Self::Foreign,
        }
    }
}

/// A frame as it is put under an entry's key.
pub(super) fn put_frame(value: &[u8], expires: u32) -> Put<'_> {
    Put {
        value,
        flags: FRAME,
        expires,
    }
}

/// A lease as it is put under an entry's key.
pub(super) fn put_lease(value: &[u8], expires: u32) -> Put<'_> {
    Put {
        value,
        flags: LEASE,
        expires,
    }
}

impl Holder {
    pub(super) fn write(&self, guard: &[u8]) -> Vec<u8> {
        let Versions { group, all, tags } = self.versions;
        let mut bytes = guard.to_vec();
        bytes.extend_from_slice(&self.token.0.to_le_bytes());
        for version in [group, all, tags] {
            bytes.extend_from_slice(&version.to_le_bytes());
        }
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (token, versions) = bytes.split_first_chunk()?;
        let ([group, all, tags], []) = versions.as_chunks() else {
            return None;
        };
        Some(Self {
            token: Token(u64::from_le_bytes(*token)),
            versions: Versions {
                group: u128::from_le_bytes(*group),
                all: u128::from_le_bytes(*all),
                tags: u128::from_le_bytes(*tags),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLDER: Holder = Holder {
        token: Token(7),
        versions: Versions {
            group: 1,
            all: 2,
            tags: 3,
        },
    };

    fn found(value: Vec<u8>, flags: u32) -> Found {
        Found {
            value,
            flags,
            ..Found::default()
        }
    }

    #[test]
    fn a_lease_is_read_as_it_was_written() {
        for guard in [&b""[..], b"name"] {
            let slot = Slot::read(found(HOLDER.write(guard), LEASE), guard);
            assert!(matches!(slot, Slot::Lease(holder) if holder == HOLDER));
        }
    }

    #[test]
    fn what_is_not_ours_is_foreign() {
        let read =
            |value: &[u8], flags, guard: &[u8]| Slot::read(found(value.to_vec(), flags), guard);
        assert!(matches!(read(b"abc", 0, b""), Slot::Foreign));
        assert!(matches!(read(b"abc", LEASE, b""), Slot::Foreign));
        assert!(matches!(read(b"other", FRAME, b"name"), Slot::Foreign));
        assert!(
            matches!(read(b"nameabc", FRAME, b"name"), Slot::Frame(frame, 0) if frame == b"abc")
        );
    }
}
