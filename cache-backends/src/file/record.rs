//! What a file of ours looks like.
//!
//! ```text
//! bytes
//!     n  body: a frame or a version
//!     m  the text that the file is for
//!     4  m
//!     8  low half of SipHash-1-3-128, under the kind as its key, of the text and the guarded part of the body
//!     8  magic "LRDF", kind, format, 0, 0
//! ```
//!
//! Numbers are little-endian. The body comes first, so that a value is read where it lies. Of an entry the
//! checksum guards what the frame's own leaves out, so that a large value is summed up once. A file that
//! is not whole, or is for another text, is no file of ours: never an error, never a value.

use larder_core::frame::{CREATED_AT, VERSIONS_AT};
use larder_core::key::KeyHasher;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Entry,
    Version,
}

/// What of a frame is not under the frame's own checksum: when it was created, and three versions.
const STAMPS: std::ops::Range<usize> = CREATED_AT..VERSIONS_AT + 48;
const TAIL: usize = 20;

/// So many bytes at the end of a file are not its body.
pub(super) fn tail(text: &str) -> usize {
    text.len() + TAIL
}

/// Writes a file: what is to be in it behind its body.
pub(super) fn seal(kind: Kind, text: &str, mut body: Vec<u8>) -> Vec<u8> {
    let sum = guarded(kind, &body).map_or(0, |guarded| sum(kind, text, guarded));
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    body.reserve_exact(text.len() + TAIL);
    body.extend_from_slice(text.as_bytes());
    body.extend_from_slice(&length.to_le_bytes());
    body.extend_from_slice(&sum.to_le_bytes());
    body.extend_from_slice(&magic(kind));
    body
}

/// Reads a file; answers its body, or nothing if it is not one of this kind for this text.
pub(super) fn open(kind: Kind, text: &str, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (rest, found) = bytes.split_last_chunk::<8>()?;
    let (rest, expected) = rest.split_last_chunk::<8>()?;
    let (rest, length) = rest.split_last_chunk::<4>()?;
    let body = rest.strip_suffix(text.as_bytes())?;
    let sum = sum(kind, text, guarded(kind, body)?);
    let whole = *found == magic(kind)
        && u32::from_le_bytes(*length) as usize == text.len()
        && u64::from_le_bytes(*expected) == sum;
    let length = body.len();
    whole.then(|| {
        bytes.truncate(length);
        bytes
    })
}

fn magic(kind: Kind) -> [u8; 8] {
    let [l, r, d, f] = *b"LRDF";
    [l, r, d, f, kind as u8, 1, 0, 0]
}

fn guarded(kind: Kind, body: &[u8]) -> Option<&[u8]> {
    match kind {
        Kind::Entry => body.get(STAMPS),
        Kind::Version => Some(body),
    }
}

#[allow(clippy::cast_possible_truncation)] // the low half
fn sum(kind: Kind, text: &str, guarded: &[u8]) -> u64 {
    let mut hasher = KeyHasher::new(kind as u128);
    hasher.text(text);
    hasher.run(guarded);
    hasher.finish() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_back_for_its_own_text_only() {
        let file = seal(Kind::Version, "k", vec![7; 16]);
        assert_eq!(open(Kind::Version, "k", file.clone()), Some(vec![7; 16]));
        assert_eq!(open(Kind::Version, "\u{7}k", file.clone()), None);
        assert_eq!(open(Kind::Version, "", file.clone()), None);
        assert_eq!(open(Kind::Entry, "k", file), None);
    }

    #[test]
    fn a_bit_that_is_flipped_and_a_byte_that_is_missing_are_noticed() {
        let good = seal(Kind::Version, "some key", vec![7; 16]);
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(Kind::Version, "some key", bad), None, "bit {bit}");
        }
        for length in 0..good.len() {
            let short = good[..length].to_vec();
            assert_eq!(
                open(Kind::Version, "some key", short),
                None,
                "{length} bytes"
            );
        }
    }
}
