//! Law: fresh after invalidate, over histories of several processes that share a store to which
//! things happen.
//!
//! Each test is a fault with its verdict, as its comment says it: the guarantee holds, or which
//! documented weakening is allowed, and then no more than that. Workers are this very program, run
//! again; what they do is written down and checked afterwards (`tests/history`). The source of truth
//! is a second server that nothing happens to. The figures go to stderr, whether or not a test
//! passes.
#![cfg(feature = "redis")]

#[path = "faults/any_server.rs"]
mod any_server;
#[path = "faults/functions.rs"]
mod functions;
#[path = "faults/headline.rs"]
mod headline;
mod history;
#[path = "kinds/redis.rs"]
mod kind;
#[path = "faults/network.rs"]
mod network;
#[path = "redis_faults/one_server.rs"]
mod one_server;
#[path = "faults/order.rs"]
mod order;
#[path = "faults/pantry.rs"]
mod pantry;
#[path = "faults/processes.rs"]
mod processes;
#[path = "faults/run.rs"]
mod run;
mod servers;
#[path = "faults/source.rs"]
mod source;
#[path = "redis_faults/topologies.rs"]
mod topologies;
#[path = "faults/totals.rs"]
mod totals;
#[path = "faults/worker.rs"]
mod worker;

/// Not a test: what the tests run in processes of their own.
#[test]
fn worker() {
    if let Some(order) = order::Order::given() {
        worker::work(&order);
    }
}
