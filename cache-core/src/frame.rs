//! What an entry looks like in a store that keeps bytes.
//!
//! ```text
//! offset  bytes
//!      0      4  magic "LRDR"
//!      4      1  format, 2
//!      5      1  codec: 1 is postcard, 2 is a counter
//!      6      2  flags: 1 is compressed with LZ4
//!      8      8  created, ms since the Unix epoch by the store's clock  (may be stamped by the store)
//!     16     16  version of the group                                   (the same)
//!     32     16  version of everything                                  (the same)
//!     48     16  versions of the tags, mixed; 0 without tags            (the same)
//!     64      8  expires, ms since the Unix epoch by the store's clock;
//!                all ones is never, or left to the store
//!     72      8  fingerprint of the value's type
//!     80      n  payload
//!   80+n      8  XXH64 of 64..80+n, with 0..8 as its seed
//! ```
//!
//! Numbers are little-endian. Bytes that are not a frame are no entry: never an error, never a
//! value. What a store may stamp is not under the checksum: a version that was changed by accident
//! is nobody's, so that such an entry is a miss.
//!
//! A counter is a number in decimal digits that a store can add to where it lies: twice, with a
//! colon in between, in the place of a checksum of the payload (that of its header is there).

use xxhash_rust::xxh64::xxh64;

use crate::backend::Versions;

/// A decoded frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// How the payload is to be read.
    pub codec: Codec,
    /// Whether the payload is compressed with LZ4.
    pub compressed: bool,
    /// When the entry was stored: milliseconds since the Unix epoch, by the store's clock.
    pub created: u64,
    /// The versions that were in force when the computation started.
    pub versions: Versions,
    /// When it expires, in the same time as `created`; [`NEVER`] if it does not, or if that is left
    /// to the store.
    pub expires: u64,
    /// The fingerprint of the value's type.
    pub fingerprint: u64,
    /// The value's bytes; of a counter its digits.
    pub payload: &'a [u8],
}

/// How a payload is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// postcard.
    Postcard,
    /// An `i64` in decimal digits.
    Counter,
}

/// The moment that does not come.
pub const NEVER: u64 = u64::MAX;

/// Where in a frame the store may stamp the time of creation: 8 bytes.
pub const CREATED_AT: usize = 8;
/// Where in a frame the store may stamp the versions: of the group, of everything, of the tags.
pub const VERSIONS_AT: usize = 16;
/// So many bytes stand before the payload.
pub const HEADER: usize = 80;

const MAGIC: [u8; 4] = *b"LRDR";
const FORMAT: u8 = 2;
const COMPRESSED: u8 = 1;
/// What of the header is under the checksum stands before and after the stamps.
const STAMPS: std::ops::Range<usize> = 8..64;
const CHECKSUM: usize = 8;

impl<'a> Frame<'a> {
    /// Writes the frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.payload.len() + CHECKSUM);
        bytes.extend_from_slice(&self.mark());
        bytes.extend_from_slice(&self.created.to_le_bytes());
        bytes.extend_from_slice(&self.versions.group.to_le_bytes());
        bytes.extend_from_slice(&self.versions.all.to_le_bytes());
        bytes.extend_from_slice(&self.versions.tags.to_le_bytes());
        bytes.extend_from_slice(&self.expires.to_le_bytes());
        bytes.extend_from_slice(&self.fingerprint.to_le_bytes());
        let sum = match self.codec {
            Codec::Postcard => {
                bytes.extend_from_slice(self.payload);
                sum(&bytes)
            }
            Codec::Counter => {
                let sum = sum(&bytes);
                bytes.extend_from_slice(&[self.payload, b":", self.payload].concat());
                sum
            }
        };
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// What a frame of this kind starts with.
    fn mark(&self) -> [u8; 8] {
        let [l, r, d, r2] = MAGIC;
        let codec = match self.codec {
            Codec::Postcard => 1,
            Codec::Counter => 2,
        };
        let flags = if self.compressed { COMPRESSED } else { 0 };
        [l, r, d, r2, FORMAT, codec, flags, 0]
    }

    /// Reads a frame; `None` if the bytes are not one, whole and unchanged.
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (framed, found) = bytes.split_last_chunk::<CHECKSUM>()?;
        let (header, payload) = framed.split_at_checked(HEADER)?;
        let (codec, payload, expected) = match header[5] {
            1 => (Codec::Postcard, payload, sum(framed)),
            2 => (Codec::Counter, digits(payload)?, sum(header)),
            _ => return None,
        };
        let frame = Self {
            codec,
            compressed: header[6] & COMPRESSED != 0,
            created: word(header, CREATED_AT)?,
            versions: Versions {
                group: version(header, VERSIONS_AT)?,
                all: version(header, VERSIONS_AT + 16)?,
                tags: version(header, VERSIONS_AT + 32)?,
            },
            expires: word(header, 64)?,
            fingerprint: word(header, 72)?,
            payload,
        };
        let whole = header[..8] == frame.mark() && u64::from_le_bytes(*found) == expected;
        whole.then_some(frame)
    }
}

/// The checksum of a frame, or of its header, less what a store may stamp: XXH64
/// (<https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>).
fn sum(framed: &[u8]) -> u64 {
    let mark = word(framed, 0).unwrap_or_default();
    xxh64(&framed[STAMPS.end..], mark)
}

/// The digits of a counter, if they stand there twice.
fn digits(payload: &[u8]) -> Option<&[u8]> {
    let (digits, rest) = payload.split_at(payload.len() / 2);
    let (colon, again) = rest.split_first()?;
    (*colon == b':' && digits == again).then_some(digits)
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
    use super::{Codec, Frame, NEVER, STAMPS};
    use crate::backend::Versions;

    fn frame() -> Frame<'static> {
        Frame {
            codec: Codec::Postcard,
            compressed: false,
            created: 0x0102,
            versions: Versions {
                group: 8,
                all: 9,
                tags: 10,
            },
            expires: NEVER,
            fingerprint: 7,
            payload: b"abc",
        }
    }

    fn counter() -> Frame<'static> {
        Frame {
            codec: Codec::Counter,
            payload: b"-42",
            ..frame()
        }
    }

    #[test]
    fn a_frame_comes_back_as_it_went_in() {
        let compressed = Frame {
            compressed: true,
            ..frame()
        };
        for frame in [frame(), compressed, counter()] {
            assert_eq!(Frame::decode(&frame.encode()), Some(frame));
        }
    }

    #[test]
    fn one_flipped_bit_and_a_frame_is_none_or_has_another_stamp() {
        for frame in [frame(), counter()] {
            let good = frame.encode();
            for bit in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                let decoded = Frame::decode(&bad);
                let stamped = decoded.as_ref().is_some_and(|decoded| {
                    (decoded.created, decoded.versions) != (frame.created, frame.versions)
                });
                assert_eq!(stamped, STAMPS.contains(&(bit / 8)), "bit {bit}");
                assert_eq!(stamped, decoded.is_some(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_truncated_frame_is_none() {
        for good in [frame().encode(), counter().encode()] {
            for length in 0..good.len() {
                assert_eq!(Frame::decode(&good[..length]), None, "{length} bytes");
            }
        }
    }

    #[test]
    fn golden_frames() {
        assert_eq!(hex(&frame().encode()), GOLDEN);
        assert_eq!(hex(&counter().encode()), GOLDEN_COUNTER);
    }

    fn hex(bytes: &[u8]) -> String {
        let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        nibbles
            .filter_map(|nibble| char::from_digit(nibble.into(), 16))
            .collect()
    }

    const GOLDEN: &str = "4c524452020100000201000000000000\
        08000000000000000000000000000000\
        09000000000000000000000000000000\
        0a000000000000000000000000000000\
        ffffffffffffffff07000000000000006162636267eb2917f9771a";
    const GOLDEN_COUNTER: &str = "4c524452020200000201000000000000\
        08000000000000000000000000000000\
        09000000000000000000000000000000\
        0a000000000000000000000000000000\
        ffffffffffffffff07000000000000002d34323a2d34325f58d9d97b842ef7";
}
