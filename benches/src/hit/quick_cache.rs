//! `quick_cache::sync::Cache` by hand; it knows no timeouts.

use crate::contender::{contender, rooms};
use crate::table::{Has, Who};

macro_rules! quick_cache {
    ($room:ident, $bound:tt, $which:expr) => {
        mod $room {
            use super::{Has, Who, contender};
            use crate::body::{self, Page};
            use crate::hit::borrowed::Borrowed;
            use quick_cache::sync::Cache;
            use std::convert::Infallible;
            use std::sync::LazyLock;

            static NUMBERS: LazyLock<Cache<u64, u64>> = LazyLock::new(|| Cache::new($bound));
            static TEXTS: LazyLock<Cache<(u64, String), String>> =
                LazyLock::new(|| Cache::new($bound));
            static BYTES: LazyLock<Cache<u64, Vec<u8>>> = LazyLock::new(|| Cache::new($bound));
            static PAGES: LazyLock<Cache<u64, Page>> = LazyLock::new(|| Cache::new($bound));

            fn done<T>(found: Result<T, Infallible>) -> T {
                found.unwrap_or_else(|never| match never {})
            }

            fn number(n: u64) -> u64 {
                done(NUMBERS.get_or_insert_with(&n, || Ok(body::number(n))))
            }

            fn text(n: u64, name: &str) -> String {
                let keep = || {
                    let key = (n, name.to_owned());
                    done(TEXTS.get_or_insert_with(&key, || Ok(body::text(n, name))))
                };
                TEXTS.get(&Borrowed(n, name)).unwrap_or_else(keep)
            }

            fn bytes(n: u64) -> Vec<u8> {
                done(BYTES.get_or_insert_with(&n, || Ok(body::bytes(n))))
            }

            fn page(n: u64) -> Page {
                done(PAGES.get_or_insert_with(&n, || Ok(body::page(n))))
            }

            contender!(Who::with("quick_cache", Has::ALL_BUT_TIMEOUT));
        }
    };
}

rooms!(quick_cache);
