//! Entries that somebody else has written, or that were damaged.

use larder::Cache;

use crate::bench::{Bench, Way, cache, entry_name, say};
use crate::common::ends;
use crate::servers::memcached::{MemcachedServer, Stored};
use crate::servers::{PATIENCE, until};

/// A server with one entry, as it should be.
struct Damage {
    server: MemcachedServer,
    bench: Bench,
    cache: Cache,
    name: String,
    good: Stored,
}

const KEY: u64 = 7;

impl Damage {
    fn new() -> Self {
        let server = MemcachedServer::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        bench.until_cached(&cache, KEY);
        let name = entry_name(&cache, KEY);
        let good = server.get(&name).expect("the entry is there");
        Self {
            server,
            bench,
            cache,
            name,
            good,
        }
    }

    /// Puts something in the place of the entry; answers whether a call took it for the value. The
    /// answer is right in any case, and the next one too.
    #[track_caller]
    fn put(&self, stored: &Stored) -> bool {
        self.server.put(&self.name, stored);
        let before = self.bench.runs.so_far();
        self.bench.assert_right(&self.cache, KEY);
        let hit = self.bench.runs.so_far() == before;
        self.bench.assert_right(&self.cache, KEY);
        hit
    }

    fn with(&self, bytes: &[u8]) -> Stored {
        Stored {
            bytes: bytes.to_vec(),
            flags: self.good.flags,
        }
    }

    #[track_caller]
    fn is_repaired(&self) {
        self.bench.until_cached(&self.cache, KEY);
        self.bench.assert_right(&self.cache, KEY);
    }
}

#[test]
fn one_flipped_byte_anywhere_never_yields_another_value() {
    ends(|| {
        let damage = Damage::new();
        let mut hits = Vec::new();
        for place in 0..damage.good.bytes.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = damage.good.bytes.clone();
                bytes[place] ^= flip;
                if damage.put(&damage.with(&bytes)) {
                    hits.push(place);
                }
            }
        }
        hits.dedup();
        let length = damage.good.bytes.len();
        say(&format!(
            "flipped bytes in a frame of {length}: still the value at {hits:?}"
        ));
        damage.is_repaired();
    });
}

#[test]
fn a_truncated_entry_is_a_miss() {
    ends(|| {
        let damage = Damage::new();
        for length in 0..damage.good.bytes.len() {
            let part = damage.with(&damage.good.bytes[..length]);
            assert!(!damage.put(&part), "{length} bytes");
        }
        let longer = [&*damage.good.bytes, b"\0"].concat();
        assert!(!damage.put(&damage.with(&longer)), "a byte too many");
        damage.is_repaired();
    });
}

/// Another client's value, and one that says of itself that it is a frame or a lease.
#[test]
fn what_is_not_ours_is_a_miss() {
    ends(|| {
        let damage = Damage::new();
        let long = vec![0xa5; 100_000];
        for bytes in [&b""[..], b"1", b"hello", b"{\"json\": true}", &long] {
            for flags in [0, 1, damage.good.flags, damage.good.flags + 1] {
                let bytes = bytes.to_vec();
                assert!(!damage.put(&Stored { bytes, flags }));
            }
        }
        let flags = 0;
        let bytes = damage.good.bytes.clone();
        assert!(
            !damage.put(&Stored { bytes, flags }),
            "what no store of ours has written"
        );
        damage.is_repaired();
    });
}

/// Damage to what decides whether an entry is in force.
#[test]
fn versions_that_are_not_ours_break_nothing() {
    ends(|| {
        let damage = Damage::new();
        let mut others = Vec::new();
        // The server's list is a moment behind.
        until(
            "the versions of group, tag and everything",
            PATIENCE,
            || {
                others = damage.server.keys();
                others.retain(|name| *name != damage.name);
                others.len() == 3
            },
        );
        for name in &others {
            for bytes in [
                "",
                "short",
                "sixteen bytes ok",
                "far too long for a version",
            ] {
                let bytes = bytes.as_bytes().to_vec();
                damage.server.put(name, &Stored { bytes, flags: 0 });
                for _ in 0..3 {
                    damage.bench.assert_right(&damage.cache, KEY);
                }
                damage.is_repaired();
            }
            damage.bench.change();
            Way::All.invalidate(&damage.cache, KEY).unwrap();
            damage.bench.assert_right(&damage.cache, KEY);
            damage.is_repaired();
        }
    });
}
