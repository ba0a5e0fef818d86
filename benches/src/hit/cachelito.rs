//! `#[cache(limit = ..., ttl = ...)]` of `cachelito`.

use crate::contender::{contender, rooms};
use crate::table::{Has, Who};

macro_rules! cachelito {
    ($room:ident, $bound:tt, $which:expr) => {
        mod $room {
            use super::{Has, Who, contender};
            use crate::body::{self, Page};
            use cachelito::cache;

            #[cache(limit = $bound, ttl = 300)]
            fn number(n: u64) -> u64 {
                body::number(n)
            }

            #[cache(limit = $bound, ttl = 300)]
            fn text(n: u64, name: &str) -> String {
                body::text(n, name)
            }

            #[cache(limit = $bound, ttl = 300)]
            fn bytes(n: u64) -> Vec<u8> {
                body::bytes(n)
            }

            #[cache(limit = $bound, ttl = 300)]
            fn page(n: u64) -> Page {
                body::page(n)
            }

            contender!(Who::with("cachelito, limit + ttl", Has::BOUND_AND_TIMEOUT));
        }
    };
}

rooms!(cachelito);
