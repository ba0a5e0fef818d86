//! Leases: who computes an entry, until when, and under which versions.
//!
//! They stand in the file that is the lock of the entry's folder, a place each, and are changed there by
//! whoever holds the lock: a lease costs no file of its own.

use larder_core::backend::{Claim, Token, Versions};
use larder_core::clock::millis;
use larder_core::key::KeyHasher;

use super::presence::is_alive;
use super::shelves::Shelves;

/// A lease as it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Of the entry.
    pub(super) hash: u128,
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
    /// So many bytes a place has; one in which nothing whole stands is free.
    pub(super) const LENGTH: usize = 104;

    pub(super) fn encode(&self) -> [u8; Self::LENGTH] {
        let Versions { group, all, tags } = self.seen;
        let numbers = [self.hash, group, all, tags];
        let words = [self.token.0, self.owner, self.since, self.until];
        let mut bytes = [0; Self::LENGTH];
        let (places, rest) = bytes.as_chunks_mut::<16>();
        for (place, number) in places.iter_mut().zip(numbers) {
            *place = number.to_le_bytes();
        }
        for (place, pair) in places[4..].iter_mut().zip(words.as_chunks::<2>().0) {
            *place = (u128::from(pair[0]) | u128::from(pair[1]) << 64).to_le_bytes();
        }
        let sum = checksum(&places.concat());
        rest.copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    #[allow(clippy::cast_possible_truncation)] // the halves of a number
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (numbers, sum) = bytes.as_chunks::<16>();
        if sum != checksum(&numbers.concat()).to_le_bytes() {
            return None;
        }
        let &[hash, group, all, tags, holder, time] = numbers else {
            return None;
        };
        let [hash, group, all, tags] = [hash, group, all, tags].map(u128::from_le_bytes);
        let [holder, time] = [holder, time].map(u128::from_le_bytes);
        Some(Self {
            hash,
            token: Token(holder as u64),
            owner: (holder >> 64) as u64,
            seen: Versions { group, all, tags },
            since: time as u64,
            until: (time >> 64) as u64,
        })
    }
}

#[allow(clippy::cast_possible_truncation)] // the low half
fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = KeyHasher::new(1);
    hasher.run(bytes);
    hasher.finish() as u64
}

impl Shelves {
    /// Whether its holder may still be computing: neither has its time ended, nor its process.
    pub(super) fn is_held(&self, lease: &Record) -> bool {
        let (owner, me) = (lease.owner, self.folder.owner);
        self.is_timely(lease) && (owner == me || is_alive(&self.folder.root, owner))
    }

    /// Whether its time has not ended.
    pub(super) fn is_timely(&self, lease: &Record) -> bool {
        self.time.is_within(lease.since, lease.until)
    }

    /// A lease that begins now.
    pub(super) fn grant(&self, hash: u128, claim: &Claim, seen: Versions) -> Record {
        let since = self.time.now();
        Record {
            hash,
            token: claim.token,
            owner: self.folder.owner,
            seen,
            since,
            until: since.saturating_add(millis(claim.lease)),
        }
    }

    /// The same lease, for so many milliseconds from now on.
    pub(super) fn prolonged(&self, lease: Record, lasts: u64) -> Record {
        let since = self.time.now();
        Record {
            since,
            until: since.saturating_add(lasts),
            ..lease
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_comes_back_whole_or_not_at_all() {
        let record = Record {
            hash: 1 << 100,
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
        let good = record.encode();
        assert_eq!(Record::decode(&good), Some(record));
        for bit in 0..good.len() * 8 {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Record::decode(&bad), None, "bit {bit}");
        }
        assert_eq!(Record::decode(&good[1..]), None);
        assert_eq!(Record::decode(&[0; Record::LENGTH]), None, "a free place");
    }
}
