//! Requests as a cache gets them, made up by rules.

use crate::pattern::Pattern;

/// A list of requested keys.
#[derive(Debug)]
pub struct Trace {
    /// What the tables call it.
    pub name: &'static str,
    /// The keys in the order of the requests.
    pub keys: Vec<u64>,
}

/// How many keys there are; scans come on top.
const KEYS: usize = 100_000;

/// Every trace, for caches of this size.
pub fn all(requests: usize, size: usize) -> Vec<Trace> {
    let skewed = |skew| Pattern::Zipf(skew).requests(KEYS, requests, 1);
    let numbered = |indices: Vec<usize>| indices.into_iter().map(|index| index as u64).collect();
    let trace = |name, keys| Trace { name, keys };
    vec![
        trace("Zipf 0.7", numbered(skewed(0.7))),
        trace("Zipf 0.9", numbered(skewed(0.9))),
        trace("Zipf 1.1", numbered(skewed(1.1))),
        trace("Zipf 0.9 with scans", with_scans(&skewed(0.9))),
        trace("loop, 1.25 × the size", looped(requests, size + size / 4)),
    ]
}

/// After every 10 000 requests come 5 000 for keys that nobody asks for again.
fn with_scans(indices: &[usize]) -> Vec<u64> {
    let mut once = KEYS as u64..;
    let mut keys = Vec::with_capacity(indices.len() * 3 / 2);
    for part in indices.chunks(10_000) {
        keys.extend(part.iter().map(|index| *index as u64));
        keys.extend(once.by_ref().take(5_000));
    }
    keys
}

/// The same keys in the same order, over and over.
fn looped(requests: usize, keys: usize) -> Vec<u64> {
    (0..keys as u64).cycle().take(requests).collect()
}
