//! What no cache with a bound can reach.

/// A table that never changes, under the fastest hash there is.
pub mod frozen {
    use crate::contender::{contender, rooms};
    use crate::table::Who;

    macro_rules! frozen {
        ($room:ident, $bound:tt, $which:expr) => {
            mod $room {
                use super::{Who, contender};
                use crate::body::{self, Page};
                use crate::contender::{key, named};
                use crate::hit::borrowed::Borrowed;
                use hashbrown::HashMap;
                use std::hash::Hash;
                use std::sync::LazyLock;

                type Table<K, V> = LazyLock<HashMap<K, V, foldhash::fast::RandomState>>;

                static NUMBERS: Table<u64, u64> = LazyLock::new(|| frozen(key, body::number));
                static TEXTS: Table<(u64, String), String> = LazyLock::new(|| {
                    let owned = |(n, name): (u64, &str)| (n, name.to_owned());
                    frozen(
                        |index| owned(named(index)),
                        |(n, name)| body::text(n, &name),
                    )
                });
                static BYTES: Table<u64, Vec<u8>> = LazyLock::new(|| frozen(key, body::bytes));
                static PAGES: Table<u64, Page> = LazyLock::new(|| frozen(key, body::page));

                fn frozen<K: Clone + Eq + Hash, V>(
                    key: impl Fn(usize) -> K,
                    compute: impl Fn(K) -> V,
                ) -> HashMap<K, V, foldhash::fast::RandomState> {
                    let keys = (0..$which.keys()).map(key);
                    keys.map(|key| (key.clone(), compute(key))).collect()
                }

                fn number(n: u64) -> u64 {
                    NUMBERS[&n]
                }

                fn text(n: u64, name: &str) -> String {
                    TEXTS[&Borrowed(n, name)].clone()
                }

                fn bytes(n: u64) -> Vec<u8> {
                    BYTES[&n].clone()
                }

                fn page(n: u64) -> Page {
                    PAGES[&n].clone()
                }

                contender!(Who::limit("limit: frozen table, fast hash, clone"));
            }
        };
    }

    rooms!(frozen);
}

/// The hash of larder's keys, and nothing else.
pub mod hashed {
    use crate::contender::{Contender, pass};
    use crate::table::Who;
    use siphasher::sip128::{Hash128, Hasher128, SipHasher13};
    use std::hash::Hash;

    /// Hashes a key and forgets it.
    pub fn sip(key: impl Hash) -> Hash128 {
        let mut hasher = SipHasher13::new_with_keys(1, 2);
        key.hash(&mut hasher);
        hasher.finish128()
    }

    /// The limit as a contender.
    pub fn contender() -> Contender {
        Contender {
            who: Who::limit("limit: SipHash-1-3-128 of the arguments"),
            number: pass!(sip),
            text: pass!(sip),
            bytes: pass!(sip),
            page: pass!(sip),
        }
    }
}
