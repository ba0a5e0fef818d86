//! What a type is offered, in this order, until it is content.

/// The largest of a narrow type stands in for what does not fit.
pub(super) const NUMBERS: [usize; 6] = [0, 1, 10, 100, 2_000, 1_000_000_000];

pub(super) const BOOLS: [bool; 2] = [false, true];

pub(super) const FLOATS: [f32; 4] = [0.0, 1.0, 0.5, 100.0];

pub(super) const CHARS: [char; 4] = ['a', 'A', '0', '/'];

/// What the parsers of widespread crates take: dates, addresses, identifiers, versions.
pub(super) const TEXTS: [&str; 20] = [
    "",
    "a",
    "1",
    "1970-01-01T00:00:00Z",
    "1970-01-01",
    "1970-01-01T00:00:00",
    "00:00:00",
    "00000000-0000-0000-0000-000000000000",
    "127.0.0.1",
    "127.0.0.0/8",
    "127.0.0.1:80",
    "http://localhost/",
    "a@example.com",
    "1.0.0",
    "UTC",
    "+00:00",
    "PT0S",
    "1970-01-01T00:00:00+00:00[UTC]",
    "en-US",
    "USD",
];

/// Lengths of bytes: those of identifiers, addresses, keys and digests.
pub(super) const BYTES: [usize; 10] = [0, 1, 16, 4, 8, 12, 20, 24, 32, 64];

pub(super) const ZEROS: &[u8; 64] = &[0; 64];

/// Lengths of a sequence that is not empty.
pub(super) const LENGTHS: [usize; 4] = [1, 2, 3, 4];
