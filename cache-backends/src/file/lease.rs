//! Leases: who computes an entry, until when, and under which versions.

use larder_core::backend::{Claim, Token, Versions};
use larder_core::clock::millis;
use larder_core::error::Result;

use super::failure::of_file;
use super::names::Name;
use super::presence::is_alive;
use super::record::Kind;
use super::shelves::Shelves;

/// What a lease's file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) token: Token,
    /// The store that holds it.
    owner: u64,
    /// What its holder has seen.
    pub(super) seen: Versions,
    /// When it was granted or extended,
    since: u64,
    /// and when it ends.
    until: u64,
}

impl Record {
    const LENGTH: usize = 80;

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::LENGTH);
        for word in [self.token.0, self.owner, self.since, self.until] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        for version in [self.seen.group, self.seen.all, self.seen.tags] {
            bytes.extend_from_slice(&version.to_le_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (words, versions) = bytes.split_at_checked(32)?;
        let (&[token, owner, since, until], []) = words.as_chunks::<8>() else {
            return None;
        };
        let (&[group, all, tags], []) = versions.as_chunks::<16>() else {
            return None;
        };
        let [group, all, tags] = [group, all, tags].map(u128::from_le_bytes);
        Some(Self {
            token: Token(u64::from_le_bytes(token)),
            owner: u64::from_le_bytes(owner),
            seen: Versions { group, all, tags },
            since: u64::from_le_bytes(since),
            until: u64::from_le_bytes(until),
        })
    }
}

/// For the holder of the lock of the entry's folder.
impl Shelves {
    pub(super) fn lease(&self, entry: &Name) -> Result<Option<Record>> {
        let content = self.read_file(entry, Kind::Lease)?;
        Ok(content.and_then(|content| Record::decode(&content.body)))
    }

    /// The lease of this token, if it is the one that there is.
    pub(super) fn lease_of(&self, entry: &Name, token: Token) -> Result<Option<Record>> {
        let lease = self.lease(entry)?;
        Ok(lease.filter(|lease| lease.token == token))
    }

    /// Whether its holder may still be computing: neither has its time ended, nor its process.
    pub(super) fn is_held(&self, lease: &Record) -> bool {
        let (owner, me) = (lease.owner, self.folder.owner);
        self.time.is_within(lease.since, lease.until)
            && (owner == me || is_alive(&self.folder.root, owner))
    }

    pub(super) fn grant(&self, entry: &Name, claim: &Claim, seen: Versions) -> Result<()> {
        let record = Record {
            token: claim.token,
            owner: self.folder.owner,
            seen,
            since: 0,
            until: 0,
        };
        self.write_lease(entry, record, millis(claim.lease))
    }

    /// Writes a lease that ends after so many milliseconds.
    pub(super) fn write_lease(&self, entry: &Name, record: Record, lasts: u64) -> Result<()> {
        let since = self.time.now();
        let until = since.saturating_add(lasts);
        let record = Record {
            since,
            until,
            ..record
        };
        let folder = &self.folder;
        let aside = folder.aside(entry, Kind::Lease, record.encode(), until);
        let written = aside.and_then(|aside| folder.publish(aside));
        written.map_err(|error| of_file("cannot write a lease", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_comes_back_as_it_was_written() {
        let record = Record {
            token: Token(1),
            owner: 2,
            seen: Versions {
                group: 3,
                all: 4,
                tags: 5,
            },
            since: 6,
            until: 7,
        };
        assert_eq!(Record::decode(&record.encode()), Some(record));
        assert_eq!(Record::decode(&record.encode()[1..]), None);
        assert_eq!(record.encode().len(), Record::LENGTH);
    }
}
