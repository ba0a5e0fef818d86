//! What an entry looks like in a store that keeps bytes.
//!
//! ```text
//! offset  bytes
//!      0      4  magic "LRDR"
//!      4      1  format, 1
//!      5      1  codec, 1 is postcard
//!      6      2  flags, 0
//!      8      8  created, ms since the Unix epoch by the store's clock
//!     16      8  expires, ms since the Unix epoch by the store's clock; all ones is never
//!     24      8  fingerprint of the value's type
//!     32     16  version of the group
//!     48     16  version of everything
//!     64     16  versions of the tags, mixed; 0 without tags
//!     80      n  payload
//!   80+n      8  low half of SipHash-1-3-128, under the key 0, of all before it
//! ```
//!
//! Numbers are little-endian. Bytes that are not a frame are no entry: never an error, never a
//! value.

use crate::backend::Versions;
use crate::sip::checksum;

/// A decoded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When the entry was stored: milliseconds since the Unix epoch, by the store's clock.
    pub created: u64,
    /// When it expires, in the same time; [`NEVER`] if it does not.
    pub expires: u64,
    /// The fingerprint of the value's type.
    pub fingerprint: u64,
    /// The versions that were in force when the computation started.
    pub versions: Versions,
    /// The value's bytes.
    pub payload: &'a [u8],
}

/// The moment that does not come.
pub const NEVER: u64 = u64::MAX;

const MAGIC: &[u8; 4] = b"LRDR";
const FORMAT: u8 = 1;
const POSTCARD: u8 = 1;
const HEADER: usize = 80;
const CHECKSUM: usize = 8;

impl<'a> Frame<'a> {
    /// Writes the frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.payload.len() + CHECKSUM);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[FORMAT, POSTCARD, 0, 0]);
        bytes.extend_from_slice(&self.created.to_le_bytes());
        bytes.extend_from_slice(&self.expires.to_le_bytes());
        bytes.extend_from_slice(&self.fingerprint.to_le_bytes());
        bytes.extend_from_slice(&self.versions.group.to_le_bytes());
        bytes.extend_from_slice(&self.versions.all.to_le_bytes());
        bytes.extend_from_slice(&self.versions.tags.to_le_bytes());
        bytes.extend_from_slice(self.payload);
        let sum = checksum(&bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// Reads a frame; `None` if the bytes are not one, whole and unchanged.
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (framed, sum) = bytes.split_last_chunk::<CHECKSUM>()?;
        if checksum(framed) != u64::from_le_bytes(*sum) {
            return None;
        }
        let (header, payload) = framed.split_at_checked(HEADER)?;
        if header[..8] != [b'L', b'R', b'D', b'R', FORMAT, POSTCARD, 0, 0] {
            return None;
        }
        Some(Self {
            created: word(header, 8)?,
            expires: word(header, 16)?,
            fingerprint: word(header, 24)?,
            versions: Versions {
                group: version(header, 32)?,
                all: version(header, 48)?,
                tags: version(header, 64)?,
            },
            payload,
        })
    }
}

fn word(header: &[u8], at: usize) -> Option<u64> {
    let bytes = header.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

fn version(header: &[u8], at: usize) -> Option<u128> {
    let bytes = header.get(at..)?.first_chunk()?;
    Some(u128::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::{Frame, NEVER};
    use crate::backend::Versions;

    fn frame() -> Frame<'static> {
        Frame {
            created: 0x0102,
            expires: NEVER,
            fingerprint: 7,
            versions: Versions {
                group: 8,
                all: 9,
                tags: 10,
            },
            payload: b"abc",
        }
    }

    #[test]
    fn a_frame_comes_back_as_it_went_in() {
        assert_eq!(Frame::decode(&frame().encode()), Some(frame()));
    }

    #[test]
    fn one_flipped_bit_anywhere_and_a_frame_is_none() {
        let good = frame().encode();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Frame::decode(&bad), None, "bit {bit}");
        }
    }

    #[test]
    fn a_truncated_frame_is_none() {
        let good = frame().encode();
        for length in 0..good.len() {
            assert_eq!(Frame::decode(&good[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn a_golden_frame() {
        let nibbles = frame().encode();
        let nibbles = nibbles.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex: String = nibbles
            .filter_map(|nibble| char::from_digit(nibble.into(), 16))
            .collect();
        assert_eq!(hex, GOLDEN);
    }

    const GOLDEN: &str = "4c524452010100000201000000000000ffffffffffffffff0700000000000000\
        0800000000000000000000000000000009000000000000000000000000000000\
        0a0000000000000000000000000000006162633b2c2a413fa6d9af";
}
