//! The fingerprints that this process has found: each type is asked once.

use std::any::{TypeId, type_name};
use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use serde_core::de::DeserializeOwned;

use super::{shape, shape_by_name};

/// A number that types share which read the same bytes alike.
///
/// The first call for a type runs its `Deserialize`, under no lock: it may use a cache itself.
pub(crate) fn fingerprint<T: DeserializeOwned + 'static>() -> u64 {
    let of = TypeId::of::<T>();
    find(of).unwrap_or_else(|| find_out::<T>(of))
}

/// An entry of a list that only grows, so that reading it takes no lock.
struct Known {
    of: TypeId,
    fingerprint: u64,
    next: Link,
}

type Link = OnceLock<Box<Known>>;

/// Lists, so that each is short.
static KNOWN: [Link; LISTS] = [const { Link::new() }; LISTS];

const LISTS: usize = 64;

#[allow(clippy::cast_possible_truncation)] // the low bits of a hash
fn list(of: TypeId) -> &'static Link {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    &KNOWN[hasher.finish() as usize % LISTS]
}

fn find(of: TypeId) -> Option<u64> {
    let mut link = list(of);
    while let Some(known) = link.get() {
        if known.of == of {
            return Some(known.fingerprint);
        }
        link = &known.next;
    }
    None
}

/// Keeps a fingerprint; answers the one that is kept, if another thread was faster.
fn keep(of: TypeId, fingerprint: u64) -> u64 {
    let entry = || {
        Box::new(Known {
            of,
            fingerprint,
            next: Link::new(),
        })
    };
    let mut link = list(of);
    loop {
        let known = link.get_or_init(entry);
        if known.of == of {
            return known.fingerprint;
        }
        link = &known.next;
    }
}

#[cold]
fn find_out<T: DeserializeOwned>(of: TypeId) -> u64 {
    let Some(_tracing) = Tracing::start(of) else {
        return shape_by_name::<T>().fingerprint;
    };
    let shape = shape::<T>();
    if !shape.whole {
        let name = type_name::<T>();
        log::debug!("not all of `{name}` can be seen: what is kept of it is known by this name");
    }
    keep(of, shape.fingerprint)
}

/// This thread asks a type. Should its `Deserialize` use a cache of the same type, then that one
/// does not ask again, and so on without end.
struct Tracing;

thread_local! {
    static TRACED: RefCell<Vec<TypeId>> = const { RefCell::new(Vec::new()) };
}

impl Tracing {
    fn start(of: TypeId) -> Option<Self> {
        // What runs when the thread has ended already does not ask.
        let is_traced = TRACED.try_with(|traced| traced.borrow().contains(&of));
        (is_traced == Ok(false)).then(|| {
            TRACED.with_borrow_mut(|traced| traced.push(of));
            Self
        })
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        TRACED.with_borrow_mut(Vec::pop);
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use crate::shape::{shape, shape_by_name};
    use serde::{Deserialize, Deserializer};
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::thread;

    /// Counts how often it is asked for.
    struct Counted;

    static ASKED: AtomicU64 = AtomicU64::new(0);

    impl<'de> Deserialize<'de> for Counted {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            ASKED.fetch_add(1, SeqCst);
            u8::deserialize(deserializer).map(|_| Self)
        }
    }

    #[test]
    fn a_type_is_asked_once() {
        assert_eq!(fingerprint::<Counted>(), fingerprint::<u8>());
        assert_eq!(ASKED.load(SeqCst), 1);
        for _ in 0..100 {
            assert_eq!(fingerprint::<Counted>(), fingerprint::<u8>());
        }
        assert_eq!(ASKED.load(SeqCst), 1);
    }

    #[test]
    fn many_types_are_kept_apart() {
        macro_rules! are_kept {
            ($($length:literal)*) => {
                for _ in 0..2 {
                    $(assert_eq!(fingerprint::<[u8; $length]>(), shape::<[u8; $length]>().fingerprint);
                    assert_eq!(fingerprint::<[u16; $length]>(), shape::<[u16; $length]>().fingerprint);
                    assert_eq!(fingerprint::<[u32; $length]>(), shape::<[u32; $length]>().fingerprint);
                    assert_eq!(fingerprint::<[u64; $length]>(), shape::<[u64; $length]>().fingerprint);)*
                }
            };
        }
        are_kept!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
    }

    /// Has a `Deserialize` that uses caches of its own type and of another, as that one's does.
    macro_rules! asks_for {
        ($name:ident $other:ident) => {
            struct $name;
            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let _ = (fingerprint::<$name>(), fingerprint::<$other>());
                    u64::deserialize(deserializer).map(|_| Self)
                }
            }
        };
    }

    asks_for!(Chicken Egg);
    asks_for!(Egg Chicken);

    #[test]
    fn types_that_ask_for_each_other_come_to_an_end() {
        let threads: Vec<_> = (0..8)
            .map(|_| thread::spawn(|| (fingerprint::<Chicken>(), fingerprint::<Egg>())))
            .collect();
        let u64s = fingerprint::<u64>();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), (u64s, u64s));
        }
    }

    struct Sudden;

    impl<'de> Deserialize<'de> for Sudden {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("on purpose")
        }
    }

    #[test]
    fn a_panic_poisons_nothing() {
        let by_name = shape_by_name::<Sudden>().fingerprint;
        assert_eq!(fingerprint::<Sudden>(), fingerprint::<Sudden>());
        assert_ne!(fingerprint::<Sudden>(), by_name);
        assert_eq!(fingerprint::<u64>(), fingerprint::<u64>());
    }
}
