//! `#[memoize(SharedCache, Capacity: ..., TimeToLive: ...)]` of the crate `memoize`.

use crate::contender::{contender, rooms};
use crate::table::{Has, Who};

macro_rules! peer {
    ($room:ident, $bound:tt, $which:expr) => {
        // It makes siblings that nobody calls, and clones what is `Copy`.
        #[allow(dead_code, clippy::clone_on_copy, clippy::needless_pass_by_value)]
        mod $room {
            use super::{Has, Who, contender};
            use crate::body::{self, Page};
            use memoize::memoize;
            use std::time::Duration;

            #[memoize(SharedCache, Capacity: $bound, TimeToLive: Duration::from_mins(5))]
            fn number(n: u64) -> u64 {
                body::number(n)
            }

            // It takes owned arguments only.
            #[memoize(SharedCache, Capacity: $bound, TimeToLive: Duration::from_mins(5))]
            fn owned_text(n: u64, name: String) -> String {
                body::text(n, &name)
            }

            fn text(n: u64, name: &str) -> String {
                owned_text(n, name.to_owned())
            }

            #[memoize(SharedCache, Capacity: $bound, TimeToLive: Duration::from_mins(5))]
            fn bytes(n: u64) -> Vec<u8> {
                body::bytes(n)
            }

            #[memoize(SharedCache, Capacity: $bound, TimeToLive: Duration::from_mins(5))]
            fn page(n: u64) -> Page {
                body::page(n)
            }

            contender!(Who::with(
                "memoize, shared, capacity + ttl",
                Has::BOUND_AND_TIMEOUT
            ));
        }
    };
}

rooms!(peer);
