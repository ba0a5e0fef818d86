//! The three ways of `cached`.

/// `#[cached]` alone: it grows for ever.
pub mod plain {
    use crate::contender::{contender, rooms};
    use crate::table::{Has, Who};

    macro_rules! plain {
        ($room:ident, $bound:tt, $which:expr) => {
            mod $room {
                use super::{Has, Who, contender};
                use crate::body::{self, Page};
                use cached::macros::cached;

                #[cached]
                fn number(n: u64) -> u64 {
                    body::number(n)
                }

                #[cached]
                fn text(n: u64, name: &str) -> String {
                    body::text(n, name)
                }

                #[cached]
                fn bytes(n: u64) -> Vec<u8> {
                    body::bytes(n)
                }

                #[cached]
                fn page(n: u64) -> Page {
                    body::page(n)
                }

                contender!(Who::with("cached", Has::NOTHING));
            }
        };
    }

    rooms!(plain);
}

/// `#[cached(max_size = ..., ttl_secs = ...)]`.
pub mod bounded {
    use crate::contender::{contender, rooms};
    use crate::table::{Has, Who};

    macro_rules! bounded {
        ($room:ident, $bound:tt, $which:expr) => {
            mod $room {
                use super::{Has, Who, contender};
                use crate::body::{self, Page};
                use cached::macros::cached;

                #[cached(max_size = $bound, ttl_secs = 300)]
                fn number(n: u64) -> u64 {
                    body::number(n)
                }

                #[cached(max_size = $bound, ttl_secs = 300)]
                fn text(n: u64, name: &str) -> String {
                    body::text(n, name)
                }

                #[cached(max_size = $bound, ttl_secs = 300)]
                fn bytes(n: u64) -> Vec<u8> {
                    body::bytes(n)
                }

                #[cached(max_size = $bound, ttl_secs = 300)]
                fn page(n: u64) -> Page {
                    body::page(n)
                }

                contender!(Who::with("cached, size + ttl", Has::BOUND_AND_TIMEOUT));
            }
        };
    }

    rooms!(bounded);
}

/// `#[concurrent_cached(max_size = ..., ttl_secs = ...)]`.
pub mod sharded {
    use crate::contender::{contender, rooms};
    use crate::table::{Has, Who};

    macro_rules! sharded {
        ($room:ident, $bound:tt, $which:expr) => {
            mod $room {
                use super::{Has, Who, contender};
                use crate::body::{self, Page};
                use cached::macros::concurrent_cached;

                #[concurrent_cached(max_size = $bound, ttl_secs = 300)]
                fn number(n: u64) -> u64 {
                    body::number(n)
                }

                #[concurrent_cached(max_size = $bound, ttl_secs = 300)]
                fn text(n: u64, name: &str) -> String {
                    body::text(n, name)
                }

                #[concurrent_cached(max_size = $bound, ttl_secs = 300)]
                fn bytes(n: u64) -> Vec<u8> {
                    body::bytes(n)
                }

                #[concurrent_cached(max_size = $bound, ttl_secs = 300)]
                fn page(n: u64) -> Page {
                    body::page(n)
                }

                contender!(Who::with(
                    "concurrent_cached, size + ttl",
                    Has::BOUND_AND_TIMEOUT
                ));
            }
        };
    }

    rooms!(sharded);
}
