//! A store of one's own, from nothing: one SQLite file is the cache of all processes of a machine.
//!
//! `docs/guide/11-your-own-store.md` builds it step by step. How to find your way: [`Sqlite`] is the
//! [`Backend`](larder::backends::Backend); what it does is in `protocol`, the freshness protocol as
//! transactions; what they read and write is in `rows`, and how a transaction is run in `database`.

mod database;
mod protocol;
mod rows;
mod store;

pub use store::Sqlite;
