//! Law: who reads often reads beside the line, and nobody can tell but by the time that it takes.
#![cfg(feature = "redis")]

mod common;
mod servers;

use std::pin::pin;
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use common::{Runs, ends, until};
use larder::backends::Redis;
use larder::{Cache, memoize};
use servers::patient::cache as patient;
use servers::server::RedisServer;
use tokio::runtime::{Builder, Runtime};

/// More reads than are made without a way of one's own.
const MANY: u64 = 2_000;

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime")
}

/// How many connections there are, with that of who asks.
fn connections(server: &RedisServer) -> usize {
    let list = server.command(["CLIENT", "LIST"]).text();
    list.lines().count()
}

/// Asks until it is read beside the line.
fn until_beside(server: &RedisServer, ask: impl Fn()) {
    let before = connections(server);
    until(|| {
        (0..100).for_each(|_| ask());
        connections(server) > before
    });
}

async fn read(cache: &Cache, key: &str) -> Option<u64> {
    cache.get(key).await.expect("the server is there")
}

#[test]
fn a_runtime_has_a_connection_of_its_own_until_it_ends() {
    let server = RedisServer::start();
    let cache = patient(&server, "own:");
    cache.set("k", &1_u64, 60).wait().unwrap();
    let before = connections(&server);
    let runtime = runtime();
    until_beside(&server, || {
        assert_eq!(runtime.block_on(read(&cache, "k")), Some(1));
    });
    drop(runtime);
    until(|| connections(&server) <= before);
    assert_eq!(cache.get::<u64>("k").wait().unwrap(), Some(1));
}

#[test]
fn threads_have_connections_until_the_store_ends() {
    let server = RedisServer::start();
    let cache = patient(&server, "threads:");
    cache.set("k", &1_u64, 60).wait().unwrap();
    until_beside(&server, || {
        assert_eq!(cache.get::<u64>("k").wait().unwrap(), Some(1));
    });
    drop(cache);
    until(|| connections(&server) == 1);
}

#[test]
fn what_was_deleted_or_written_before_is_seen() {
    let server = RedisServer::start();
    let cache = patient(&server, "order:");
    let runtime = runtime();
    for n in 0..MANY {
        // Nobody waits for the writes.
        drop(cache.set("k", &n, 60));
        assert_eq!(runtime.block_on(read(&cache, "k")), Some(n));
        assert_eq!(cache.get::<u64>("k").wait().unwrap(), Some(n));
        drop(cache.delete("k"));
        assert_eq!(cache.get::<u64>("k").wait().unwrap(), None);
        assert_eq!(runtime.block_on(read(&cache, "k")), None);
    }
}

#[test]
fn what_another_process_deleted_is_computed_anew() {
    static RUNS: Runs = Runs::new();
    #[memoize]
    async fn counted() -> u64 {
        RUNS.count()
    }
    let server = RedisServer::start();
    let (one, other) = (patient(&server, "two:"), patient(&server, "two:"));
    let runtime = runtime();
    let ask = |cache: &Cache| {
        let asked = larder::scope::with_cache(cache, counted());
        runtime.block_on(asked)
    };
    until_beside(&server, || assert!(ask(&one) > 0));
    for _ in 0..200 {
        let before = ask(&one);
        let delete = larder::scope::with_cache(&other, delete_memoized_counted());
        runtime.block_on(delete).unwrap();
        assert_ne!(ask(&one), before);
    }
}

#[test]
fn a_runtime_that_stands_still_holds_nobody_up() {
    ends(|| {
        let server = RedisServer::start();
        let redis = Redis::connect(server.url()).wait().unwrap();
        let builder = Cache::builder().backend(redis).key_prefix("still:");
        let cache = builder.build().unwrap();
        cache.set("k", &1_u64, 60).wait().unwrap();
        let runtime = runtime();
        until_beside(&server, || {
            runtime.block_on(async { cache.get::<u64>("k").await.unwrap() });
        });
        // Sent by the lane of the runtime, which nobody runs from now on.
        let mut asked = pin!(cache.get::<u64>("k"));
        let inside = runtime.enter();
        let mut nobody = Context::from_waker(Waker::noop());
        assert!(asked.as_mut().poll(&mut nobody).is_pending());
        drop(inside);
        let begin = Instant::now();
        let answer = futures_wait(asked);
        assert_eq!(answer.unwrap(), Some(1));
        assert!(begin.elapsed() < Duration::from_secs(2));
    });
}

#[test]
fn a_server_that_dies_and_comes_back_is_used_again() {
    ends(|| {
        let mut server = RedisServer::start();
        let redis = Redis::connect(server.url()).wait().unwrap();
        let builder = Cache::builder().backend(redis).key_prefix("dies:");
        let cache = builder.build().unwrap();
        let runtime = runtime();
        for _ in 0..2 {
            until(|| cache.set("k", &1_u64, 60).wait().is_ok());
            until_beside(&server, || {
                runtime.block_on(async { drop(cache.get::<u64>("k").await) });
            });
            until_beside(&server, || drop(cache.get::<u64>("k").wait()));
            server.kill9();
            until(|| cache.get::<u64>("k").wait().is_err());
            until(|| runtime.block_on(async { cache.get::<u64>("k").await.is_err() }));
            server.restart();
        }
    });
}

#[test]
fn a_server_that_is_stopped_costs_a_budget() {
    ends(|| {
        let server = RedisServer::start();
        let redis = Redis::connect(server.url()).wait().unwrap();
        let builder = Cache::builder().backend(redis).key_prefix("stopped:");
        let cache = builder.build().unwrap();
        until(|| cache.set("k", &1_u64, 60).wait().is_ok());
        until_beside(&server, || drop(cache.get::<u64>("k").wait()));
        server.stop();
        let begin = Instant::now();
        assert!(cache.get::<u64>("k").wait().is_err());
        assert!(begin.elapsed() < Duration::from_secs(1));
        server.cont();
        until(|| cache.get::<u64>("k").wait().is_ok());
    });
}

#[test]
fn many_threads_and_runtimes_read_at_once() {
    let server = RedisServer::start();
    let cache = patient(&server, "crowd:");
    cache.set("k", &1_u64, 60).wait().unwrap();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for _ in 0..300 {
                    assert_eq!(cache.get::<u64>("k").wait().unwrap(), Some(1));
                }
            });
            scope.spawn(|| {
                let runtime = runtime();
                for _ in 0..300 {
                    assert_eq!(runtime.block_on(read(&cache, "k")), Some(1));
                }
            });
        }
    });
}

/// Waits on this thread, by no runtime.
fn futures_wait<F: Future>(future: F) -> F::Output {
    smol::block_on(future)
}
