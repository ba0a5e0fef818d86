//! `#[memoize(timeout = ...)]` over `Memory`.

use crate::contender::{contender, rooms};
use crate::table::Who;

macro_rules! larder {
    ($room:ident, $bound:tt, $which:expr) => {
        mod $room {
            use super::{Who, contender};
            use crate::body::{self, Page};
            use larder::{Cache, backends::Memory, memoize};
            use std::sync::LazyLock;

            // The peers have a cache for each function, and so has larder here.
            static NUMBERS: LazyLock<Cache> = LazyLock::new(cache);
            static TEXTS: LazyLock<Cache> = LazyLock::new(cache);
            static BYTES: LazyLock<Cache> = LazyLock::new(cache);
            static PAGES: LazyLock<Cache> = LazyLock::new(cache);

            fn cache() -> Cache {
                let builder = Cache::builder().backend(Memory::new($bound));
                builder.build().expect("the configuration is right")
            }

            #[memoize(timeout = 300, cache = &*NUMBERS)]
            fn number(n: u64) -> u64 {
                body::number(n)
            }

            #[memoize(timeout = 300, cache = &*TEXTS)]
            fn text(n: u64, name: &str) -> String {
                body::text(n, name)
            }

            #[memoize(timeout = 300, cache = &*BYTES)]
            fn bytes(n: u64) -> Vec<u8> {
                body::bytes(n)
            }

            #[memoize(timeout = 300, cache = &*PAGES, local)]
            fn page(n: u64) -> Page {
                body::page(n)
            }

            contender!(Who::ours("larder"));
        }
    };
}

rooms!(larder);
