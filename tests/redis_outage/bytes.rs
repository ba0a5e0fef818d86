//! Entries that somebody else has written, or that were damaged.

use larder::Cache;

use crate::bench::{Bench, Way, cache, entry_name, say};
use crate::common::ends;
use crate::servers::resp::Answer;
use crate::servers::server::RedisServer;

/// A server with one entry, as it should be.
struct Damage {
    server: RedisServer,
    bench: Bench,
    cache: Cache,
    name: String,
    good: Vec<u8>,
}

const KEY: u64 = 7;

impl Damage {
    fn new() -> Self {
        let server = RedisServer::start();
        let (bench, cache) = (Bench::new(), cache(&server.url()));
        bench.until_cached(&cache, KEY);
        let name = entry_name(&cache, KEY);
        let good = server.command(["GET", &name]).bytes();
        Self {
            good: good.expect("the entry is there"),
            server,
            bench,
            cache,
            name,
        }
    }

    /// Puts bytes in the place of the entry; answers whether a call took them for the value. The
    /// answer is right in any case, and the next one too.
    #[track_caller]
    fn put(&self, bytes: &[u8]) -> bool {
        self.server.command([b"SET", self.name.as_bytes(), bytes]);
        let before = self.bench.runs.so_far();
        self.bench.assert_right(&self.cache, KEY);
        let hit = self.bench.runs.so_far() == before;
        self.bench.assert_right(&self.cache, KEY);
        hit
    }

    /// An answer of another time would be found out: the bytes in the store are an old one's.
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
        for place in 0..damage.good.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = damage.good.clone();
                bytes[place] ^= flip;
                if damage.put(&bytes) {
                    hits.push(place);
                }
            }
        }
        hits.dedup();
        let length = damage.good.len();
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
        for length in 0..damage.good.len() {
            assert!(!damage.put(&damage.good[..length]), "{length} bytes");
        }
        let mut longer = damage.good.clone();
        longer.push(0);
        assert!(!damage.put(&longer), "a byte too many");
        damage.is_repaired();
    });
}

#[test]
fn what_is_not_ours_is_a_miss() {
    ends(|| {
        let damage = Damage::new();
        let long = vec![0xa5; 1 << 20];
        for bytes in [&b""[..], b"1", b"hello", b"{\"json\": true}", &long] {
            assert!(!damage.put(bytes));
        }
        damage.is_repaired();
    });
}

/// A list where a string should be is an error of the server, not of the function.
#[test]
fn what_is_not_even_a_string_breaks_nothing() {
    ends(|| {
        let damage = Damage::new();
        for words in [["RPUSH", "x"], ["SADD", "x"], ["PFADD", "x"]] {
            damage.server.command(["DEL", &damage.name]);
            damage.server.command([words[0], &damage.name, words[1]]);
            for _ in 0..5 {
                damage.bench.assert_right(&damage.cache, KEY);
            }
        }
        damage.bench.change();
        Way::Entry.invalidate(&damage.cache, KEY).unwrap();
        damage.is_repaired();
    });
}

/// Damage to what decides whether an entry is in force: versions and leases.
#[test]
fn control_keys_that_are_not_ours_break_nothing() {
    ends(|| {
        let damage = Damage::new();
        let keys = damage.server.command(["KEYS", "*"]).list();
        let others = keys.iter().filter(|key| key.text() != damage.name);
        let others: Vec<String> = others.map(Answer::text).collect();
        assert!(!others.is_empty(), "a group has a version");
        for name in &others {
            for bytes in [
                "",
                "short",
                "sixteen bytes ok",
                "far too long for a version",
            ] {
                damage.server.command(["SET", name, bytes]);
                for _ in 0..3 {
                    damage.bench.assert_right(&damage.cache, KEY);
                }
            }
            damage.server.command(["DEL", name]);
            damage.server.command(["RPUSH", name, "x"]);
            damage.bench.change();
            // It may not be acknowledged, but it holds here.
            Way::All.invalidate(&damage.cache, KEY).ok();
            damage.bench.assert_right(&damage.cache, KEY);
            damage.server.command(["DEL", name]);
            damage.is_repaired();
        }
    });
}
