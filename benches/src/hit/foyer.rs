//! `foyer_memory::Cache` by hand, as it comes: 8 shards, LRU with a high-priority pool, no timeouts.

use crate::contender::{contender, rooms};
use crate::table::{Has, Who};

macro_rules! foyer {
    ($room:ident, $bound:tt, $which:expr) => {
        mod $room {
            use super::{Has, Who, contender};
            use crate::body::{self, Page};
            use crate::hit::borrowed::Borrowed;
            use foyer_memory::{Cache, CacheBuilder};
            use std::sync::LazyLock;

            static NUMBERS: LazyLock<Cache<u64, u64>> =
                LazyLock::new(|| CacheBuilder::new($bound).build());
            static TEXTS: LazyLock<Cache<(u64, String), String>> =
                LazyLock::new(|| CacheBuilder::new($bound).build());
            static BYTES: LazyLock<Cache<u64, Vec<u8>>> =
                LazyLock::new(|| CacheBuilder::new($bound).build());
            static PAGES: LazyLock<Cache<u64, Page>> =
                LazyLock::new(|| CacheBuilder::new($bound).build());

            fn number(n: u64) -> u64 {
                let kept = NUMBERS.get(&n);
                let entry = kept.unwrap_or_else(|| NUMBERS.insert(n, body::number(n)));
                *entry.value()
            }

            fn text(n: u64, name: &str) -> String {
                let keep = || TEXTS.insert((n, name.to_owned()), body::text(n, name));
                let entry = TEXTS.get(&Borrowed(n, name)).unwrap_or_else(keep);
                entry.value().clone()
            }

            fn bytes(n: u64) -> Vec<u8> {
                let kept = BYTES.get(&n);
                let entry = kept.unwrap_or_else(|| BYTES.insert(n, body::bytes(n)));
                entry.value().clone()
            }

            fn page(n: u64) -> Page {
                let kept = PAGES.get(&n);
                let entry = kept.unwrap_or_else(|| PAGES.insert(n, body::page(n)));
                entry.value().clone()
            }

            contender!(Who::with("foyer-memory", Has::BOUND));
        }
    };
}

rooms!(foyer);
