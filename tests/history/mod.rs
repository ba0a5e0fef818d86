//! Histories of real runs, and the laws that they must keep.
//!
//! Every process writes what it does into a file of its own, in intervals of one clock: what it
//! invalidates and how that was answered, what it computes and from which version of the source,
//! what it calls and what it gets. Merged and read once in the order of time, they show whether
//!
//! * a call that began after an invalidation had been acknowledged got a value whose computation
//!   began after that invalidation did, in whatever process;
//! * an invalidation held at once in the process that made it, acknowledged or not;
//! * a key was computed once at a time, unless an invalidation came in between;
//! * a value was what was computed under its key, and an error reached nobody but its own caller;
//! * every call came to an end, and every process that is left recovered.
#![allow(dead_code)] // every test file takes what it needs

pub(crate) mod clock;
mod errors;
mod exclusive;
pub(crate) mod figures;
mod floor;
mod fresh;
pub(crate) mod journal;
pub(crate) mod merged;
pub(crate) mod record;
mod recovery;
pub(crate) mod scope;
pub(crate) mod verdict;
mod world;
