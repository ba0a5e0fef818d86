//! Values on their way into a frame and out of it: what stores of bytes have in common.

use larder_core::backend::Versions;
use larder_core::error::{Error, ErrorKind, Result};
#[cfg(any(feature = "file", feature = "memcached"))]
use larder_core::frame::{CREATED_AT, VERSIONS_AT};
use larder_core::frame::{Codec, Frame, HEADER};
use larder_core::value::{Item, Kept};

/// What becomes of large values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Larger payloads are compressed.
    pub(crate) compress_above: usize,
    /// Larger values are not kept.
    pub(crate) max_value: usize,
}

/// A value as a frame, or that it is too large.
pub(crate) enum Framed {
    Frame(Vec<u8>),
    TooLarge(usize),
}

impl Limits {
    /// Writes a value that expires then. Its versions are those of the moment before it was computed;
    /// the store stamps those of a value that was not computed.
    pub(crate) fn frame(&self, item: &Item, versions: Versions, expires: u64) -> Result<Framed> {
        let mut payload = Vec::new();
        let codec = encode(item, &mut payload)?;
        if payload.len() > self.max_value {
            return Ok(Framed::TooLarge(payload.len()));
        }
        let compressed = self.compressed(codec, &payload);
        let frame = Frame {
            codec,
            compressed: compressed.is_some(),
            created: 0,
            versions,
            expires,
            fingerprint: item.fingerprint()?,
            payload: compressed.as_ref().unwrap_or(&payload),
        };
        Ok(Framed::Frame(frame.encode()))
    }

    /// Writes a value that is set by hand; one that is too large is an error.
    pub(crate) fn frame_of_set(&self, item: &Item, expires: u64) -> Result<Vec<u8>> {
        match self.frame(item, NONE, expires)? {
            Framed::Frame(frame) => Ok(frame),
            Framed::TooLarge(bytes) => Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "a value of {bytes} bytes is larger than the store's limit of {}: see `max_value`",
                    self.max_value
                ),
            )),
        }
    }

    /// Reads the value of a frame; `None` if it cannot be read.
    pub(crate) fn value(&self, frame: &Frame<'_>) -> Option<Kept> {
        let bytes = match frame.codec {
            Codec::Counter => counter(frame.payload)?,
            Codec::Postcard if frame.compressed => self.decompress(frame.payload)?,
            Codec::Postcard => frame.payload.to_vec(),
        };
        Some(Kept::Bytes {
            bytes,
            fingerprint: frame.fingerprint,
        })
    }

    /// Reads the value of a frame that holds what is asked of it; `None` if it does not, or if it cannot
    /// be read. The bytes stay where they are.
    pub(crate) fn value_if(
        &self,
        mut bytes: Vec<u8>,
        holds: impl FnOnce(&Frame<'_>) -> bool,
    ) -> Option<Kept> {
        let frame = Frame::decode(&bytes).filter(holds)?;
        if frame.codec != Codec::Postcard || frame.compressed {
            return self.value(&frame);
        }
        let (length, fingerprint) = (frame.payload.len(), frame.fingerprint);
        bytes.truncate(HEADER + length);
        bytes.drain(..HEADER);
        Some(Kept::Bytes { bytes, fingerprint })
    }

    fn compressed(&self, codec: Codec, payload: &[u8]) -> Option<Vec<u8>> {
        if codec == Codec::Counter || payload.len() <= self.compress_above {
            return None;
        }
        let compressed = lz4_flex::block::compress_prepend_size(payload);
        (compressed.len() < payload.len()).then_some(compressed)
    }

    /// Bytes that were not compressed by this program may claim any size.
    fn decompress(&self, payload: &[u8]) -> Option<Vec<u8>> {
        let (size, compressed) = lz4_flex::block::uncompressed_size(payload).ok()?;
        let most = self.max_value.max(LARGEST_READ);
        (size <= most).then(|| lz4_flex::block::decompress(compressed, size).ok())?
    }
}

/// Another process may have written with a larger limit than this one's.
const LARGEST_READ: usize = 512 << 20;

/// No versions: the store stamps them.
pub(crate) const NONE: Versions = Versions {
    group: 0,
    all: 0,
    tags: 0,
};

/// Stamps a frame with the versions in force and the moment of its creation.
#[cfg(any(feature = "file", feature = "memcached"))]
pub(crate) fn stamp(frame: &mut [u8], versions: Versions, created: u64) {
    let Versions { group, all, tags } = versions;
    let stamps = [group, all, tags].map(u128::to_le_bytes).concat();
    frame[VERSIONS_AT..VERSIONS_AT + stamps.len()].copy_from_slice(&stamps);
    frame[CREATED_AT..VERSIONS_AT].copy_from_slice(&created.to_le_bytes());
}

/// Encodes a value. A number is kept as digits, so that a server can add to it.
fn encode(item: &Item, into: &mut Vec<u8>) -> Result<Codec> {
    if let Some(number) = item.object().downcast_ref::<i64>() {
        into.extend_from_slice(number.to_string().as_bytes());
        return Ok(Codec::Counter);
    }
    item.encode(into)?;
    Ok(Codec::Postcard)
}

/// The bytes of the number that digits stand for.
fn counter(digits: &[u8]) -> Option<Vec<u8>> {
    let number: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let mut bytes = Vec::new();
    Item::of(&number).encode(&mut bytes).ok()?;
    Some(bytes)
}
