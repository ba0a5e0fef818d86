//! The laws of a store as a test suite.
//!
//! Whoever writes a store runs it against all of them in one line of a test:
//!
//! ```no_run
//! # use larder_core::{clock::Clock, plain::{Plain, PlainStore}};
//! # fn make<S: PlainStore + Default>() {
//! larder_core::conformance::run(|clock| Plain::with_clock(S::default(), clock));
//! # }
//! ```
//!
//! The factory makes a fresh, empty store for every law and hands it the
//! [manual](crate::clock::Clock::manual) clock that the law moves. A store that cannot take a clock
//! is tested [in real time](Suite::in_real_time), with short sleeps; what a store does not promise
//! is said to the [`Suite`].
//!
//! There are two levels. The laws of [`Backend`] are tested through the
//! trait itself: leases, invalidations, commands whose reply is dropped, user code under locks.
//! What users see of a store is tested through a [`Cache`](crate::cache::Cache) built over it:
//! values, timeouts, manual keys, many threads. A law that is broken is named, with what was seen
//! and what to do about it:
//!
//! ```text
//! law `deleting_an_entry_deletes_its_lease` is broken
//!   seen:   `store` under a lease granted before the delete answered Kept, not Lost
//!   advice: the value was computed before: whatever deletes or writes an entry removes its lease ...
//! ```
//!
//! If many are broken, begin with the first: others may follow from it. The guide's chapter
//! `docs/guide/11-your-own-store.md` writes a store from nothing and reads two such messages.
#![doc = include_str!("conformance/laws.md")]

mod bench;
mod catalogue;
mod chapter;
mod contests;
mod desk;
mod extending;
mod invalidation;
mod keyring;
mod keys;
mod law;
mod leases;
mod lifetimes;
mod processes;
mod races;
mod run;
mod sharing;
mod suite;
mod tags;
mod time;
mod user_code;
mod values;
mod verdict;

use crate::backend::Backend;
use crate::clock::Clock;

pub use chapter::Chapter;
pub use keyring::{EntryKey, Keyring};
pub use run::Failure;
pub use suite::Suite;

/// Tests a store that reads the clock it is given against every law.
///
/// The same as [`Suite::new`] and [`Suite::run`].
///
/// # Panics
///
/// Panics if the store breaks a law; the message names every broken one.
pub fn run<B: Backend>(make: impl Fn(Clock) -> B + Send + Sync + 'static) {
    Suite::new(make).run();
}
