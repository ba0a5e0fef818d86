//! The flight table under explored schedules: threads and tasks that start, wait, take over and
//! are dropped in every order that a random walk finds.
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test -p larder-core --features codec --test shuttle_flights`
#![cfg(shuttle)]

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use larder_core::cache::Cache;
use larder_core::error::Result;
use larder_core::plain::{Plain, PlainStore};
use shuttle::sync::atomic::{AtomicU64, Ordering};
use shuttle::{check_random, future, thread};

const SCHEDULES: usize = 20_000;

/// A store whose own lock is never held across a step of the explorer.
#[derive(Debug, Default)]
struct Map(Mutex<HashMap<String, Vec<u8>>>);

impl PlainStore for Map {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    fn set(&self, key: &str, bytes: &[u8], _: Option<Duration>) -> Result<()> {
        self.0.lock().unwrap().insert(key.into(), bytes.into());
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<()> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }
}

/// A cache, a source that its computations read, and how often they did.
struct World {
    cache: Cache,
    source: AtomicU64,
    computed: AtomicU64,
}

impl World {
    fn new() -> Arc<Self> {
        let backend = Plain::with_clock(Map::default(), larder_core::clock::Clock::manual());
        let builder = Cache::builder().backend(backend).key_prefix("t:");
        Arc::new(Self {
            cache: builder.build().unwrap(),
            source: AtomicU64::new(0),
            computed: AtomicU64::new(0),
        })
    }

    fn compute(&self) -> u64 {
        self.computed.fetch_add(1, Ordering::SeqCst);
        let value = self.source.load(Ordering::SeqCst);
        thread::yield_now();
        value
    }

    fn call(&self) -> u64 {
        self.cache
            .get_or_compute_with("k", 60, || self.compute())
            .wait()
    }

    fn call_once(&self) {
        let version = self.call();
        assert!(version <= self.source.load(Ordering::SeqCst));
    }

    async fn call_async(&self) -> u64 {
        let body = async {
            future::yield_now().await;
            self.compute()
        };
        self.cache.get_or_compute("k", 60, body).await
    }

    /// Changes the source, then invalidates; a call after it must see the change.
    fn change(&self, invalidate: impl FnOnce(&Cache)) {
        let version = self.source.fetch_add(1, Ordering::SeqCst) + 1;
        invalidate(&self.cache);
        assert!(self.call() >= version, "stale after an invalidation");
    }
}

fn spawn(world: &Arc<World>, run: impl FnOnce(&World) + Send + 'static) -> thread::JoinHandle<()> {
    let world = Arc::clone(world);
    thread::spawn(move || run(&world))
}

#[test]
fn callers_of_one_key_share_one_computation() {
    check_random(
        || {
            let world = World::new();
            let callers: Vec<_> = (0..4)
                .map(|_| spawn(&world, |world| assert_eq!(world.call(), 0)))
                .collect();
            callers
                .into_iter()
                .for_each(|caller| caller.join().unwrap());
            assert_eq!(world.computed.load(Ordering::SeqCst), 1);
            assert_eq!(world.cache.in_flight(), 0);
        },
        SCHEDULES,
    );
}

#[test]
fn nobody_is_served_what_was_computed_before_a_delete() {
    check_random(
        || {
            let world = World::new();
            let callers = [
                spawn(&world, World::call_once),
                spawn(&world, World::call_once),
                spawn(&world, |world| {
                    world.change(|cache| drop(cache.delete("k").wait()))
                }),
                spawn(&world, |world| {
                    world.change(|cache| drop(cache.delete("k").wait()))
                }),
            ];
            callers
                .into_iter()
                .for_each(|caller| caller.join().unwrap());
        },
        SCHEDULES,
    );
}

#[test]
fn nobody_is_served_what_was_computed_before_a_clear() {
    check_random(
        || {
            let world = World::new();
            let callers = [
                spawn(&world, World::call_once),
                spawn(&world, World::call_once),
                spawn(&world, |world| {
                    world.change(|cache| cache.clear().wait().unwrap())
                }),
                spawn(&world, |world| {
                    world.change(|cache| drop(cache.delete("k").wait()))
                }),
            ];
            callers
                .into_iter()
                .for_each(|caller| caller.join().unwrap());
        },
        SCHEDULES,
    );
}

/// Polls a call so often and drops it, wherever it is then.
fn give_up_after(world: &World, polls: usize) {
    let mut call = pin!(world.call_async());
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if call.as_mut().poll(&mut context) != Poll::Pending {
            return;
        }
        thread::yield_now();
    }
}

#[test]
fn a_dropped_leader_hands_over_and_nobody_hangs() {
    check_random(
        || {
            let world = World::new();
            let callers = [
                spawn(&world, |world| give_up_after(world, 1)),
                spawn(&world, |world| give_up_after(world, 1)),
                spawn(&world, |world| assert_eq!(world.call(), 0)),
                spawn(&world, |world| {
                    assert_eq!(future::block_on(world.call_async()), 0);
                }),
            ];
            callers
                .into_iter()
                .for_each(|caller| caller.join().unwrap());
            assert_eq!(world.cache.in_flight(), 0, "a flight is left behind");
            let computed = world.computed.load(Ordering::SeqCst);
            assert_eq!(computed, 1, "exactly one takes over");
        },
        SCHEDULES,
    );
}

#[test]
fn a_dropped_follower_leaves_nothing_behind() {
    check_random(
        || {
            let world = World::new();
            let callers = [
                spawn(&world, |world| give_up_after(world, 2)),
                spawn(&world, |world| give_up_after(world, 1)),
                spawn(&world, |world| give_up_after(world, 3)),
            ];
            callers
                .into_iter()
                .for_each(|caller| caller.join().unwrap());
            assert_eq!(world.cache.in_flight(), 0, "a flight is left behind");
        },
        SCHEDULES,
    );
}
