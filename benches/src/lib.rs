//! larder beside its peers, measured in one run.
//!
//! A [row](row::Row) is one question, and runs in a process of its own. Its contenders take turns, round by
//! round, so that what else the machine does meets them all; what is told of them is the median and the
//! quartiles. The answers are [tables](table::Table), kept in `docs/benchmarks/figures.json`, from which
//! [`report`] writes the page and its plots.
#![allow(
    clippy::missing_panics_doc,
    reason = "a measurement that goes wrong ends its process"
)]

pub mod async_hit;
pub mod body;
pub mod child;
pub mod contender;
pub mod cost;
pub mod count;
pub mod crowd;
pub mod effort;
pub mod hit;
pub mod keys;
pub mod lane;
pub mod miss;
pub mod pattern;
mod peers;
pub mod random;
pub mod ratio;
pub mod redis;
pub mod report;
pub mod root;
pub mod row;
pub mod server;
pub mod stats;
pub mod stores;
pub mod table;
pub mod timing;
pub mod trace;
pub mod weight;
pub mod zipf;
