//! Which store is tested, what it promises, and by which laws.

use std::sync::Arc;
use std::time::Duration;

use super::chapter::{Chapter, Need};
use crate::backend::Backend;
use crate::clock::Clock;

/// The laws of a store, ready to run.
///
/// Without options a store promises everything: it keeps what it is given up to 16 MiB, tells
/// timeouts apart to the tenth of a second, and no other store holds the same entries.
///
/// ```
/// # use larder_core::clock::Clock;
/// # use larder_core::conformance::{Chapter, Suite};
/// # use larder_core::error::Result;
/// # use larder_core::plain::{Plain, PlainStore};
/// # use std::{collections::HashMap, sync::Mutex, time::Duration};
/// # #[derive(Debug, Default)]
/// # struct MyStore(Mutex<HashMap<String, Vec<u8>>>);
/// # impl PlainStore for MyStore {
/// #     fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
/// #         Ok(self.0.lock().unwrap().get(key).cloned())
/// #     }
/// #     fn set(&self, key: &str, bytes: &[u8], _: Option<Duration>) -> Result<()> {
/// #         self.0.lock().unwrap().insert(key.into(), bytes.into());
/// #         Ok(())
/// #     }
/// #     fn delete(&self, key: &str) -> Result<()> {
/// #         self.0.lock().unwrap().remove(key);
/// #         Ok(())
/// #     }
/// # }
/// Suite::new(|clock| Plain::with_clock(MyStore::default(), clock))
///     .largest_value(1 << 20)
///     .chapter(Chapter::Leases)
///     .run();
/// ```
#[derive(Clone)]
#[must_use = "a suite does nothing until `run`"]
pub struct Suite {
    pub(super) make: Make,
    pub(super) twins: Option<MakeTwins>,
    pub(super) manual: bool,
    pub(super) keeps: bool,
    pub(super) largest: usize,
    pub(super) resolution: Duration,
    pub(super) rounds: u32,
    pub(super) patience: Duration,
    pub(super) chapter: Option<Chapter>,
    pub(super) only: Option<&'static str>,
    pub(super) excused: Vec<&'static str>,
}

pub(super) type Make = Arc<dyn Fn(Clock) -> Box<dyn Backend> + Send + Sync>;
pub(super) type MakeTwins = Arc<dyn Fn(Clock) -> [Box<dyn Backend>; 2] + Send + Sync>;

impl Suite {
    /// The suite of a store that reads the clock it is given. The factory makes a fresh, empty
    /// store each time.
    ///
    /// A store that other programs use at the same time, or that a factory cannot empty, need not
    /// be empty: every law works under a key prefix of its own.
    pub fn new<B: Backend>(make: impl Fn(Clock) -> B + Send + Sync + 'static) -> Self {
        Self {
            make: Arc::new(move |clock| Box::new(make(clock))),
            twins: None,
            manual: true,
            keeps: true,
            largest: 16 << 20,
            resolution: Duration::from_millis(100),
            rounds: 300,
            patience: Duration::from_secs(120),
            chapter: None,
            only: None,
            excused: Vec::new(),
        }
    }

    /// The suite of a store that has its own idea of time: laws about timeouts sleep.
    pub fn in_real_time<B: Backend>(make: impl Fn() -> B + Send + Sync + 'static) -> Self {
        let mut suite = Self::new(move |_| make());
        suite.manual = false;
        suite
    }

    /// Adds the laws of several caches on one store. The factory makes two backends over one fresh
    /// store, as two processes would.
    pub fn shared_by<B: Backend>(
        mut self,
        make: impl Fn(Clock) -> [B; 2] + Send + Sync + 'static,
    ) -> Self {
        let boxed = |backend| -> Box<dyn Backend> { Box::new(backend) };
        self.twins = Some(Arc::new(move |clock| make(clock).map(boxed)));
        self
    }

    /// The store keeps nothing, like `Null`: it is held to the laws that this leaves.
    pub fn keeps_nothing(mut self) -> Self {
        self.keeps = false;
        self
    }

    /// The store keeps values up to so many bytes. 16 MiB unless set.
    pub fn largest_value(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// The store tells timeouts apart that differ by so much. A tenth of a second unless set; with
    /// a second or more, sub-second timeouts are not tested.
    pub fn resolution(mut self, resolution: Duration) -> Self {
        self.resolution = resolution;
        self
    }

    /// Runs every race so many times. 300 unless set.
    pub fn rounds(mut self, rounds: u32) -> Self {
        self.rounds = rounds;
        self
    }

    /// Takes a law that has not ended after so long for hung. Two minutes unless set.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Runs one chapter only.
    pub fn chapter(mut self, chapter: Chapter) -> Self {
        self.chapter = Some(chapter);
        self
    }

    /// Runs one law only, by its name.
    pub fn law(mut self, name: &'static str) -> Self {
        self.only = Some(name);
        self
    }

    /// Excuses the store from a law, by its name. Say why where you do it.
    pub fn without(mut self, name: &'static str) -> Self {
        self.excused.push(name);
        self
    }

    /// Whether the store promises what a law needs.
    pub(super) fn promises(&self, need: Need) -> bool {
        match need {
            Need::Any => true,
            Need::Keeping => self.keeps,
            Need::Nothing => !self.keeps,
            Need::Twins => self.keeps && self.twins.is_some(),
        }
    }
}
