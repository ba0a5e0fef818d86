//! `moka::sync::Cache` by hand, with a time to live.

use crate::contender::{contender, rooms};
use crate::table::{Has, Who};

macro_rules! moka {
    ($room:ident, $bound:tt, $which:expr) => {
        mod $room {
            use super::{Has, Who, contender};
            use crate::body::{self, Page};
            use crate::hit::borrowed::Borrowed;
            use moka::sync::Cache;
            use std::hash::Hash;
            use std::sync::LazyLock;
            use std::time::Duration;

            fn cache<K, V>() -> Cache<K, V>
            where
                K: Eq + Hash + Send + Sync + 'static,
                V: Clone + Send + Sync + 'static,
            {
                let builder = Cache::builder().max_capacity($bound);
                builder.time_to_live(Duration::from_mins(5)).build()
            }

            static NUMBERS: LazyLock<Cache<u64, u64>> = LazyLock::new(cache);
            static TEXTS: LazyLock<Cache<(u64, String), String>> = LazyLock::new(cache);
            static BYTES: LazyLock<Cache<u64, Vec<u8>>> = LazyLock::new(cache);
            static PAGES: LazyLock<Cache<u64, Page>> = LazyLock::new(cache);

            fn number(n: u64) -> u64 {
                NUMBERS.get_with(n, || body::number(n))
            }

            fn text(n: u64, name: &str) -> String {
                let compute = || TEXTS.get_with((n, name.to_owned()), || body::text(n, name));
                TEXTS.get(&Borrowed(n, name)).unwrap_or_else(compute)
            }

            fn bytes(n: u64) -> Vec<u8> {
                BYTES.get_with(n, || body::bytes(n))
            }

            fn page(n: u64) -> Page {
                PAGES.get_with(n, || body::page(n))
            }

            contender!(Who::with("moka, ttl", Has::ALL_BUT_FRESH));
        }
    };
}

rooms!(moka);
