//! Checksums of what is kept outside of the process.

use crate::sip::Sip;

/// The 64-bit checksum of pieces of bytes, as if they were one: the low half of their hash under the
/// key 0.
#[allow(clippy::cast_possible_truncation)] // the low half
pub(crate) fn checksum_of(pieces: &[&[u8]]) -> u64 {
    let mut sip = Sip::new(0, 0);
    for piece in pieces {
        sip.bytes(piece);
    }
    sip.finish() as u64
}
