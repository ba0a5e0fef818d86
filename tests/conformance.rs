//! Every store keeps every law, and the suite notices a store that does not.

#[macro_use]
#[path = "conformance/chapters.rs"]
mod chapters;
#[path = "conformance/faulty.rs"]
mod faulty;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use larder::backends::{Memory, Null, Plain, PlainStore};
use larder::conformance::{Chapter, Suite};
use larder::{Clock, Result};

/// A plain store over a map that everybody who clones it shares.
#[derive(Clone, Debug, Default)]
struct Map(Arc<Mutex<HashMap<String, Vec<u8>>>>);

impl Map {
    fn with<T>(&self, run: impl FnOnce(&mut HashMap<String, Vec<u8>>) -> T) -> T {
        run(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl PlainStore for Map {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.with(|map| map.get(key).cloned()))
    }

    fn set(&self, key: &str, bytes: &[u8], _: Option<Duration>) -> Result<()> {
        self.with(|map| map.insert(key.to_owned(), bytes.to_owned()));
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<()> {
        self.with(|map| map.remove(key));
        Ok(())
    }
}

/// A fresh store that reads the clock.
fn new_memory(clock: Clock) -> Memory {
    let built = Memory::builder().clock(clock).build();
    built.expect("the limits are the defaults")
}

fn memory() -> Suite {
    Suite::new(new_memory)
}

fn weighing_memory() -> Suite {
    Suite::new(|clock| {
        let builder = Memory::builder().clock(clock).max_bytes(64 << 20);
        builder.build().expect("there is room")
    })
}

#[cfg(feature = "moka")]
fn moka() -> Suite {
    Suite::new(|clock| larder::backends::Moka::with_clock(10_000, clock))
}

/// The leases of `Plain` are in its process, and its documentation says so: what several processes do
/// to one entry at the same time is not promised.
fn plain() -> Suite {
    NOT_BY_PLAIN.into_iter().fold(plains(), Suite::without)
}

const NOT_BY_PLAIN: [&str; 3] = [
    "of_two_processes_one_is_granted_the_lease",
    "a_delete_in_another_process_wins_over_a_computation",
    "two_processes_count_together",
];

fn plains() -> Suite {
    Suite::new(|clock| Plain::with_clock(Map::default(), clock)).shared_by(|clock| {
        let map = Map::default();
        [
            Plain::with_clock(map.clone(), clock.clone()),
            Plain::with_clock(map, clock),
        ]
    })
}

fn null() -> Suite {
    Suite::new(|_| Null).keeps_nothing()
}

keeps!(memory);
keeps!(weighing_memory);
#[cfg(feature = "moka")]
keeps!(moka);
keeps!(plain);
keeps!(null);

#[test]
fn a_store_with_its_own_idea_of_time_keeps_the_laws_of_lifetimes() {
    let suite = Suite::in_real_time(|| Memory::new(1_000));
    suite.chapter(Chapter::Lifetimes).run();
}

#[test]
#[should_panic(expected = "there is no law called `a_law_that_nobody_made`")]
fn a_law_that_does_not_exist_cannot_be_excused() {
    memory().without("a_law_that_nobody_made").run();
}
